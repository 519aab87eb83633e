import * as z from 'zod';
import { COPY_DELIVERIES, COPY_HIDDEN_MS } from '../../infra/functions/specs.ts';
import { copyOf, publishedTrade } from './evidence/copies.ts';
import type { Evidence } from './evidence/evidence.ts';
import { guarantee } from './guarantee.ts';

const zAccount = z.looseObject({ kind: z.literal('COPY'), accountId: z.string() });

/**
 * By then its message has been given up, and checks go on with it: they leave alone what was bought for later trades,
 * which is judged with the sizes of sales.
 */
const GIVEN_UP_WITHIN_MS = COPY_DELIVERIES * COPY_HIDDEN_MS;

/** A SELL of the same symbol whose copy is in the queue, is older, and has not ended. */
const overtaken = (
  evidence: Evidence,
  accountId: string,
  { symbol, at }: { readonly symbol: string; readonly at: number },
): string | undefined => {
  for (const item of evidence.items()) {
    if (zAccount.safeParse(item).data?.accountId !== accountId) continue;
    const { trade, outcome, createdAt } = copyOf(item);
    if (evidence.world.sim.now() - createdAt >= GIVEN_UP_WITHIN_MS) continue;
    if (outcome === undefined && trade.side === 'SELL' && trade.symbol === symbol && trade.at < at)
      return trade.tradeId;
  }
  return undefined;
};

/** Else the later purchase would be sold for the earlier sale, and the account left with what its master does not hold. */
export const sellsAreNotOvertaken = guarantee('5 no BUY overtakes a SELL', (evidence, broken) => {
  evidence.onOrder(({ order: { side, accountId, symbol, orderId }, cause }) => {
    if (side !== 'BUY' || cause?.kind !== 'copy') return;
    const item = evidence.tradeItem(cause.tradeId);
    if (item === undefined) return;
    const sale = overtaken(evidence, accountId, { symbol, at: publishedTrade(item).at });
    if (sale !== undefined)
      broken(
        `BUY ${orderId} of ${accountId} (${symbol}) for ${cause.tradeId} went out before its SELL for ${sale} had ended`,
      );
  });
  return undefined;
});
