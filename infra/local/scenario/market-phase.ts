import { isDeepStrictEqual } from 'node:util';
import type { Copy } from '../../../shared/copying/copy.ts';
import type { Instant } from '../../../shared/time/clock.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Runtime } from '../runtime.ts';
import { type TickAnswer, zTickAnswer } from './answers.ts';
import { LEAVER, MASTER_ID, SLOW, STAYER, TICK_MS, UNLUCKY } from './cast.ts';

/** Candles that are traded through at least, and trades of each side that are copied at least. */
const LEAST_CANDLES = 600;
const LEAST_COPIED = 3;
/** After so many candles something else happens for one. */
const INTERLUDE_AT = 300;
/** A market that offers nothing for so long is given up on. */
const MOST_CANDLES = 4_000;
/** A tick is due when the candle has closed; the function looks a moment later. */
const AFTER_CLOSE_MS = 1_000;
const SLOW_ANSWER_MS = 1_000;

export interface MarketPhase {
  readonly candles: number;
  /** The master's balance as its last good tick found it. */
  readonly master: { readonly balance: TickAnswer['balance']; readonly at: Instant };
  readonly failedTicks: readonly string[];
  readonly slow: SlowProof | undefined;
  readonly lostAnswers: number;
}

/** While one account's exchange took its time, how many others finished their copies of the same trade. */
export interface SlowProof {
  readonly account: string;
  readonly others: number;
  readonly finishedBefore: number;
}

export type Progress = (line: string) => void;

/** Runs the market candle by candle until enough was traded and copied and a copied position is open; `interlude` once on the way. */
export const tradeThrough = async (
  runtime: Runtime,
  clock: VirtualClock,
  from: Instant,
  parts: { readonly progress: Progress; readonly interlude: () => Promise<void> },
): Promise<MarketPhase> => {
  const lost = runtime.simulator.faults.inject({
    kind: 'RESET_AFTER',
    accountId: UNLUCKY,
    endpoint: 'AddOrder',
    times: 2,
  });
  const slow = runtime.simulator.faults.inject({
    kind: 'SLOW',
    accountId: SLOW,
    endpoint: 'AddOrder',
    ms: SLOW_ANSWER_MS,
    skip: 1,
    times: 1,
  });
  const failedTicks: string[] = [];
  let last: MarketPhase['master'] | undefined;
  let published = 0;
  let done = await copiedSoFar(runtime);
  for (let candles = 1; ; candles += 1) {
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
    if (candles === INTERLUDE_AT) await parts.interlude();
    const enough =
      candles >= LEAST_CANDLES && done.buys >= LEAST_COPIED && done.sells >= LEAST_COPIED && done.open;
    if (enough || candles >= MOST_CANDLES) {
      if (last === undefined)
        throw new Error(`no tick of ${MASTER_ID} succeeded: ${failedTicks[0] ?? 'none ran'}`);
      return {
        candles,
        master: last,
        failedTicks,
        slow: await slowProof(runtime, slow.hits() > 0),
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

/** The slow answer is that of the second order; its copy took the longest from order to end. */
const slowProof = async ({ ledger }: Runtime, happened: boolean): Promise<SlowProof | undefined> => {
  if (!happened) return undefined;
  const mine = (await ledger.copies.list(SLOW)).filter(filled).sort((a, b) => a.createdAt - b.createdAt)[1];
  if (mine?.finishedAt === undefined) return undefined;
  let others = 0;
  let finishedBefore = 0;
  for await (const page of ledger.accounts.followersOf(MASTER_ID)) {
    for (const accountId of page.filter((id) => id !== SLOW)) {
      const copy = await ledger.copies.get(accountId, mine.trade.tradeId);
      if (copy?.finishedAt === undefined) continue;
      others += 1;
      if (copy.finishedAt < mine.finishedAt) finishedBefore += 1;
    }
  }
  return { account: SLOW, others, finishedBefore };
};
