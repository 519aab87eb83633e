import type { Limits } from '../account/limits.ts';
import type { Sizing } from '../account/sizing.ts';
import type { Market } from '../exchange/market.ts';
import {
  type Fraction,
  floorTo,
  greatest,
  least,
  lessAtMost,
  notional,
  ONE,
  type Price,
  type Quantity,
  type QuoteAmount,
  quantityFor,
  quote,
  ratio,
  scale,
  text,
  ZERO_QUOTE,
} from '../money/money.ts';
import { fitToMarket } from '../order/fit.ts';
import { cameLater } from './reach.ts';
import { askedOf, type Shown, sizeSale } from './size-sale.ts';
import type { Trade } from './trade.ts';

export interface BuySizeInput {
  readonly trade: Pick<Trade, 'quantity' | 'notional' | 'masterEquityBefore'>;
  readonly sizing: Sizing;
  readonly limits: Pick<Limits, 'maxTradeFraction' | 'cashReserve'>;
  readonly equity: QuoteAmount;
  /** Free units of the market's own quote asset: what can pay. */
  readonly freeQuote: QuoteAmount;
  /** The most that will be paid per unit. */
  readonly limitPrice: Price;
  readonly takerFee: Fraction;
  readonly market: Market;
}

export type BuySize =
  | {
      readonly ok: true;
      readonly quantity: Quantity;
      /** quantity × limit price, without the fee */
      readonly notional: QuoteAmount;
    }
  | { readonly ok: false; readonly reason: 'INSUFFICIENT_CASH' | 'BELOW_MINIMUM'; readonly detail: string };

/**
 * How much to buy. The wanted amount (by sizing mode) is cut to `maxTradeFraction` of equity, then to what
 * free cash pays after the reserve (a share of equity) and the fee, then rounded down to the market's step;
 * never up. Skipped only where what is left is below the market's minimum.
 */
export const sizeBuy = (input: BuySizeInput): BuySize => {
  const { trade, limits, equity, limitPrice, market } = input;
  const capped = least(wantedAmount(input), scale(greatest(equity, ZERO_QUOTE), limits.maxTradeFraction));
  const spendable = lessAtMost(input.freeQuote, scale(greatest(equity, ZERO_QUOTE), limits.cashReserve));
  const affordable = quote(spendable.div(ONE.plus(input.takerFee)));
  const minimum = greatest(market.minimumCost, notional(market.minimumQuantity, limitPrice));
  if (affordable.lt(minimum)) {
    return {
      ok: false,
      reason: 'INSUFFICIENT_CASH',
      detail: `${text(floorTo(affordable, CENT))} ${market.quote} can be spent after reserve and fee; the market's minimum is ${text(minimum)}`,
    };
  }
  const fit = fitToMarket(quantityFor(least(capped, affordable), limitPrice), market, limitPrice);
  if (!fit.fits) {
    return {
      ok: false,
      reason: 'BELOW_MINIMUM',
      detail: `${fit.why} (the trade calls for ${text(floorTo(capped, CENT))} ${market.quote}, master quantity ${text(trade.quantity)})`,
    };
  }
  return { ok: true, quantity: fit.quantity, notional: notional(fit.quantity, limitPrice) };
};

const CENT = quote('0.01');

/** What the account's sizing calls for, before any cap. */
export const wantedAmount = ({
  sizing,
  trade,
  equity,
  limitPrice,
}: Pick<BuySizeInput, 'sizing' | 'trade' | 'equity' | 'limitPrice'>): QuoteAmount => {
  switch (sizing.mode) {
    case 'proportional':
      if (!trade.masterEquityBefore.gt(0)) return ZERO_QUOTE;
      return scale(
        scale(greatest(equity, ZERO_QUOTE), ratio(trade.notional, trade.masterEquityBefore)),
        sizing.multiplier,
      );
    case 'fixed-amount':
      return sizing.amount;
    case 'fixed-ratio':
      return notional(scale(trade.quantity, sizing.ratio), limitPrice);
  }
};

export type SellSize =
  | {
      readonly ok: true;
      readonly quantity: Quantity;
      readonly all: boolean;
      /** What the trade calls for; more than `quantity` where not all of it is free. */
      readonly asked: Quantity;
    }
  | {
      readonly ok: false;
      readonly reason: 'NO_POSITION' | 'BELOW_MINIMUM';
      readonly detail: string;
    }
  | {
      readonly ok: false;
      readonly reason: 'LOCKED' | 'NOTHING_HELD_YET';
      readonly asked: Quantity;
      readonly detail: string;
    };

/**
 * How much to sell: what is within reach × the fraction the master sold; all within reach where the rest of the
 * position could not be sold any more; never more than is free at the exchange. Sized from what is held, never
 * from cash.
 */
export const sizeSell = (input: {
  /** The managed position. */
  readonly position: Quantity;
  /** Of it, what did not come after the trade (see reach.ts). */
  readonly reach: Quantity;
  readonly soldFraction: Fraction;
  readonly shown: Shown;
  readonly market: Market;
  /** For the minimum cost; where there is none, the exchange decides. */
  readonly price: Price | undefined;
}): SellSize => {
  const { position, reach, shown, market, price } = input;
  if (position.isZero())
    return { ok: false, reason: 'NO_POSITION', detail: `no ${market.symbol} was bought here` };
  if (reach.isZero()) return { ok: false, reason: 'NO_POSITION', detail: cameLater(market.symbol) };
  const share = least(input.soldFraction, ONE);
  const wanted = scale(reach, share);
  const { all, asked } = askedOf({ wanted, reach, position, whole: share.gte(1), market, price });
  const size = sizeSale(asked, shown, market, price);
  if (size.ok) return { ...size, all };
  return size.reason === 'TOO_LITTLE'
    ? { ok: false, reason: 'BELOW_MINIMUM', detail: size.detail }
    : { ...size, reason: size.reason };
};
