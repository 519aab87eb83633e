import { DEFAULT_PAIRS, type PairSpec } from '../../infra/local/kraken/pairs.ts';
import { isCash, type MarketSymbol } from '../../shared/exchange/market.ts';
import {
  bps,
  type Fraction,
  floorTo,
  fractionOfBps,
  notional,
  type Price,
  plus,
  price,
  type Quantity,
  type QuoteAmount,
  quantity,
  quote,
  ZERO_QUANTITY,
  ZERO_QUOTE,
} from '../../shared/money/money.ts';
import type { World } from '../world/world.ts';

const QUANTITY_STEP = quantity('0.00000001');

/** @throws TypeError for a symbol that the simulated exchange has never listed */
export const pairOf = (symbol: MarketSymbol): PairSpec => {
  const pair = DEFAULT_PAIRS.find((spec) => spec.symbol === symbol);
  if (pair === undefined)
    throw new TypeError(`the simulated exchange has no such market (given '${symbol}')`);
  return pair;
};

export const assetOf = (symbol: MarketSymbol): string => pairOf(symbol).base.code;

/** @param points a whole number: 10,000 is all */
export const basisPoints = (points: number): Fraction => fractionOfBps(bps(String(points)));

/** @param share a whole number: 100 is all */
export const percent = (share: number): Fraction => basisPoints(share * 100);

export const toStep = (amount: Quantity): Quantity => floorTo(amount, QUANTITY_STEP);

export const toTick = (at: Price, symbol: MarketSymbol): Price => floorTo(at, price(pairOf(symbol).tickSize));

/** Undefined where it is not listed any more. */
export const priceOf = ({ exchange }: World, symbol: MarketSymbol) => {
  const quoted = exchange.price(symbol);
  if (quoted === undefined) return undefined;
  return { bid: price(quoted.bid), ask: price(quoted.ask) };
};

/** What the account's owner sees at the exchange: how much of an asset is free. */
export const freeOf = ({ exchange }: World, accountId: string, asset: string): Quantity => {
  const balance = exchange.books.balances(accountId)[asset];
  return balance === undefined ? ZERO_QUANTITY : quantity(balance.free);
};

/** All that the account holds, at the prices of now; what has no price counts as nothing. */
export const equityOf = (world: World, accountId: string): QuoteAmount =>
  Object.entries(world.exchange.books.balances(accountId)).reduce((sum, [asset, { total }]) => {
    if (isCash(asset)) return plus(sum, quote(total));
    const symbol = world.symbols.find((one) => assetOf(one) === asset);
    const bid = symbol === undefined ? undefined : priceOf(world, symbol)?.bid;
    return bid === undefined ? sum : plus(sum, notional(quantity(total), bid));
  }, ZERO_QUOTE);
