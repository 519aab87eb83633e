import * as z from 'zod';
import { zAccountId, zMasterId } from '../../account/account.ts';
import { FOLLOWING_STATES, type FollowingState, type FollowingStore } from '../../copying/following.ts';
import { type Entity, fromItem, toItem } from './entity.ts';
import { SORT } from './keys.ts';
import type { Table } from './table-access.ts';
import { nextVersion, wroteNext } from './versions.ts';

export const followingEntity: Entity<FollowingState> = {
  kind: 'FOLLOWING',
  schema: z.object({
    accountId: zAccountId,
    masterId: zMasterId,
    state: z.enum(FOLLOWING_STATES),
    reason: z.string(),
    since: z.number(),
    version: z.int().min(1),
  }),
  key: ({ accountId }) => ({ pk: accountId, sk: SORT.following }),
};

export const dynamoFollowing = (table: Table): FollowingStore => ({
  get: async (accountId) => {
    const key = { pk: accountId, sk: SORT.following };
    const item = await table.get(`read whether ${accountId} follows its master`, key);
    return item === undefined ? undefined : fromItem(followingEntity, item);
  },
  save: async (state) =>
    await wroteNext(async () => {
      await table.write({
        type: 'put',
        what: `whether ${state.accountId} follows its master`,
        item: toItem(followingEntity, state),
        condition: nextVersion(state.version),
      });
    }),
});
