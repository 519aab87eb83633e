import type { Candle } from '../../exchange/exchange.ts';
import type { Market, MarketSymbol } from '../../exchange/market.ts';
import { type Price, type Quantity, type QuoteAmount, quantityFor, text } from '../../money/money.ts';
import { MINUTE } from '../../time/clock.ts';
import type { EntryDecision, Numbers, Rejection, StrategyInput } from '../strategy.ts';
import type { ApexConfig } from './config.ts';
import { judgeEntry } from './entry-score.ts';
import type { Readings } from './indicators.ts';
import { initialStop, targetsFor, targetsPay } from './levels.ts';
import { belowMinimum } from './manage.ts';
import { judgeMarket } from './market-filter.ts';
import { losingStreakOf } from './memory.ts';
import { storedPlan } from './plan.ts';
import { sizeAmount, sizeFraction } from './size.ts';

/** An entry worth making, and what ranks it among others of the same tick. */
export interface Candidate {
  readonly entry: EntryDecision;
  readonly score: number;
  readonly adx: number;
}

export interface EntryQuestion {
  readonly symbol: MarketSymbol;
  readonly input: StrategyInput;
  readonly candles: readonly Candle[];
  readonly readings: Readings | undefined;
  /** Positions held that are large enough to count, and what all positions are worth. */
  readonly positionsHeld: number;
  readonly exposure: QuoteAmount;
}

const shown = (value: number): number => Number(value.toPrecision(8));

const numbersOf = (readings: Readings): Record<string, string | number> => ({
  close: readings.close,
  ...(readings.vwap === undefined ? {} : { vwap: shown(readings.vwap) }),
  emaFast: shown(readings.emaFast),
  emaMiddle: shown(readings.emaMiddle),
  emaSlow: shown(readings.emaSlow),
  rsi: shown(readings.rsi),
  histogram: shown(readings.histogram),
  atr: shown(readings.atr),
  adx: shown(readings.adx),
  volumeToShortMean: shown(readings.volumeToShortMean),
  volumeToLongMean: shown(readings.volumeToLongMean),
  volumeToPreviousMean: shown(readings.volumeToPreviousMean),
});

const takesPurchases = ({ status }: Market): boolean => status === 'online' || status === 'limit_only';

/** Judges one symbol on its newly closed candle: a candidate with its plan, or the first thing that speaks against. */
export const considerEntry = (question: EntryQuestion, config: ApexConfig): Candidate | Rejection => {
  const { symbol, input, readings, candles } = question;
  const reject = (reason: string, numbers: Numbers = {}): Rejection => ({ symbol, reason, numbers });
  const ask: Price | undefined = input.prices.get(symbol)?.ask;
  const market = input.markets.get(symbol);
  if (readings === undefined) return reject('NOT_ENOUGH_CANDLES', { candles: candles.length });
  const ageMinutes = (input.now - readings.at) / MINUTE;
  if (ageMinutes > config.maximumCandleAgeMinutes) return reject('CANDLES_OLD', { ageMinutes });
  if (ask === undefined) return reject('NO_PRICE');
  if (market === undefined || !takesPurchases(market)) {
    return reject('MARKET_RESTRICTED', { status: market?.status ?? 'unknown' });
  }

  const marketVerdict = judgeMarket(readings, config);
  const entryVerdict = judgeEntry(readings, config);
  const reasons = [...marketVerdict.held, ...entryVerdict.held];
  const numbers: Numbers = { ...numbersOf(readings), score: entryVerdict.score, held: reasons.join(', ') };
  if (!marketVerdict.passes) return reject('MARKET_FILTER', numbers);
  if (!entryVerdict.passes) return reject('ENTRY_SCORE', numbers);

  const { account } = input;
  const stop = initialStop(ask, candles, readings.atr, config.stop);
  const targets = targetsFor(ask, stop, account.roundTripFee, config.targets);
  if (!targetsPay(targets)) {
    return reject('FEES_ABOVE_TARGET', {
      ...numbers,
      roundTripFee: text(account.roundTripFee),
      first: text(targets.first),
    });
  }
  if (question.positionsHeld >= config.size.maximumPositions) {
    return reject('MAXIMUM_POSITIONS', { ...numbers, positions: question.positionsHeld });
  }
  const losingStreak = losingStreakOf(account.state);
  const facts = {
    adx: readings.adx,
    score: entryVerdict.score,
    losingStreak,
    volatility: readings.atr / readings.close,
  };
  const share = sizeFraction(facts, config.size);
  if (share === undefined) return reject('ADX_BELOW_SIZES', numbers);
  const sized = sizeAmount(share, account, question.exposure, config.size);
  if ('refused' in sized) return reject(sized.refused, { ...numbers, room: text(sized.room) });
  const buys: Quantity = quantityFor(sized.amount, ask);
  if (belowMinimum(buys, ask, market)) {
    return reject('BELOW_MINIMUM', { ...numbers, amount: text(sized.amount), quantity: text(buys) });
  }
  const plan = {
    decidedAt: input.now,
    entry: ask,
    stop,
    ...targets,
    reached: 0 as const,
    highest: ask,
    reasons,
  };
  return {
    score: entryVerdict.score,
    adx: readings.adx,
    entry: {
      symbol,
      amount: sized.amount,
      state: storedPlan(plan),
      reasons,
      numbers: {
        ...numbers,
        entry: text(ask),
        stop: text(stop),
        first: text(targets.first),
        second: text(targets.second),
        third: text(targets.third),
        share: text(share),
        losingStreak,
      },
    },
  };
};
