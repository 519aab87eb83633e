import type { Copy, CopyOutcome } from '../copying/copy.ts';
import type { Fill } from '../exchange/exchange.ts';
import type { Market } from '../exchange/market.ts';
import { ConcurrentChange, type OrderRecord } from '../order/order.ts';
import type { Instant } from '../time/clock.ts';
import { applyFills } from './apply-fills.ts';
import type { Ledger } from './ledger.ts';

/** How many fills one transaction carries beside the items that end with them. */
export const FILLS_PER_TRANSACTION = 90;
const ATTEMPTS = 5;

/**
 * Records the end of one of our orders: its fills that are not recorded yet, the position they lead to, the
 * order, and the copy it served. Doing it again changes nothing.
 *
 * @throws ConcurrentChange when the position kept changing under us; ask again
 */
export const recordClosedOrder = async (
  input: {
    readonly market: Market;
    readonly before: OrderRecord;
    readonly after: OrderRecord;
    readonly fills: readonly Fill[];
    readonly copy?: { readonly before: Copy; readonly outcome: CopyOutcome };
    readonly at: Instant;
  },
  ledger: Ledger,
): Promise<void> => {
  const { market, before, after, at } = input;
  const { accountId } = before;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const recorded = await ledger.fills.recorded(
        accountId,
        input.fills.map((fill) => fill.fillId),
      );
      const fresh = input.fills.filter((fill) => !recorded.has(fill.fillId));
      let position = await ledger.positions.get(accountId, market.symbol);
      for (let from = 0; ; from += FILLS_PER_TRANSACTION) {
        const fills = fresh.slice(from, from + FILLS_PER_TRANSACTION);
        const last = from + FILLS_PER_TRANSACTION >= fresh.length;
        const next = applyFills(position, fills, market, accountId);
        const closesOrder = last && before.state !== 'CLOSED';
        if (fills.length > 0 || closesOrder || (last && input.copy !== undefined)) {
          await ledger.recordExecution({
            accountId,
            symbol: market.symbol,
            fills,
            position: { before: position, after: next },
            ...(closesOrder ? { order: { before, after } } : {}),
            ...(last && input.copy !== undefined ? { copy: input.copy } : {}),
            at,
          });
        }
        if (last) return;
        position = next;
      }
    } catch (error) {
      if (!(error instanceof ConcurrentChange) || attempt === ATTEMPTS) throw error;
    }
  }
};
