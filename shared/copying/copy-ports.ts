import type { Connection, ConnectPorts } from '../account/connect.ts';
import type { Fill } from '../exchange/exchange.ts';
import { isCash, type Market } from '../exchange/market.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type OrderEnd, recordClosedOrder } from '../ledger/record-order.ts';
import {
  averagePrice,
  lessAtMost,
  notional,
  plus,
  type Quantity,
  type QuoteAmount,
  quote,
  slippageBps,
  text,
  ZERO_QUOTE,
} from '../money/money.ts';
import type { OrderRecord } from '../order/order.ts';
import type { ClosedOrder, LookUpPorts, RejectedOrder } from '../order/resume-order.ts';
import type { Meter } from '../telemetry/telemetry.ts';
import { type Clock, SECOND } from '../time/clock.ts';
import type { Copy, CopyOutcome } from './copy.ts';

export interface CopyPorts extends ConnectPorts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly meter: Meter;
}

/** Longest wait for the account's key: an exit that has it is bounded by the lease's time to live. */
const LEASE_WAIT_MS = 25 * SECOND;
/** Longest wait for certainty about an order; after it the message comes back later. */
const PATIENCE_MS = 18 * SECOND;

export const connectionTerms = (copy: Copy) =>
  ({ holder: `copy ${copy.trade.tradeId}`, priority: 'normal', waitMs: LEASE_WAIT_MS }) as const;

export const lookUpPorts = (ports: CopyPorts, connection: Connection): LookUpPorts => ({
  orders: ports.ledger.orders,
  session: connection.session,
  clock: ports.clock,
  log: ports.log,
  patienceMs: PATIENCE_MS,
});

/** Records how the copy's order ended: fills, position, order and copy in one transaction. */
export const concludeCopy = async (
  copy: Copy,
  market: Market,
  result: ClosedOrder | RejectedOrder,
  ports: CopyPorts,
  known: { readonly asRead?: NonNullable<OrderEnd['asRead']> } = {},
): Promise<CopyOutcome> => {
  const at = ports.clock.now();
  if (result.state === 'REJECTED') {
    const { reason, message, side } = result.record;
    const outcome: CopyOutcome = {
      state: 'FAILED',
      reason: 'REJECTED',
      detail: `${reason ?? 'UNKNOWN'}: ${message ?? 'no text'}`,
      ...(side === 'SELL' ? { asked: askedBy(result.record) } : {}),
    };
    await ports.ledger.copies.finish(copy, outcome, at);
    return outcome;
  }
  const outcome = outcomeOf(copy, market, result);
  const end = { ...result, market, copy: { before: copy, outcome }, at };
  await recordClosedOrder(known.asRead === undefined ? end : { ...end, asRead: known.asRead }, ports.ledger);
  return outcome;
};

/** What an order was to bring about; the order itself may be for less. */
export const askedBy = ({ asked, quantity }: OrderRecord): Quantity => asked ?? quantity;

/** A fee in a third asset (a fee credit) has no price here and counts as nothing. */
const feeInQuote = ({ fee, price: at }: Fill, market: Market): QuoteAmount => {
  if (fee.asset === market.quote || isCash(fee.asset)) return quote(fee.amount);
  return fee.asset === market.base ? notional(fee.amount, at) : ZERO_QUOTE;
};

const outcomeOf = (copy: Copy, market: Market, { before, order, fills }: ClosedOrder): CopyOutcome => {
  const { trade } = copy;
  const asked = askedBy(before);
  const last = fills.at(-1);
  if (last === undefined) {
    return before.limitPrice === undefined
      ? { state: 'FAILED', reason: 'NOT_SOLD', detail: 'the market order found no buyer', asked }
      : {
          state: 'SKIPPED',
          reason: 'NOT_FILLED',
          detail: `nothing was offered at ${text(before.limitPrice)} or better`,
        };
  }
  const paid = averagePrice(order.cost, order.filled);
  const short = lessAtMost(asked, order.filled);
  return {
    state: 'FILLED',
    quantity: order.filled,
    price: paid,
    fees: fills.reduce((sum, fill) => plus(sum, feeInQuote(fill, market)), ZERO_QUOTE),
    orderLatencyMs: Math.max(0, before.intendedAt - trade.at),
    fillLatencyMs: Math.max(0, last.at - trade.at),
    slippageBps: slippageBps(trade.price, paid, trade.side),
    clientOrderId: before.clientOrderId,
    ...(short.isZero() ? {} : { short }),
  };
};
