import type { AccountId } from '../../../shared/account/account.ts';
import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import { type Instant, iso } from '../../../shared/time/clock.ts';
import { CHECKS, scheduleChecks } from '../check-schedule.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { Decimal } from '../kraken/decimal.ts';
import type { KrakenSimulator } from '../kraken/simulator.ts';
import { CANDLE_MS, candleOpening } from '../prices/price-source.ts';
import type { Runtime } from '../runtime.ts';
import { HANGING, MOVED_SHARE, MOVER, PROTECTED, STOP_LOSS } from './cast.ts';
import type { CheckRecord, CheckRun } from './check-record.ts';
import { boughtBefore, stopOf } from './cost.ts';
import { isHalted } from './halt-phase.ts';
import { AFTER_DUE_MS } from './passing.ts';
import type { FallingPrices } from './price-falls.ts';
import { pairOf } from './sellable.ts';

/**
 * One round of checks with the master gone: the price falls through the stop of one user, another has moved
 * coins away by hand, and the exchange does not answer a third.
 */
export interface ProtectionPhase {
  readonly symbol: MarketSymbol;
  /** When the price fell, and the bid before and after. */
  readonly fall: { readonly at: Instant; readonly from: string; readonly to: string };
  /** Whether everything was halted meanwhile, as the ledger has it. */
  readonly halted: boolean;
  readonly moved: string;
  readonly hanging: {
    /** Calls that were not answered when the others' checks had ended. */
    readonly unanswered: number;
    /** Checks of this round, in the order in which they ended. */
    readonly ended: readonly CheckRun[];
  };
}

/** Below the stop, so that neither spread nor a moment's movement decides. */
const THROUGH_STOP = '0.99';

export const protectedAlone = async (
  runtime: Runtime,
  clock: VirtualClock,
  parts: {
    readonly userIds: readonly AccountId[];
    readonly symbol: MarketSymbol;
    readonly prices: FallingPrices;
    readonly checks: CheckRecord;
    readonly progress: (line: string) => void;
  },
): Promise<ProtectionPhase> => {
  const { scheduler, simulator } = runtime;
  const { userIds, symbol, checks, progress } = parts;
  const bidBefore = bidOf(simulator, symbol);
  const at = candleOpening(clock.now()) + CANDLE_MS;
  letPriceFall(parts.prices, simulator, symbol, at);
  const moved = moveAway(simulator, symbol);
  scheduler.remove(CHECKS);
  // From here on every quarter of an hour.
  scheduleChecks(runtime, at);

  const others = userIds.filter((accountId) => accountId !== HANGING);
  const since = checks.runs.length;
  const hang = simulator.faults.inject({
    kind: 'TIMEOUT_BEFORE',
    accountId: HANGING,
    times: Number.POSITIVE_INFINITY,
  });
  clock.advanceTo(at + AFTER_DUE_MS);
  checks.addRounds(await scheduler.runDue(clock.now()));
  // Whatever the others do, the one that hangs ends, by its own timeout.
  await Promise.race([checks.ended(others, since), runtime.settle()]);
  const unanswered = hang.hits();
  hang.clear();
  // It hangs up on whom it left waiting: nobody has to see the whole timeout.
  await simulator.stop();
  await simulator.start();
  await runtime.settle();
  const ended = checks.runs.slice(since);
  const bidAfter = bidOf(simulator, symbol);
  progress(
    `${symbol} fell from ${bidBefore} to ${bidAfter}, ${moved} of it were moved away from ${MOVER}, the exchange left ${HANGING} without an answer: ${ended.length} checks ended`,
  );
  return {
    symbol,
    fall: { at, from: bidBefore, to: bidAfter },
    halted: await isHalted(runtime),
    moved,
    hanging: { unanswered, ended },
  };
};

const bidOf = (simulator: KrakenSimulator, symbol: MarketSymbol): string => {
  const bid = simulator.price(symbol)?.bid;
  if (bid === undefined) throw new Error(`${symbol} has no price now`);
  return bid;
};

/** Through the nearest stop, and through no other. */
const letPriceFall = (
  prices: FallingPrices,
  { books }: KrakenSimulator,
  symbol: MarketSymbol,
  at: Instant,
): void => {
  const stop = stopOf(boughtBefore(books, PROTECTED, symbol, at), STOP_LOSS);
  if (stop === undefined) throw new Error(`${PROTECTED} holds no ${symbol} (at ${iso(at)})`);
  const factor = stop.times(THROUGH_STOP).div(prices.openingPrice(symbol, at));
  if (factor.lt(1)) prices.fall({ symbol, at, factor: factor.toSignificantDigits(12).toFixed() });
};

/** A part of what Nija has bought for the mover leaves its account, by no trade. */
const moveAway = (simulator: KrakenSimulator, symbol: MarketSymbol): string => {
  const pair = pairOf(symbol);
  const free = simulator.books.balances(MOVER)[pair.base.code]?.free ?? '0';
  const amount = new Decimal(free).times(MOVED_SHARE).toDecimalPlaces(pair.lotDecimals, Decimal.ROUND_DOWN);
  simulator.withdraw(MOVER, pair.base.code, amount.toFixed());
  return amount.toFixed();
};
