import type { AccountId } from '../account/account.ts';
import type { PrivateSession } from '../exchange/exchange.ts';
import type { Market, MarketSymbol } from '../exchange/market.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type OrderEndLedger, recordClosedOrder } from '../ledger/record-order.ts';
import {
  averagePrice,
  floorTo,
  least,
  lessAtMost,
  minus,
  type Price,
  plus,
  type Quantity,
  type QuoteAmount,
  quote,
  text,
  ZERO_QUANTITY,
  ZERO_QUOTE,
} from '../money/money.ts';
import { afterRefusal, type BackOff, restsAfter } from '../order/back-off.ts';
import { fitToMarket } from '../order/fit.ts';
import { type Cause, clientOrderIdOf } from '../order/order.ts';
import { placeOnce } from '../order/place-once.ts';
import { type ClosedOrder, isTooLittle, type RejectedOrder, resumeOrder } from '../order/resume-order.ts';
import type { Log, Meter } from '../telemetry/telemetry.ts';
import { type Clock, SECOND } from '../time/clock.ts';
import { exitHolding, wantedOf, whyNothing } from './exit-holding.ts';
import type { ExitScope, ExitSymbolResult } from './exit-request.ts';
import { type SaleEnd, whyDelisted, whyUnsold } from './why-unsold.ts';

export interface SellTarget {
  readonly accountId: AccountId;
  readonly scope: ExitScope;
  readonly symbol: MarketSymbol;
  /** At most this much, over all rounds. All, where not given. */
  readonly most?: Quantity;
  /** Nobody asked for it now: what was refused again and again rests before it is tried again. */
  readonly mayRest: boolean;
  /** What an earlier try of the same sale recorded. */
  readonly earlier: ExitSymbolResult | undefined;
  /** Why it is sold, for the log: `exit away`. */
  readonly why: string;
  /** The cause of the order of each round; the first is round 1. */
  causeOf(round: number): Cause;
}

/** What selling reads and writes. */
export type SellLedger = OrderEndLedger & Pick<Ledger, 'orders' | 'positions'>;

export interface SellOutPorts {
  readonly ledger: SellLedger;
  readonly session: PrivateSession;
  /** Those that the exchange lists or listed once. */
  readonly everListed: readonly Market[];
  /** For the minimum cost, which is judged beforehand; an exit works without it. */
  priceOf(symbol: MarketSymbol): Promise<Price | undefined>;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** Keeps the key for another order. @throws LeaseLost */
  keep(): Promise<void>;
}

const PATIENCE_MS = 20 * SECOND;
/** Of one call, where market orders keep being filled only in part. */
const MOST_ORDERS = 5;

/**
 * Sells one symbol of an account until the exchange shows that nothing sellable is left of it, or `most` is sold.
 * Each round is one market order with a cause of its own; the next begins only when the one before is over and
 * recorded. With a `most` of zero nothing is sent, only found out what was sold before.
 * Never throws: a failure is the result, and the next call with the same causes goes on from there.
 */
export const sellOut = async (target: SellTarget, ports: SellOutPorts): Promise<ExitSymbolResult> => {
  const { symbol, earlier } = target;
  let tally: Tally = {
    symbol,
    rounds: earlier?.rounds ?? 0,
    quantity: earlier?.quantity ?? ZERO_QUANTITY,
    proceeds: earlier?.proceeds ?? ZERO_QUOTE,
    fees: earlier?.fees ?? ZERO_QUOTE,
    left: earlier?.left ?? ZERO_QUANTITY,
    ...(earlier?.leftIsKnown === true ? { leftIsKnown: true } : {}),
    ...(earlier?.backOff === undefined ? {} : { backOff: earlier.backOff }),
  };
  // An order that is sent and never heard of again hides what it was sent for from no later try.
  const see = (now: Tally): void => {
    tally = now;
  };
  try {
    const market = ports.everListed.find((known) => known.symbol === symbol);
    if (market === undefined)
      throw new Error(`the exchange lists no market ${symbol}: check the spelling, or sell it by hand`);
    const bid = market.status === 'delisted' ? undefined : await ports.priceOf(symbol);
    for (let orders = 0; orders < MOST_ORDERS; orders += 1) {
      const step = await nextOrder(target, market, bid, { tally, see }, ports);
      tally = step.tally;
      if (step.end?.state === 'DELISTED')
        ports.log.warn('a symbol cannot be sold: its market is delisted', {
          account: target.accountId,
          cause: target.why,
          symbol,
          detail: step.end.detail,
        });
      if (step.end !== undefined) return resultOf(tally, step.end);
    }
    const detail = `${text(tally.left)} is left after ${MOST_ORDERS} orders: ask again`;
    return resultOf(tally, { state: 'FAILED', detail });
  } catch (error) {
    ports.log.error('a symbol could not be sold', error, {
      account: target.accountId,
      cause: target.why,
      symbol,
    });
    const detail = error instanceof Error ? error.message : String(error);
    return resultOf(tally, { state: 'FAILED', detail });
  }
};

interface Tally {
  readonly symbol: MarketSymbol;
  readonly rounds: number;
  readonly quantity: Quantity;
  /** Less the fees; below zero where they ate it up. */
  readonly proceeds: QuoteAmount;
  readonly fees: QuoteAmount;
  readonly left: Quantity;
  readonly leftIsKnown?: true;
  readonly backOff?: BackOff;
}

interface Step {
  readonly tally: Tally;
  readonly end?: SaleEnd;
}

/** Finishes the order that was begun, or sends the next one, or says why there is no next one. */
const nextOrder = async (
  target: SellTarget,
  market: Market,
  bid: Price | undefined,
  { tally, see }: { readonly tally: Tally; see(now: Tally): void },
  ports: SellOutPorts,
): Promise<Step> => {
  const { accountId } = target;
  const { orders } = ports.ledger;
  await ports.keep();
  const lookUp = {
    orders,
    session: ports.session,
    clock: ports.clock,
    log: ports.log,
    patienceMs: PATIENCE_MS,
  };
  const cause = target.causeOf(tally.rounds + 1);
  let known = await orders.get(accountId, clientOrderIdOf(cause));
  if (known !== undefined) {
    const resumed = await resumeOrder(known, lookUp);
    if (resumed.state !== 'ABSENT') return await conclude(resumed, market, tally, ports);
    known = resumed.record;
  }
  const due = (all: Quantity): Quantity =>
    target.most === undefined ? all : least(all, lessAtMost(target.most, tally.quantity));
  // The rounds after the first would only say again what is missing.
  const tells = tally.rounds === (target.earlier?.rounds ?? 0);
  const held = await exitHolding(target, { market, bid, due, tells }, ports);
  const { wanted: all, unstaked } = wantedOf(target.scope, held);
  const wanted = due(all);
  if (market.status === 'delisted' && !all.isZero())
    return { tally: { ...tally, left: all }, end: { state: 'DELISTED', detail: whyDelisted(market, all) } };
  // Where only so much may be sold, it is not all that there is.
  const now: Tally = { ...tally, left: wanted, ...(target.most === undefined ? { leftIsKnown: true } : {}) };
  see(now);
  if (wanted.isZero()) {
    const nothing = whyNothing(held, market);
    return {
      tally: now,
      end: tally.quantity.isZero()
        ? { state: 'FLAT', detail: all.isZero() ? nothing : 'nothing was sold' }
        : {
            state: 'SOLD',
            detail: !all.isZero() ? 'all that was asked for' : held.lacking ? nothing : 'nothing left',
          },
    };
  }
  const sellable = least(wanted, unstaked);
  const fit = fitToMarket(least(sellable, held.free), market, bid);
  if (!fit.fits) return { tally: now, end: whyUnsold({ wanted, sellable, held, market, bid }) };
  const resting = target.mayRest ? restsAfter(tally.backOff, ports.clock.now()) : undefined;
  if (resting !== undefined) return { tally: now, end: { state: 'FAILED', detail: resting } };
  const request = { cause, market, quantity: fit.quantity, side: 'SELL', type: 'MARKET' } as const;
  const placed = await placeOnce(request, known, { ...lookUp, beforeSend: async () => undefined });
  if (placed.state === 'WITHHELD') throw new Error('nothing withholds a SELL');
  const step = await conclude(placed, market, now, ports);
  const isAll = fit.quantity.eq(floorTo(all, market.quantityStep));
  return isAll && isTooLittle(placed) && step.end !== undefined
    ? { ...step, end: { ...step.end, state: 'DUST', tooLittle: true } }
    : step;
};

const conclude = async (
  result: ClosedOrder | RejectedOrder,
  market: Market,
  tally: Tally,
  ports: SellOutPorts,
): Promise<Step> => {
  const at = ports.clock.now();
  const { backOff, ...before } = tally;
  const rounds = tally.rounds + 1;
  const unsold = (detail: string): Step => ({
    tally: { ...before, rounds, backOff: afterRefusal(backOff, at, detail) },
    end: { state: 'FAILED', detail },
  });
  if (result.state === 'REJECTED') {
    const { reason, message } = result.record;
    return unsold(`the exchange refused: ${reason ?? 'UNKNOWN'}: ${message ?? ''}`);
  }
  await recordClosedOrder({ ...result, market, at }, ports.ledger);
  const { order, fills } = result;
  if (order.filled.isZero()) return unsold('the market order found no buyer: ask again');
  const fees = fills.reduce(
    (sum, { fee }) => (fee.asset === market.quote ? plus(sum, quote(fee.amount)) : sum),
    ZERO_QUOTE,
  );
  return {
    tally: {
      ...before,
      rounds,
      quantity: plus(tally.quantity, order.filled),
      left: lessAtMost(tally.left, order.filled),
      proceeds: plus(tally.proceeds, minus(order.cost, fees)),
      fees: plus(tally.fees, fees),
    },
  };
};

const resultOf = (tally: Tally, end: SaleEnd): ExitSymbolResult => ({
  symbol: tally.symbol,
  quantity: tally.quantity,
  ...(tally.quantity.isZero()
    ? {}
    : { price: averagePrice(plus(tally.proceeds, tally.fees), tally.quantity) }),
  proceeds: tally.proceeds,
  fees: tally.fees,
  left: tally.left,
  ...(end.state === 'FAILED' && tally.leftIsKnown === true ? { leftIsKnown: true } : {}),
  ...end,
  rounds: tally.rounds,
  ...(tally.backOff === undefined ? {} : { backOff: tally.backOff }),
});
