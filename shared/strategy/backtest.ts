import type { Candle } from '../exchange/exchange.ts';
import type { Market, MarketSymbol } from '../exchange/market.ts';
import {
  type Fraction,
  fraction,
  minus,
  notional,
  type Price,
  plus,
  price,
  type QuoteAmount,
  ZERO_QUOTE,
} from '../money/money.ts';
import { type Instant, MINUTE } from '../time/clock.ts';
import { BacktestError, type BacktestTrade, Wallet } from './backtest-wallet.ts';
import type { LoadedStrategy } from './strategy.ts';

const CANDLE_MS = 5 * MINUTE;

export interface BacktestInput {
  readonly strategy: LoadedStrategy;
  /** Closed 5-minute candles, oldest first, of every symbol to trade. */
  readonly candles: ReadonlyMap<MarketSymbol, readonly Candle[]>;
  /** The rules of each of these symbols. */
  readonly markets: ReadonlyMap<MarketSymbol, Market>;
  /** Paid on each side: 0.004 is 0.4 %. */
  readonly fee: Fraction;
  /** Between bid and ask, around the close; none by default. */
  readonly spread?: Fraction;
  readonly cash: QuoteAmount;
}

export interface BacktestReport {
  readonly version: string;
  readonly candles: number;
  readonly entries: number;
  /** Closed positions; one still open at the end is in `equity` alone. */
  readonly trades: readonly BacktestTrade[];
  /** Share of trades with a profit after fees; 0 without trades. */
  readonly winRate: number;
  readonly equity: QuoteAmount;
  /** Of the cash at the start; signed, 0.05 is five percent. Before fees: the same trades, fees given back. */
  readonly returnAfterFees: number;
  readonly returnBeforeFees: number;
  /** Mean of profit ÷ spent over the trades; signed. */
  readonly meanTradeAfterFees: number;
  readonly meanTradeBeforeFees: number;
  /** How often each reason occurred. */
  readonly exitReasons: Readonly<Record<string, number>>;
  readonly rejectionReasons: Readonly<Record<string, number>>;
}

const sum = (amounts: readonly QuoteAmount[]): QuoteAmount => amounts.reduce(plus, ZERO_QUOTE);

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((total, value) => total + value, 0) / values.length;

const count = (tally: Record<string, number>, reason: string): void => {
  tally[reason] = (tally[reason] ?? 0) + 1;
};

/** The candles of all symbols in the order in which they close. */
const closings = (
  candles: BacktestInput['candles'],
): readonly (readonly [Instant, ReadonlyMap<MarketSymbol, number>])[] => {
  const byTime = new Map<Instant, Map<MarketSymbol, number>>();
  for (const [symbol, list] of candles) {
    list.forEach(({ at }, index) => {
      const closedAt = at + CANDLE_MS;
      const closing = byTime.get(closedAt) ?? new Map<MarketSymbol, number>();
      byTime.set(closedAt, closing.set(symbol, index));
    });
  }
  return [...byTime].sort(([a], [b]) => a - b);
};

/**
 * Runs a strategy's own decision over candles: one tick at each close, every order filled whole at the close (less
 * or plus half the spread). What happens inside a candle is not seen, so stops fill at the close, not at the stop.
 * @throws BacktestError where a market is missing or a decision breaks its contract
 */
export const backtest = (input: BacktestInput): BacktestReport => {
  const { strategy, candles, markets, fee } = input;
  const wallet = new Wallet(input.cash, fee);
  const half = fraction((input.spread ?? fraction('0')).div(2));
  const prices = new Map<MarketSymbol, { readonly bid: Price; readonly ask: Price }>();
  const windows = new Map<MarketSymbol, readonly Candle[]>();
  const exitReasons: Record<string, number> = {};
  const rejectionReasons: Record<string, number> = {};
  const roundTripFee = fraction(fee.times(2));
  let memory: unknown;
  let entries = 0;
  let sales = 0;

  const marketOf = (symbol: MarketSymbol): Market => {
    const market = markets.get(symbol);
    if (market === undefined) throw new BacktestError(`the rules of ${symbol} are missing: give its market`);
    return market;
  };
  const priceOf = (symbol: MarketSymbol): { readonly bid: Price; readonly ask: Price } => {
    const known = prices.get(symbol);
    if (known === undefined) throw new BacktestError(`${symbol} was to be traded before its first candle`);
    return known;
  };
  const equity = (): QuoteAmount =>
    plus(
      wallet.cash,
      sum([...wallet.positions].map(([symbol, held]) => notional(held.quantity, priceOf(symbol).bid))),
    );

  for (const [now, closing] of closings(candles)) {
    for (const [symbol, index] of closing) {
      const list = candles.get(symbol) ?? [];
      windows.set(symbol, list.slice(Math.max(0, index + 1 - strategy.candlesNeeded), index + 1));
      const close = list[index]?.close;
      if (close === undefined) continue;
      const [bid, ask] = [price(close.times(half.negated().plus(1))), price(close.times(half.plus(1)))];
      prices.set(symbol, { bid, ask });
    }
    const decision = strategy.decide({
      now,
      candles: windows,
      newCandles: new Set(closing.keys()),
      prices,
      positions: wallet.positions,
      account: { equity: equity(), cash: wallet.cash, roundTripFee, state: memory },
      markets,
    });
    for (const [symbol, state] of decision.states) {
      const held = wallet.positions.get(symbol);
      if (held !== undefined) wallet.positions.set(symbol, { ...held, state });
    }
    for (const exit of decision.exits) {
      const sale = wallet.sell(exit, marketOf(exit.symbol), priceOf(exit.symbol).bid, now);
      sales += 1;
      memory = strategy.settle(memory, [{ id: String(sales), ...sale }]);
      count(exitReasons, exit.reason);
    }
    if (decision.entry !== undefined) {
      const { symbol, amount, state } = decision.entry;
      wallet.buy(marketOf(symbol), amount, priceOf(symbol).ask, now, state);
      entries += 1;
    }
    for (const { reason } of decision.rejections) count(rejectionReasons, reason);
  }

  const { trades } = wallet;
  const final = equity();
  const profit = minus(final, input.cash);
  return {
    version: strategy.version,
    candles: [...candles.values()].reduce((total, list) => total + list.length, 0),
    entries,
    trades,
    winRate: mean(trades.map((trade) => (trade.profit.gt(0) ? 1 : 0))),
    equity: final,
    returnAfterFees: profit.div(input.cash).toNumber(),
    returnBeforeFees: plus(profit, wallet.feesPaid).div(input.cash).toNumber(),
    meanTradeAfterFees: mean(trades.map((trade) => trade.profit.div(trade.spent).toNumber())),
    meanTradeBeforeFees: mean(
      trades.map((trade) => plus(trade.profit, trade.fees).div(trade.spent).toNumber()),
    ),
    exitReasons,
    rejectionReasons,
  };
};
