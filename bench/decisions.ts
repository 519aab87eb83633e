import { HISTORY, TRADED } from '../infra/local/prices/measured-markets.ts';
import { CANDLE_MS } from '../infra/local/prices/price-source.ts';
import { seededPath } from '../infra/local/prices/seeded-path.ts';
import type { Candle } from '../shared/exchange/exchange.ts';
import type { MarketSymbol } from '../shared/exchange/market.ts';
import { fraction, price, quantity, quote } from '../shared/money/money.ts';
import { loadStrategy } from '../shared/strategy/strategies.ts';
import type { StrategyInput } from '../shared/strategy/strategy.ts';
import { looseMarket } from './backtest-candles.ts';
import { type Figure, figure } from './figures.ts';

const FROM = Date.UTC(2026, 0, 5);
const ROUNDS = 30;
const WARM_UP = 5;

const candlesOf = (symbol: MarketSymbol, startPrice: string): readonly Candle[] => {
  const path = seededPath({ seed: 1, symbol, from: FROM, startPrice });
  return Array.from({ length: HISTORY }, (_, index) => path.candle(FROM + index * CANDLE_MS)).flatMap(
    (one) =>
      one === undefined
        ? []
        : [
            {
              at: one.at,
              open: price(one.open),
              high: price(one.high),
              low: price(one.low),
              close: price(one.close),
              volume: quantity(one.volume),
            },
          ],
  );
};

const input = (): StrategyInput => {
  const candles = new Map(TRADED.map(([symbol, first]) => [symbol, candlesOf(symbol, first)]));
  const last = (symbol: MarketSymbol) => candles.get(symbol)?.at(-1)?.close ?? price('1');
  return {
    now: FROM + HISTORY * CANDLE_MS + 1_000,
    candles,
    newCandles: new Set(candles.keys()),
    prices: new Map(TRADED.map(([symbol]) => [symbol, { bid: last(symbol), ask: last(symbol) }])),
    positions: new Map(),
    account: {
      equity: quote('100000'),
      cash: quote('100000'),
      roundTripFee: fraction('0.008'),
      state: undefined,
    },
    markets: new Map(TRADED.map(([symbol]) => [symbol, looseMarket(symbol)])),
  };
};

/** One decision of APEX with a new candle in every market. */
export const decisionFigures = (): readonly Figure[] => {
  const apex = loadStrategy('apex', {});
  const asked = input();
  const samples = Array.from({ length: ROUNDS + WARM_UP }, () => {
    const start = performance.now();
    apex.decide(asked);
    return performance.now() - start;
  });
  const group = `APEX over ${HISTORY} candles × ${TRADED.length} markets`;
  return [figure(group, 'one decision', 'ms', samples.slice(WARM_UP))];
};
