import type { Connection, ConnectPorts } from '../account/connect.ts';
import type { Fill } from '../exchange/exchange.ts';
import { isCash, type Market } from '../exchange/market.ts';
import { UNATTENDED_MS } from '../exit/patient-session.ts';
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

/** What a run of a copy works with. */
export interface CopyRunPorts extends CopyPorts {
  /** Real milliseconds before the run is ended from outside. */
  remainingMs(): number;
}

/**
 * What is to be left of the run once it has the key: an order, and some patience where it is in doubt. A BUY that
 * waits for long is of less and less use, a SELL of no less.
 */
const NEEDS_MS = { BUY: 30 * SECOND, SELL: 20 * SECOND } as const;
/** Longest wait for certainty about an order; after it the message comes back later. */
const PATIENCE_MS = 18 * SECOND;

/** As long as the run has time: a message that is given back comes again only after minutes. */
export const connectionTerms = ({ trade }: Copy, { remainingMs }: CopyRunPorts) =>
  ({
    holder: `copy ${trade.tradeId}`,
    priority: 'normal',
    waitMs: Math.max(0, remainingMs() - NEEDS_MS[trade.side]),
  }) as const;

/** Of all pauses of a SELL for a key that has asked too often: given back, its message comes only after minutes. */
export const sellPatienceMs = ({ remainingMs }: CopyRunPorts): number =>
  Math.max(0, Math.min(UNATTENDED_MS, remainingMs() - NEEDS_MS.SELL));

/** Whether there is time to begin anew after a pause. */
export const hasTimeAfter = (pauseMs: number, { remainingMs }: CopyRunPorts): boolean =>
  remainingMs() - pauseMs >= NEEDS_MS.SELL;

/** The account is not as it was decided on any more. Nothing was sent: decide anew. */
export class AccountChanged extends Error {
  override readonly name = 'AccountChanged';
}

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
    ...(before.marketPrice === undefined ? {} : { marketPrice: before.marketPrice }),
    ...(short.isZero() ? {} : { short }),
  };
};
