import type { AssetBalance, Ticker } from '../exchange/exchange.ts';
import { type Asset, CASH_ASSETS, isCash, type Market, type MarketSymbol } from '../exchange/market.ts';
import { notional, plus, type Quantity, type QuoteAmount, quote, ZERO_QUOTE } from '../money/money.ts';

export interface AssetValue {
  readonly asset: Asset;
  readonly total: Quantity;
  readonly free: Quantity;
  /** Quote units at the last price; absent where the exchange has no price in cash. */
  readonly value?: QuoteAmount;
}

/** What an account is worth, in quote units; USD, USDT and USDC at par. */
export interface Valuation {
  /** Free cash. */
  readonly cash: QuoteAmount;
  /** Cash locked in open orders. */
  readonly held: QuoteAmount;
  /** cash + held + the value of all priced assets. */
  readonly equity: QuoteAmount;
  readonly assets: readonly AssetValue[];
  /** Held, but without a price: not in equity. */
  readonly unpriced: readonly Asset[];
  /** Of which there is less than nothing: the debt is not in equity. */
  readonly owed: readonly Asset[];
  /** False where an asset that has a market against cash had no price: equity is too low then. */
  readonly priced: boolean;
  /** Whether equity is known: all is priced, and nothing is owed. */
  readonly complete: boolean;
}

/** Of a valuation that is not complete. */
export const whyIncomplete = ({ unpriced, owed }: Pick<Valuation, 'unpriced' | 'owed'>): string =>
  owed.length > 0
    ? `there is less than nothing of ${owed.join(', ')} at the exchange: its owner has to pay that in`
    : `${unpriced.join(', ')} has no price now`;

/** The market that prices an asset in cash: the first of USD, USDT, USDC that there is. */
export const cashMarketOf = (asset: Asset, markets: readonly Market[]): Market | undefined => {
  for (const cash of CASH_ASSETS) {
    const market = markets.find(({ base, quote: quoted }) => base === asset && quoted === cash);
    if (market !== undefined) return market;
  }
  return undefined;
};

/** The symbols whose prices a valuation of these balances needs. */
export const symbolsToPrice = (
  balances: readonly AssetBalance[],
  markets: readonly Market[],
): readonly MarketSymbol[] =>
  balances.flatMap(({ asset }) => {
    const market = isCash(asset) ? undefined : cashMarketOf(asset, markets);
    return market === undefined ? [] : [market.symbol];
  });

export const valueAccount = (
  balances: readonly AssetBalance[],
  tickers: ReadonlyMap<MarketSymbol, Ticker>,
  markets: readonly Market[],
): Valuation => {
  let cash = ZERO_QUOTE;
  let held = ZERO_QUOTE;
  let assetsValue = ZERO_QUOTE;
  const assets: AssetValue[] = [];
  const unpriced: Asset[] = [];
  const owed = balances.filter((balance) => balance.owed !== undefined).map(({ asset }) => asset);
  let priced = true;
  for (const balance of balances) {
    if (isCash(balance.asset)) {
      cash = plus(cash, quote(balance.free));
      held = plus(held, quote(balance.total.minus(balance.free)));
      continue;
    }
    const market = cashMarketOf(balance.asset, markets);
    const ticker = market === undefined ? undefined : tickers.get(market.symbol);
    const shown = { asset: balance.asset, total: balance.total, free: balance.free };
    if (ticker === undefined) {
      if (!balance.total.isZero()) {
        unpriced.push(balance.asset);
        if (market !== undefined) priced = false;
      }
      assets.push(shown);
    } else {
      const value = notional(balance.total, ticker.last);
      assetsValue = plus(assetsValue, value);
      assets.push({ ...shown, value });
    }
  }
  const equity = plus(plus(cash, held), assetsValue);
  const complete = priced && owed.length === 0;
  return { cash, held, equity, assets, unpriced, owed, priced, complete };
};
