import type { Copy } from '../../../shared/copying/copy.ts';
import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import type { Position } from '../../../shared/ledger/position.ts';
import { text } from '../../../shared/money/money.ts';
import type { Instant } from '../../../shared/time/clock.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { Decimal } from '../kraken/decimal.ts';
import type { Runtime } from '../runtime.ts';
import { type TickAnswer, tickRuns } from './answers.ts';
import {
  LEAST_CANDLES,
  LEAST_COPIED,
  LEAVER,
  MASTER_ID,
  MOVED_SHARE,
  MOVER,
  PROTECTED,
  SLOW,
  SLOW_ANSWER_MS,
  SLOW_ORDERS,
  STAYER,
  TICK_MS,
  UNLUCKY,
} from './cast.ts';
import type { CheckRecord } from './check-record.ts';
import { AFTER_DUE_MS, passUntil } from './passing.ts';
import { clearlySellable, pairOf } from './sellable.ts';

/** How long to trade, in candles. */
export interface Length {
  readonly least: number;
  /** After so many candles something else happens once, when the master and its followers hold the same. */
  readonly interludeAt: number;
  /** A market that offers nothing for so long is given up on. */
  readonly most: number;
}
export const WHOLE_RUN: Length = { least: LEAST_CANDLES, interludeAt: 300, most: 4_000 };

export interface MarketPhase {
  readonly candles: number;
  /** The master's balance as its last good tick found it. */
  readonly master: { readonly balance: TickAnswer['balance']; readonly at: Instant };
  readonly failedTicks: readonly string[];
  readonly lostAnswers: number;
  /** Symbols that the master and the named followers hold at the end. */
  readonly open: readonly MarketSymbol[];
}

export type Progress = (line: string) => void;

/**
 * Runs the market candle by candle until enough was traded and copied, the interlude is over and a copied
 * position is open.
 */
export const tradeThrough = async (
  runtime: Runtime,
  clock: VirtualClock,
  from: Instant,
  parts: {
    readonly stopping: AbortSignal;
    readonly length: Length;
    readonly progress: Progress;
    readonly checks: CheckRecord;
    /** Returns how many trades of the master it published. */
    readonly interlude: (shared: MarketSymbol) => Promise<number>;
  },
): Promise<MarketPhase> => {
  const { length, checks } = parts;
  const lost = runtime.simulator.faults.inject({
    kind: 'RESET_AFTER',
    accountId: UNLUCKY,
    endpoint: 'AddOrder',
    times: 2,
  });
  runtime.simulator.faults.inject({
    kind: 'SLOW',
    accountId: SLOW,
    endpoint: 'AddOrder',
    ms: SLOW_ANSWER_MS,
    skip: SLOW_ORDERS.first - 1,
    times: SLOW_ORDERS.count,
  });
  const failedTicks: string[] = [];
  let last: MarketPhase['master'] | undefined;
  let published = 0;
  let interludes = 0;
  let done = await copiedSoFar(runtime);
  for (let candles = 1; ; candles += 1) {
    parts.stopping.throwIfAborted();
    const runs = await passUntil(runtime, clock, from + candles * TICK_MS + AFTER_DUE_MS);
    checks.addRounds(runs);
    const ticks = tickRuns(runs);
    failedTicks.push(...ticks.failed);
    for (const answer of ticks.answers) {
      last = { balance: answer.balance, at: clock.now() };
      published += answer.trades.length;
      if (answer.trades.length > 0) done = await copiedSoFar(runtime);
    }
    if (candles % 50 === 0) {
      parts.progress(
        `${candles} candles: ${published} trades of the master; ${LEAVER}, for one, copied ${done.buys} of its BUYs and ${done.sells} of its SELLs`,
      );
    }
    const [shared] = done.open;
    if (interludes === 0 && candles >= length.interludeAt && shared !== undefined) {
      interludes += 1;
      const meanwhile = await parts.interlude(shared);
      published += meanwhile;
      done = await copiedSoFar(runtime);
    }
    const enough =
      candles >= length.least &&
      interludes > 0 &&
      done.buys >= LEAST_COPIED &&
      done.sells >= LEAST_COPIED &&
      done.open.length > 0;
    if (enough || candles >= length.most) {
      if (last === undefined)
        throw new Error(`no tick of ${MASTER_ID} succeeded: ${failedTicks[0] ?? 'none ran'}`);
      return { candles, master: last, failedTicks, lostAnswers: lost.hits(), open: done.open };
    }
  }
};

interface Copied {
  /** Trades that the leaver copied. */
  readonly buys: number;
  readonly sells: number;
  /** What all have whose positions a run is about, and could sell. */
  readonly open: readonly MarketSymbol[];
}

const filled = (copy: Copy): boolean => copy.outcome?.state === 'FILLED';

const copiedSoFar = async (runtime: Runtime): Promise<Copied> => {
  const { ledger } = runtime;
  const copies = (await ledger.copies.list(LEAVER)).filter(filled);
  const holders = [MASTER_ID, LEAVER, STAYER, PROTECTED, MOVER];
  const [first = new Set<MarketSymbol>(), ...others] = await Promise.all(
    holders.map(
      async (accountId) =>
        new Set(
          (await ledger.positions.list(accountId))
            .filter((position) => isWorthHolding(position, runtime))
            .map(({ symbol }) => symbol),
        ),
    ),
  );
  return {
    buys: copies.filter(({ trade }) => trade.side === 'BUY').length,
    sells: copies.filter(({ trade }) => trade.side === 'SELL').length,
    open: [...first].filter((symbol) => others.every((held) => held.has(symbol))).sort(),
  };
};

/** Enough to be sold at a lower price, too, and of the mover also either part. */
const isWorthHolding = ({ accountId, symbol, quantity }: Position, { simulator }: Runtime): boolean => {
  const bid = simulator.price(symbol)?.bid;
  const share =
    accountId === MOVER ? Decimal.min(MOVED_SHARE, new Decimal(1).minus(MOVED_SHARE)) : new Decimal(1);
  return bid !== undefined && clearlySellable(share.times(text(quantity)), pairOf(symbol), new Decimal(bid));
};
