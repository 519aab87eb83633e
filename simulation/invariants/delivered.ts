import * as z from 'zod';
import { type Instant, MINUTE } from '../../shared/time/clock.ts';
import { copyOf } from './evidence/copies.ts';
import { jsonOf } from './evidence/json.ts';
import { guarantee } from './guarantee.ts';

const zQueued = z.looseObject({ Records: z.array(z.looseObject({ body: z.string() })) });
const zMessage = z.looseObject({ accountId: z.string(), tradeId: z.string() });

/** Faults keep a check from an account for some of its periods, not for as long as it would wait for the queue. */
const LATEST_MS = 29 * MINUTE;

const since = (profile: Readonly<Record<string, unknown>>): Instant =>
  Number(profile['followsSince'] ?? profile['registeredAt']);

/**
 * Each copy comes to its worker by a message of its own. The checks find a copy without one, too, but only after half
 * an hour: a SELL that waits for them is not lost, and late all the same. Where an account stopped following between
 * two tries of handing out the trade, its next check is all that is left, and has ended the copy.
 */
export const everyCopyIsDelivered = guarantee('5 every copy has its message', (evidence) => {
  const delivered = new Set<string>();
  evidence.onSeen((seen) => {
    if (seen.kind !== 'invocation' || seen.fn !== 'copy-worker') return;
    const queued = zQueued.safeParse(seen.event);
    for (const { body } of queued.data?.Records ?? []) {
      const message = zMessage.safeParse(jsonOf(body));
      if (message.success) delivered.add(`${message.data.accountId} ${message.data.tradeId}`);
    }
  });
  return () => {
    for (const item of evidence.items()) {
      if (item['kind'] !== 'COPY') continue;
      const { accountId, trade } = copyOf(item);
      if (delivered.has(`${accountId} ${trade.tradeId}`)) continue;
      const profile = evidence.item(accountId, 'PROFILE');
      const follows = profile?.['follows'] === trade.masterId && since(profile) <= trade.at;
      const endedAt = Number(item['finishedAt'] ?? Number.NaN);
      if (follows || !(endedAt - Number(item['createdAt']) < LATEST_MS))
        return `no message of the copy of trade ${trade.tradeId} (${trade.side} ${trade.symbol}) ever came to ${accountId}'s worker`;
    }
    return undefined;
  };
});
