import type { Copy, CopyOutcome } from '../copying/copy.ts';
import type { Fill } from '../exchange/exchange.ts';
import type { Market } from '../exchange/market.ts';
import { ConcurrentChange, type OrderRecord } from '../order/order.ts';
import type { Instant } from '../time/clock.ts';
import { applyFills } from './apply-fills.ts';
import type { Ledger } from './ledger.ts';
import type { Position } from './position.ts';

/** How many fills one transaction carries beside the items that end with them. */
export const FILLS_PER_TRANSACTION = 90;
const ATTEMPTS = 5;

/** What it takes of the ledger to record how an order ended. */
export type OrderEndLedger = Pick<Ledger, 'orders' | 'fills' | 'positions' | 'copies' | 'recordExecution'>;

/** The end of one of our orders. */
export interface OrderEnd {
  readonly market: Market;
  readonly before: OrderRecord;
  readonly after: OrderRecord;
  readonly fills: readonly Fill[];
  readonly copy?: { readonly before: Copy; readonly outcome: CopyOutcome };
  readonly at: Instant;
  /**
   * What the only writer read before it sent the order: saves reading it again. Where it is not true any
   * more, nothing is written and all is read again.
   */
  readonly asRead?: { readonly position?: Position };
}

/**
 * Records the end of one of our orders: its fills that are not recorded yet, the position they lead to, the
 * order, and the copy it served. Doing it again changes nothing.
 *
 * @throws ConcurrentChange when the position kept changing under us; ask again
 */
export const recordClosedOrder = async (input: OrderEnd, ledger: OrderEndLedger): Promise<void> => {
  let open = input;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await recordOnce(open, ledger);
    } catch (error) {
      if (!(error instanceof ConcurrentChange) || attempt === ATTEMPTS) throw error;
      open = await stillOpen(open, ledger);
    }
  }
};

const recordOnce = async (
  { market, before, after, copy, at, asRead, ...input }: OrderEnd,
  ledger: OrderEndLedger,
): Promise<void> => {
  const { accountId } = before;
  const ids = input.fills.map(({ fillId }) => fillId);
  const recorded = asRead === undefined ? await ledger.fills.recorded(accountId, ids) : new Set<string>();
  const fresh = input.fills.filter((fill) => !recorded.has(fill.fillId));
  let position = asRead?.position ?? (await ledger.positions.get(accountId, market.symbol));
  for (let from = 0; ; from += FILLS_PER_TRANSACTION) {
    const fills = fresh.slice(from, from + FILLS_PER_TRANSACTION);
    const last = from + FILLS_PER_TRANSACTION >= fresh.length;
    const next = applyFills(position, fills, market, accountId);
    const closesOrder = last && before.state !== 'CLOSED';
    const endsCopy = last && copy !== undefined;
    if (fills.length > 0 || closesOrder || endsCopy) {
      await ledger.recordExecution({
        accountId,
        symbol: market.symbol,
        fills,
        cause: before.cause,
        position: { before: position, after: next },
        ...(closesOrder ? { order: { before, after } } : {}),
        ...(endsCopy ? { copy } : {}),
        at,
      });
    }
    if (last) return;
    position = next;
  }
};

/**
 * The same end without what another worker has recorded in between: an order that is closed or a copy that
 * has ended must not keep the fills out of the ledger.
 */
const stillOpen = async (
  { copy, asRead: _outdated, ...end }: OrderEnd,
  ledger: OrderEndLedger,
): Promise<OrderEnd> => {
  const { accountId, clientOrderId } = end.before;
  const order = await ledger.orders.get(accountId, clientOrderId);
  const ended =
    copy !== undefined &&
    (await ledger.copies.get(accountId, copy.before.trade.tradeId))?.outcome !== undefined;
  return {
    ...end,
    ...(order?.state === 'CLOSED' ? { before: order } : {}),
    ...(copy === undefined || ended ? {} : { copy }),
  };
};
