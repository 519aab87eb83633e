import { looseMarket } from '../../bench/backtest-candles.ts';
import type { Candle } from '../../shared/exchange/exchange.ts';
import type { Market, MarketSymbol } from '../../shared/exchange/market.ts';
import { fraction, quantity, quote } from '../../shared/money/money.ts';
import { type BacktestReport, backtest } from '../../shared/strategy/backtest.ts';
import type {
  Decision,
  EntryDecision,
  ExitDecision,
  Sale,
  StrategyInput,
} from '../../shared/strategy/strategy.ts';
import { BTC } from './made.ts';

export const buy = (amount: string, symbol = BTC, state: unknown = {}): EntryDecision => ({
  symbol,
  amount: quote(amount),
  state,
  reasons: [],
  numbers: {},
});

export const sell = (amount: string, reason = 'TEST', symbol = BTC): ExitDecision => ({
  symbol,
  quantity: quantity(amount),
  reason,
  numbers: {},
});

export interface Setting {
  readonly candles: ReadonlyMap<MarketSymbol, readonly Candle[]>;
  /** What is decided at each close, the first one being 0. */
  readonly decides?: (tick: number, input: StrategyInput) => Partial<Decision>;
  readonly candlesNeeded?: number;
  readonly fee?: string;
  readonly spread?: string;
  readonly cash?: string;
  readonly rules?: Partial<Market>;
}

export interface Scripted {
  readonly report: BacktestReport;
  /** What the strategy was given at each close. */
  readonly seen: readonly StrategyInput[];
  /** The sales that it was told, and the memory that it had then. */
  readonly settled: readonly { readonly memory: unknown; readonly sales: readonly Sale[] }[];
}

/** A backtest of a strategy that decides what the test says. Its memory is how often it was told of sales. */
export const scripted = ({ candles, rules, ...setting }: Setting): Scripted => {
  const seen: StrategyInput[] = [];
  const settled: Scripted['settled'][number][] = [];
  const report = backtest({
    strategy: {
      name: 'scripted',
      version: 'scripted/1',
      candlesNeeded: setting.candlesNeeded ?? 1,
      decide: (input) => {
        // Copied: the backtest goes on with the same maps.
        seen.push({
          ...input,
          candles: new Map(input.candles),
          prices: new Map(input.prices),
          positions: new Map(input.positions),
        });
        const nothing: Decision = { exits: [], rejections: [], states: new Map() };
        return { ...nothing, ...setting.decides?.(seen.length - 1, input) };
      },
      settle: (memory, sales) => {
        settled.push({ memory, sales });
        return settled.length;
      },
    },
    candles,
    markets: new Map([...candles.keys()].map((symbol) => [symbol, { ...looseMarket(symbol), ...rules }])),
    fee: fraction(setting.fee ?? '0'),
    cash: quote(setting.cash ?? '10000'),
    ...(setting.spread === undefined ? {} : { spread: fraction(setting.spread) }),
  });
  return { report, seen, settled };
};
