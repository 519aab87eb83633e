import type { Account } from '../../shared/account/account.ts';
import type { Connection } from '../../shared/account/connect.ts';
import { symbolsToPrice, type Valuation, valueAccount, whyIncomplete } from '../../shared/account/equity.ts';
import {
  type AssetBalance,
  type Candle,
  ExchangeError,
  type Ticker,
} from '../../shared/exchange/exchange.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import { type Fraction, fraction, plus, ZERO_QUANTITY } from '../../shared/money/money.ts';
import type { LoadedStrategy } from '../../shared/strategy/strategy.ts';
import { type Instant, MINUTE } from '../../shared/time/clock.ts';
import type { MasterTickPorts } from './master-tick.ts';

const CANDLE_MS = 5 * MINUTE;

/** A master that has a strategy. */
export type TradingAccount = Account & { readonly strategy: NonNullable<Account['strategy']> };

/** One master's account and its markets at this moment. */
export interface Snapshot {
  readonly balances: readonly AssetBalance[];
  readonly tickers: ReadonlyMap<MarketSymbol, Ticker>;
  readonly valuation: Valuation;
  /** When the balances were read. */
  readonly at: Instant;
}

export const observe = async (
  account: TradingAccount,
  connection: Connection,
  ports: MasterTickPorts,
): Promise<Snapshot> => {
  const balances = await connection.session.balances();
  const at = ports.clock.now();
  const symbols = [
    ...new Set([...account.strategy.symbols, ...symbolsToPrice(balances, connection.markets)]),
  ];
  const tickers = await ports.exchange(account.exchange).marketData.tickers(symbols);
  const valuation = valueAccount(balances, tickers, connection.markets);
  if (valuation.complete) {
    const fields = { account: account.accountId, currency: account.quoteCurrency };
    ports.meter.quoteUnits('Equity', valuation.equity, fields, { role: 'master' });
  } else
    ports.log.warn('a master buys nothing while its equity is not known', {
      account: account.accountId,
      why: whyIncomplete(valuation),
    });
  return { balances, tickers, valuation, at };
};

export const freeCash = (balances: readonly AssetBalance[], account: Account) =>
  balances.find(({ asset }) => asset === account.quoteCurrency)?.free ?? ZERO_QUANTITY;

/** Of the first of the strategy's markets that the exchange knows: what it delists stops no tick. @throws where it knows none */
export const roundTripFee = async (
  { accountId, exchange, strategy }: TradingAccount,
  { markets, session }: Connection,
): Promise<Fraction> => {
  for (const symbol of strategy.symbols) {
    const market = markets.find((one) => one.symbol === symbol);
    if (market === undefined) continue;
    try {
      const fee = await session.takerFee(market);
      return fraction(plus(fee, fee));
    } catch (error) {
      // The rules are read once a day, and it may be gone since.
      if (!(error instanceof ExchangeError) || error.code !== 'UNKNOWN_PAIR') throw error;
    }
  }
  throw new Error(
    `${exchange} lists none of the strategy's markets (given ${strategy.symbols.join(', ')}): correct the symbols of ${accountId}`,
  );
};

/** Candles that have closed, oldest first, for each symbol. */
export const closedCandles = async (
  symbols: readonly MarketSymbol[],
  account: Account,
  strategy: LoadedStrategy,
  ports: MasterTickPorts,
): Promise<ReadonlyMap<MarketSymbol, readonly Candle[]>> => {
  if (strategy.candlesNeeded === 0) return new Map();
  const { marketData } = ports.exchange(account.exchange);
  const closedBy = (at: Instant): boolean => at + CANDLE_MS <= ports.clock.now();
  const series = await Promise.all(
    symbols.map(async (symbol) => {
      const read = await attemptRead(() => marketData.candles(symbol));
      // Without candles there is no entry, but stops are still guarded by the price.
      if (!read.readable)
        ports.log.warn('no candles in this tick', { account: account.accountId, symbol, why: read.why });
      const candles = read.readable ? read.value : [];
      const closed = candles.slice(0, candles.findLastIndex(({ at }) => closedBy(at)) + 1);
      return [symbol, closed.slice(-strategy.candlesNeeded)] as const;
    }),
  );
  return new Map(series);
};
