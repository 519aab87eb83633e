import { isDeepStrictEqual } from 'node:util';
import type { Copy } from '../../../shared/copying/copy.ts';
import type { Instant } from '../../../shared/time/clock.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Runtime } from '../runtime.ts';
import { type TickAnswer, zTickAnswer } from './answers.ts';
import {
  LEAST_CANDLES,
  LEAST_COPIED,
  LEAVER,
  MASTER_ID,
  SLOW,
  SLOW_ANSWER_MS,
  SLOW_ORDER,
  STAYER,
  TICK_MS,
  UNLUCKY,
} from './cast.ts';

/** How long to trade, in candles. */
export interface Length {
  readonly least: number;
  /** After so many candles something else happens for one. */
  readonly interludeAt: number;
  /** A market that offers nothing for so long is given up on. */
  readonly most: number;
}
export const WHOLE_RUN: Length = { least: LEAST_CANDLES, interludeAt: 300, most: 4_000 };

/** A tick is due when the candle has closed; the function looks a moment later. */
const AFTER_CLOSE_MS = 1_000;

export interface MarketPhase {
  readonly candles: number;
  /** The master's balance as its last good tick found it. */
  readonly master: { readonly balance: TickAnswer['balance']; readonly at: Instant };
  readonly failedTicks: readonly string[];
  readonly lostAnswers: number;
}

export type Progress = (line: string) => void;

/** Runs the market candle by candle until enough was traded and copied and a copied position is open; `interlude` once on the way. */
export const tradeThrough = async (
  runtime: Runtime,
  clock: VirtualClock,
  from: Instant,
  parts: {
    readonly stopping: AbortSignal;
    readonly length: Length;
    readonly progress: Progress;
    readonly interlude: () => Promise<void>;
  },
): Promise<MarketPhase> => {
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
    skip: SLOW_ORDER - 1,
    times: 1,
  });
  const failedTicks: string[] = [];
  let last: MarketPhase['master'] | undefined;
  let published = 0;
  let done = await copiedSoFar(runtime);
  for (let candles = 1; ; candles += 1) {
    parts.stopping.throwIfAborted();
    clock.advanceTo(from + candles * TICK_MS + AFTER_CLOSE_MS);
    const known = published;
    for (const run of await runtime.scheduler.runDue(clock.now())) {
      if (run.state === 'FAILED') {
        failedTicks.push(run.error instanceof Error ? run.error.message : String(run.error));
        continue;
      }
      const answer = zTickAnswer.parse(JSON.parse(JSON.stringify(run.result)));
      last = { balance: answer.balance, at: clock.now() };
      published += answer.trades.length;
    }
    await runtime.settle();
    if (published > known) done = await copiedSoFar(runtime);
    if (candles % 50 === 0) {
      parts.progress(
        `${candles} candles: ${published} trades of the master, copied ${done.buys} BUY and ${done.sells} SELL`,
      );
    }
    if (candles === parts.length.interludeAt) await parts.interlude();
    const enough =
      candles >= parts.length.least && done.buys >= LEAST_COPIED && done.sells >= LEAST_COPIED && done.open;
    if (enough || candles >= parts.length.most) {
      if (last === undefined)
        throw new Error(`no tick of ${MASTER_ID} succeeded: ${failedTicks[0] ?? 'none ran'}`);
      return {
        candles,
        master: last,
        failedTicks,
        lostAnswers: lost.hits(),
      };
    }
  }
};

const filled = (copy: Copy): boolean => copy.outcome?.state === 'FILLED';

/** Trades that at least the leaver copied, and whether both leaver and stayer hold a copied position now. */
const copiedSoFar = async ({
  ledger,
}: Runtime): Promise<{ readonly buys: number; readonly sells: number; readonly open: boolean }> => {
  const copies = (await ledger.copies.list(LEAVER)).filter(filled);
  const [leaver, stayer] = await Promise.all([ledger.positions.list(LEAVER), ledger.positions.list(STAYER)]);
  const symbols = (positions: typeof leaver) => new Set(positions.map(({ symbol }) => symbol));
  return {
    buys: copies.filter(({ trade }) => trade.side === 'BUY').length,
    sells: copies.filter(({ trade }) => trade.side === 'SELL').length,
    open: leaver.length > 0 && isDeepStrictEqual(symbols(leaver), symbols(stayer)),
  };
};
