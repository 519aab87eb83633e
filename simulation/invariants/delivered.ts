import * as z from 'zod';
import { copyOf } from './evidence/copies.ts';
import { jsonOf } from './evidence/json.ts';
import { guarantee } from './guarantee.ts';

const zQueued = z.looseObject({ Records: z.array(z.looseObject({ body: z.string() })) });
const zMessage = z.looseObject({ accountId: z.string(), tradeId: z.string() });

/**
 * Each copy comes to its worker by a message of its own. The checks find a copy without one, too, but only after half
 * an hour: a SELL that waits for them is not lost, and late all the same.
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
      if (!delivered.has(`${accountId} ${trade.tradeId}`))
        return `no message of the copy of trade ${trade.tradeId} (${trade.side} ${trade.symbol}) ever came to ${accountId}'s worker`;
    }
    return undefined;
  };
});
