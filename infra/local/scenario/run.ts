import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import { HOUR, type Instant, MINUTE } from '../../../shared/time/clock.ts';
import { scheduleChecks } from '../check-schedule.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Runtime } from '../runtime.ts';
import { MASTER_ID, master, SCHEDULE, TICK_MS, users } from './cast.ts';
import type { CheckRecord } from './check-record.ts';
import { judge } from './checks.ts';
import { collect } from './collect.ts';
import type { Evidence, SearchedText } from './evidence.ts';
import { type HaltPhase, tradeWhileHalted } from './halt-phase.ts';
import { makeRoom } from './make-room.ts';
import { type Length, tradeThrough, WHOLE_RUN } from './market-phase.ts';
import { outage } from './outage-phase.ts';
import type { FallingPrices } from './price-falls.ts';
import { registerAll } from './register-phase.ts';
import { buildReport, type Report, type Timings } from './report.ts';

export interface ScenarioOptions {
  readonly seed: number;
  readonly users: number;
  readonly symbols: readonly MarketSymbol[];
  /** When trading begins: there are candles enough before it. */
  readonly from: Instant;
  /** What the simulated exchange trades at. */
  readonly prices: FallingPrices;
  /** Sees what the functions log. */
  readonly checks: CheckRecord;
  readonly bootMs: number;
  /** Files in which no secret may stand; of a database its write-ahead log belongs to it. */
  readonly searched: readonly string[];
  readonly flushLogs: () => void;
  readonly progress: (line: string) => void;
  /** Ends the run between two candles. */
  readonly stopping: AbortSignal;
  /** Default: a whole run. */
  readonly length?: Length;
}

/**
 * Users are checked every two hours while the master lives: every quarter of an hour, as in the outage and as
 * deployed, would about double the time that a run takes. Between two ticks, so that neither waits for the other's keys.
 */
const CHECKED_EVERY_MS = 2 * HOUR;
const AFTER_TICK_MS = 2.5 * MINUTE;

/** The main job, end to end: trade, copy, lose the master, read balances, exit; then judge and report. */
export const runScenario = async (
  runtime: Runtime,
  clock: VirtualClock,
  options: ScenarioOptions,
): Promise<Report> => {
  const { evidence, timings } = await play(runtime, clock, options);
  const draft = { name: 'the report', text: JSON.stringify(buildReport(evidence, [], timings)) };
  const guarantees = judge({ ...evidence, texts: [...evidence.texts, draft] });
  return buildReport(evidence, guarantees, timings);
};

/** The main job without its judgement. */
export const play = async (
  runtime: Runtime,
  clock: VirtualClock,
  options: ScenarioOptions,
): Promise<{
  readonly evidence: Evidence;
  readonly timings: Omit<Timings, 'copyLatencyP50Ms' | 'copyLatencyP99Ms'>;
}> => {
  const { seed, symbols, from, progress, checks, prices } = options;
  const began = performance.now();
  const members = [master(symbols), ...users(options.users, seed, symbols)];
  const registered = await registerAll(runtime, members);
  await makeRoom(runtime, options.users);
  const registeredAt = performance.now();
  progress(
    `registered ${MASTER_ID} and ${registered.accounts.length - 1} users; refused a key that can withdraw and a key used twice`,
  );

  runtime.scheduler.create({
    name: SCHEDULE,
    rateMs: TICK_MS,
    startAt: from + TICK_MS,
    fn: runtime.functionOf('master-tick'),
    input: { accountId: MASTER_ID, scheduledAt: '<aws.scheduler.scheduled-time>', periodMs: TICK_MS },
  });
  scheduleChecks(runtime, from + AFTER_TICK_MS, CHECKED_EVERY_MS);
  const halted: { phase?: HaltPhase } = {};
  const market = await tradeThrough(runtime, clock, from, {
    length: options.length ?? WHOLE_RUN,
    stopping: options.stopping,
    progress,
    checks,
    interlude: async (shared) => {
      halted.phase = await tradeWhileHalted(runtime, clock, { symbols, shared, checks });
      progress(
        'halted; the owner sold and bought by hand on the master account: users sold, none bought; resumed',
      );
      return halted.phase.tradeIds.length;
    },
  });
  const halt = halted.phase;
  if (halt === undefined) throw new Error('the halt was never engaged');
  const [symbol] = market.open;
  if (symbol === undefined) throw new Error('the market ended without a position that all hold');
  const tradedAt = performance.now();

  await runtime.call('control', { action: 'halt', by: 'operator', why: 'the master is gone' });
  const userIds = registered.accounts.map(({ accountId }) => accountId).filter((id) => id !== MASTER_ID);
  const masterKeys = [
    halt.ownerKey,
    ...registered.accounts.filter(({ accountId }) => accountId === MASTER_ID).map(({ apiKey }) => apiKey),
  ];
  const lost = await outage(runtime, clock, { userIds, masterKeys, symbol, prices, checks, progress });
  await runtime.settle();
  const endedAt = performance.now();

  const collected = await collect(
    runtime,
    registered.accounts.map(({ accountId }) => accountId),
  );
  options.flushLogs();
  const evidence: Evidence = {
    books: runtime.simulator.books,
    registered,
    market,
    halt,
    outage: lost,
    checks: { runs: checks.runs, rounds: checks.rounds, everyMs: CHECKED_EVERY_MS },
    collected,
    texts: await textsOf(options.searched),
    deadLetters: runtime.deadLetters(),
  };
  const timings = {
    seed,
    candles: market.candles,
    bootMs: options.bootMs,
    registerMs: Math.round(registeredAt - began),
    tradingMs: Math.round(tradedAt - registeredAt),
    outageMs: Math.round(endedAt - tradedAt),
    totalMs: Math.round(options.bootMs + performance.now() - began),
  };
  return { evidence, timings };
};

/** Byte for byte, so that databases can be searched, too. */
const textsOf = async (files: readonly string[]): Promise<readonly SearchedText[]> =>
  await Promise.all(
    files.map(async (file) => {
      const ahead = `${file}-wal`;
      const parts = [file, ...(existsSync(ahead) ? [ahead] : [])];
      const texts = await Promise.all(parts.map(async (part) => await readFile(part, 'latin1')));
      return { name: basename(file), text: texts.join('\n') };
    }),
  );
