import { isDeepStrictEqual } from 'node:util';
import type { MarketSymbol } from '../../exchange/market.ts';
import { notional, plus, type QuoteAmount, text, ZERO_QUOTE } from '../../money/money.ts';
import {
  type Decision,
  defineStrategy,
  type ExitDecision,
  type Rejection,
  type StrategyInput,
} from '../strategy.ts';
import { type ApexConfig, zApexConfig } from './config.ts';
import { type Candidate, considerEntry } from './entry.ts';
import { candlesToAskFor, type Readings, readIndicators } from './indicators.ts';
import { belowMinimum, managePosition } from './manage.ts';
import { settleSales } from './memory.ts';
import { planOf, storedPlan } from './plan.ts';
import { barOf } from './statistic.ts';

const readingsOf = (input: StrategyInput, symbol: MarketSymbol, config: ApexConfig): Readings | undefined =>
  readIndicators((input.candles.get(symbol) ?? []).map(barOf), config);

/** What all positions are worth at the bid; at cost where there is no price. */
const exposureOf = ({ positions, prices }: StrategyInput): QuoteAmount => {
  let exposure = ZERO_QUOTE;
  for (const [symbol, { quantity, costBasis }] of positions) {
    const bid = prices.get(symbol)?.bid;
    exposure = plus(exposure, bid === undefined ? costBasis : notional(quantity, bid));
  }
  return exposure;
};

/** Positions that the exchange would take an order for: what is left below its minimum blocks nothing. */
const substantial = ({ positions, prices, markets }: StrategyInput): ReadonlySet<MarketSymbol> =>
  new Set(
    [...positions]
      .filter(([symbol, { quantity }]) => {
        const bid = prices.get(symbol)?.bid;
        const market = markets.get(symbol);
        return bid === undefined || market === undefined || !belowMinimum(quantity, bid, market);
      })
      .map(([symbol]) => symbol),
  );

const inOrder = (symbols: Iterable<MarketSymbol>): readonly MarketSymbol[] =>
  [...symbols].sort((a, b) => (a < b ? -1 : 1));

const better = (a: Candidate, b: Candidate): Candidate =>
  b.score > a.score || (b.score === a.score && b.adx > a.adx) ? b : a;

const managePositions = (
  input: StrategyInput,
  held: ReadonlySet<MarketSymbol>,
  config: ApexConfig,
): Omit<Decision, 'entry'> => {
  const exits: ExitDecision[] = [];
  const rejections: Rejection[] = [];
  const states = new Map<MarketSymbol, unknown>();
  for (const symbol of inOrder(input.positions.keys())) {
    const position = input.positions.get(symbol);
    if (position === undefined || position.quantity.isZero()) continue;
    if (!held.has(symbol)) {
      rejections.push({ symbol, reason: 'BELOW_MINIMUM', numbers: { held: text(position.quantity) } });
      // What is bought on top of remains later must not be managed by the plan that sold the rest.
      if (position.state !== undefined && position.state !== null) states.set(symbol, null);
      continue;
    }
    const bid = input.prices.get(symbol)?.bid;
    const market = input.markets.get(symbol);
    if (bid === undefined || market === undefined) {
      rejections.push({ symbol, reason: bid === undefined ? 'NO_PRICE' : 'NO_MARKET', numbers: {} });
      continue;
    }
    const { roundTripFee } = input.account;
    const { plan, rebuilt } = planOf(position, input.now, bid, roundTripFee, config);
    if (rebuilt) rejections.push({ symbol, reason: 'PLAN_REBUILT', numbers: { stop: text(plan.stop) } });
    const candles = input.candles.get(symbol) ?? [];
    const readings = readingsOf(input, symbol, config);
    const managed = managePosition(
      { position, plan, bid, now: input.now, market, roundTripFee, candles, readings },
      config,
    );
    const stored = storedPlan(managed.plan);
    if (!isDeepStrictEqual(stored, position.state)) states.set(symbol, stored);
    if (managed.exit !== undefined) exits.push({ symbol, ...managed.exit, numbers: managed.numbers });
    if (managed.blocked !== undefined) {
      rejections.push({ symbol, reason: managed.blocked, numbers: managed.numbers });
    }
  }
  return { exits, rejections, states };
};

const chooseEntry = (
  input: StrategyInput,
  held: ReadonlySet<MarketSymbol>,
  config: ApexConfig,
): Pick<Decision, 'entry' | 'rejections'> => {
  const rejections: Rejection[] = [];
  const candidates: Candidate[] = [];
  const positionsHeld = held.size;
  const exposure = exposureOf(input);
  for (const symbol of inOrder(input.newCandles)) {
    if (held.has(symbol)) continue;
    const candles = input.candles.get(symbol) ?? [];
    const readings = readingsOf(input, symbol, config);
    const answer = considerEntry({ symbol, input, candles, readings, positionsHeld, exposure }, config);
    if ('entry' in answer) candidates.push(answer);
    else rejections.push(answer);
  }
  const [first, ...rest] = candidates;
  if (first === undefined) return { rejections };
  const { entry } = rest.reduce(better, first);
  const passedOver = candidates
    .filter((candidate) => candidate.entry !== entry)
    .map(({ entry: { symbol, numbers } }) => ({ symbol, reason: 'ANOTHER_ENTRY', numbers }));
  return { entry, rejections: [...rejections, ...passedOver] };
};

const decide = (input: StrategyInput, config: ApexConfig): Decision => {
  const held = substantial(input);
  const managed = managePositions(input, held, config);
  const chosen = chooseEntry(input, held, config);
  const states = new Map([...managed.states].filter(([symbol]) => symbol !== chosen.entry?.symbol));
  return { ...managed, ...chosen, states, rejections: [...managed.rejections, ...chosen.rejections] };
};

/**
 * APEX: long only, spot, 5-minute candles. Positions are managed on every tick; entries are judged for symbols
 * with a newly closed candle that are not held, at most one a tick: the highest entry score, then the highest ADX,
 * then the first symbol by name.
 *
 * It decides from what is: the position's real quantity and cost, the market since the entry, and its own stored
 * plan where that fits them. A sale that did not fill is decided again; a lost plan is rebuilt (`PLAN_REBUILT`
 * among the rejections). What is below the exchange's minimum counts as not held.
 */
export const apex = defineStrategy({
  name: 'apex',
  revision: 2,
  config: zApexConfig,
  candlesNeeded: candlesToAskFor,
  decide,
  settle: settleSales,
});
