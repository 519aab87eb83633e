import * as z from 'zod';
import { zAccountId } from '../../../account/account.ts';
import { FOLLOWING_STATES } from '../../../copying/following.ts';
import { causeOf, reading } from './reader.ts';

const zStatus = z.object({ masterId: zAccountId, healthy: z.boolean(), reason: z.string(), at: z.number() });

/** MASTER_STATUS: a master that says of itself that it is not healthy, or is so again. */
export const masterNotices = reading(zStatus, ({ masterId, healthy, reason, at }, before) => {
  const head = { cause: causeOf('status', masterId, at), concerns: masterId, at };
  if (!healthy && before?.healthy !== false)
    return [
      { ...head, kind: 'master-down', reason: masterId, says: `${masterId} is not healthy: ${reason}` },
    ];
  if (healthy && before?.healthy === false)
    return [
      {
        ...head,
        kind: 'master-back',
        reason: masterId,
        says: `${masterId} is healthy again; it was not: ${before.reason}`,
      },
    ];
  return [];
});

const zFollowing = z.object({
  accountId: zAccountId,
  masterId: zAccountId,
  state: z.enum(FOLLOWING_STATES),
  reason: z.string(),
  since: z.number(),
  version: z.number(),
});

/** FOLLOWING: what a check of a follower found of its master, where that has changed. */
export const followingNotices = reading(
  zFollowing,
  ({ accountId, masterId, state, reason, since, version }, last) => {
    const head = { cause: causeOf('following', accountId, version), concerns: accountId, at: since };
    const before = last?.masterId === masterId ? last.state : undefined;
    if (state === before) return [];
    if (state === 'standalone')
      return [
        {
          ...head,
          kind: 'standalone',
          reason: masterId,
          says: `${accountId} buys nothing: its master ${masterId} is not healthy (${reason})`,
        },
      ];
    if (before === undefined) return [];
    const says = `${accountId} follows ${masterId} again`;
    return [{ ...head, kind: 'following-again', reason: masterId, says }];
  },
);
