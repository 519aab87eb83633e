import type { Fill } from '../exchange/exchange.ts';
import { type Asset, isCash } from '../exchange/market.ts';
import {
  lessAtMost,
  minus,
  notional,
  plus,
  type Quantity,
  type QuoteAmount,
  quantity,
  quote,
  ZERO_QUANTITY,
  ZERO_QUOTE,
} from '../money/money.ts';
import type { Holding, PriceOf } from './holdings.ts';

/** What came into an account or left it from outside: nothing that it traded explains it. Rewards are deposits. */
export interface Flow {
  readonly kind: 'DEPOSIT' | 'WITHDRAWAL';
  readonly asset: Asset;
  /** Above zero. */
  readonly amount: Quantity;
  /** Quote units, without sign; absent where the asset has no price in cash. */
  readonly value?: QuoteAmount;
}

/** Less than a cent is rounding: of a fee that the exchange states in another asset, or of its own books. */
const DUST_VALUE = quote('0.01');
const DUST_AMOUNT = quantity('0.00000001');

export const isRounding = ({ amount, value }: Flow): boolean =>
  value === undefined ? amount.lte(DUST_AMOUNT) : value.lt(DUST_VALUE);

/** What flows come to: deposits less withdrawals, rounding included. */
export const netValue = (flows: readonly Flow[]): QuoteAmount =>
  flows.reduce((sum, { kind, value = ZERO_QUOTE }) => {
    return kind === 'DEPOSIT' ? plus(sum, value) : minus(sum, value);
  }, ZERO_QUOTE);

interface Sides {
  /** What is there now, and what trading took. */
  readonly shown: Quantity;
  /** What was there then, and what trading brought. */
  readonly explained: Quantity;
}

/**
 * What no trade explains, per asset: total now − total then − the effect of the executions in between, each fee in
 * the asset it was taken in. Exact: over any sequence of readings the flows of an asset add up to its last total less
 * its first less all executions counted, whenever each of them was counted.
 */
export const flowsBetween = (
  then: readonly Holding[],
  now: readonly Holding[],
  fills: readonly Fill[],
  priceOf: PriceOf,
): readonly Flow[] => {
  const assets = new Map<Asset, Sides>();
  const add = (asset: Asset, side: keyof Sides, amount: Quantity): void => {
    const sides = assets.get(asset) ?? { shown: ZERO_QUANTITY, explained: ZERO_QUANTITY };
    assets.set(asset, { ...sides, [side]: plus(sides[side], amount) });
  };
  for (const { asset, total } of then) add(asset, 'explained', total);
  for (const { asset, total } of now) add(asset, 'shown', total);
  for (const fill of fills) {
    const [base, quoted] = assetsOf(fill);
    const bought = fill.side === 'BUY';
    add(base, bought ? 'explained' : 'shown', fill.quantity);
    add(quoted, bought ? 'shown' : 'explained', quantity(fill.cost));
    add(fill.fee.asset, 'shown', fill.fee.amount);
  }
  const worth = knownPrices(then, fills, priceOf);
  return [...assets].flatMap(([asset, { shown, explained }]): readonly Flow[] => {
    if (shown.eq(explained)) return [];
    const deposit = shown.gt(explained);
    const amount = deposit ? lessAtMost(shown, explained) : lessAtMost(explained, shown);
    const at = worth(asset);
    const kind = deposit ? 'DEPOSIT' : 'WITHDRAWAL';
    return [{ kind, asset, amount, ...(at === undefined ? {} : { value: notional(amount, at) }) }];
  });
};

export const assetsOf = ({ symbol }: Fill): readonly [base: Asset, quote: Asset] => {
  const slash = symbol.indexOf('/');
  return [symbol.slice(0, slash), symbol.slice(slash + 1)];
};

/** The price of now; for what is not held any more the newest it was traded at for cash since, or that of then. */
export const knownPrices = (then: readonly Holding[], fills: readonly Fill[], priceOf: PriceOf): PriceOf => {
  const traded = new Map(
    fills.flatMap((fill) => {
      const [base, quoted] = assetsOf(fill);
      return isCash(quoted) ? [[base, fill.price] as const] : [];
    }),
  );
  const before = new Map(then.map((holding) => [holding.asset, holding.price]));
  return (asset) => priceOf(asset) ?? traded.get(asset) ?? before.get(asset);
};
