import { join } from 'node:path';
import * as z from 'zod';
import type { PageListener } from '../../page/server/page-listener.ts';
import { iso, SECOND } from '../../shared/time/clock.ts';
import type { FunctionName } from '../functions/specs.ts';
import { scheduleChecks } from './check-schedule.ts';
import { VirtualClock } from './clock/virtual-clock.ts';
import { type FunctionEndpoint, startFunctionEndpoint } from './function-endpoint.ts';
import { OPERATOR } from './functions.ts';
import { localPage } from './local-page.ts';
import { localMarkets } from './markets.ts';
import { openNotices, scheduleNotices, sendNotices } from './notices/local-notices.ts';
import { openSpareAccount } from './owner/spare-account.ts';
import { bootRuntime, type Runtime } from './runtime.ts';
import { STAYER } from './scenario/cast.ts';
import { CheckRecord } from './scenario/check-record.ts';
import { FallingPrices, zPriceFall } from './scenario/price-falls.ts';
import { renderReport } from './scenario/render.ts';
import { runScenario } from './scenario/run.ts';
import { DEFAULT_STATE, type StartOptions, startOptions, USAGE, UsageError } from './start-options.ts';
import { announceServing } from './state/serving.ts';
import { openState, StateError, type StateFolder } from './state/state-folder.ts';

/** Where the width of the terminal is not known. */
const COLUMNS = 100;

/** The command behind `npm start`. */
const main = async (argv: readonly string[]): Promise<number> => {
  const options = startOptions(argv);
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort(signal));
  const state = await openState(options.state, Date.now());
  try {
    return await run(options, state, stopping.signal);
  } finally {
    await state.close();
  }
};

const zFacts = z.object({
  seed: z.int(),
  candles: z.string().optional(),
  at: z.number(),
  falls: z.array(zPriceFall).default([]),
});

const run = async (options: StartOptions, state: StateFolder, stopping: AbortSignal): Promise<number> => {
  const began = performance.now();
  const progress = (line: string): void => {
    process.stderr.write(`${((performance.now() - began) / SECOND).toFixed(1).padStart(6)} s  ${line}\n`);
  };
  const earlier = options.resume ? factsOf(state) : undefined;
  const seed = earlier?.seed ?? options.seed;
  const candles = earlier?.candles ?? options.candles;
  const markets = await localMarkets({ seed, candles });
  // Only now, when nothing can be wrong with what was asked any more.
  if (earlier === undefined) await state.reset();
  const clock = new VirtualClock(earlier?.at ?? markets.from);
  const prices = new FallingPrices(markets.prices, earlier?.falls);
  const checks = new CheckRecord();
  const notices = await openNotices(state, options.notify);
  const runtime = await bootRuntime({
    state,
    channels: notices.channels,
    clock,
    seed,
    simulator: { prices: prices.sources },
    onLine: (line) => checks.see(line),
    report: ({ functionName, message }) => progress(`${functionName}: ${message}`),
  });
  let endpoint: FunctionEndpoint | undefined;
  let page: PageListener | undefined;
  let finished = earlier !== undefined;
  let served = false;
  try {
    if (options.serve) {
      page = localPage(runtime, clock, progress);
      endpoint = await startFunctionEndpoint(
        (name, event) => runtime.call(name, event),
        page.handle,
        options.port,
      );
    }
    progress(
      `booted: database, secrets, queues, functions and a simulated Kraken, all on 127.0.0.1; state in ${state.path}`,
    );
    progress(notices.says);
    const ok =
      earlier !== undefined ||
      (await scenario(runtime, clock, options, {
        ...markets,
        prices,
        checks,
        seed,
        state,
        progress,
        bootMs: Math.round(performance.now() - began),
        stopping,
      }));
    if (stopping.aborted) {
      progress('stopped before the end: nothing is shown, and there is nothing to resume');
      return 130;
    }
    finished = true;
    if (earlier !== undefined) scheduleChecks(runtime, clock.now());
    await sendNotices(runtime, progress);
    if (options.serve) scheduleNotices(runtime, clock.now());
    if (endpoint !== undefined) {
      const { url } = endpoint;
      const { secretsEndpoint } = runtime;
      await openSpareAccount(runtime.simulator, state.file('spareKey'));
      progress(
        `commands, in another terminal: npm run -s nija -- help${options.state === 'throw-away' ? ` --state ${state.path}` : elsewhere(options)}`,
      );
      const announced = await announceServing(state, { url, secretsEndpoint, operator: OPERATOR });
      try {
        await serve(runtime, clock, endpoint, progress, stopping);
      } finally {
        await announced.withdraw();
      }
      served = true;
    }
    return ok ? 0 : 1;
  } finally {
    await endpoint?.stop();
    await page?.settle();
    await runtime.stop();
    await notices.stop();
    if (finished)
      await state.remember({
        seed,
        ...(candles === undefined ? {} : { candles }),
        at: clock.now(),
        falls: prices.falls,
      });
    if (served) progress(afterServing(options));
  }
};

const afterServing = (options: StartOptions): string =>
  options.state === 'throw-away'
    ? 'stopped; no state is kept'
    : `stopped; state kept, go on with: npm start -- --resume${elsewhere(options)}`;

/** What a command line has to say where the state is not in its usual place. */
const elsewhere = ({ state }: StartOptions): string =>
  state === 'throw-away' || state.path === DEFAULT_STATE ? '' : ` --state ${state.path}`;

/** @throws StateError when there is nothing to go on from */
const factsOf = (state: StateFolder): z.infer<typeof zFacts> => {
  const parsed = zFacts.safeParse(state.facts);
  if (parsed.success) return parsed.data;
  throw new StateError(
    `the state folder holds no finished run to go on from: run without --resume first (given '${state.path}')`,
  );
};

const scenario = async (
  runtime: Runtime,
  clock: VirtualClock,
  options: StartOptions,
  parts: Omit<Parameters<typeof runScenario>[2], 'users' | 'searched' | 'flushLogs'> & {
    readonly state: StateFolder;
  },
): Promise<boolean> => {
  const interrupted = new Promise<undefined>((resolve) =>
    parts.stopping.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  const report = await Promise.race([
    runScenario(runtime, clock, {
      ...parts,
      users: options.users,
      searched: [
        ...(['log', 'queues', 'positions', 'notices'] as const).map((name) => parts.state.file(name)),
        join(parts.state.path, 'state.json'),
      ],
      flushLogs: runtime.flushLogs,
    }),
    interrupted,
  ]);
  if (report === undefined) return false;
  process.stdout.write(
    options.json ? `${JSON.stringify(report)}\n` : renderReport(report, process.stdout.columns ?? COLUMNS),
  );
  return report.ok;
};

/** Real time from here on: schedules run when they are due, functions answer until Ctrl-C. */
const serve = async (
  runtime: Runtime,
  clock: VirtualClock,
  { url, pageUrl }: FunctionEndpoint,
  progress: (line: string) => void,
  stopping: AbortSignal,
): Promise<void> => {
  const { engaged } = await runtime.ledger.control.halt();
  progress(
    `serving until Ctrl-C; it is ${iso(clock.now())} here${engaged ? ', and all buying is halted until you resume it' : ''}. Try:`,
  );
  const call = (name: FunctionName, event: unknown): string =>
    `  curl -s ${url.replace('<name>', name)} -d '${JSON.stringify(event)}'\n`;
  process.stderr.write(
    `\n  Open ${pageUrl} in a browser of this machine: all accounts on one page\n\n${call('balance', { accountId: STAYER })}${call('control', { action: 'status' })}\n  All calls: docs/local-runtime.md\n\n`,
  );
  const timer = setInterval(() => {
    runtime.scheduler.runDue(clock.now()).then(
      (runs) => {
        for (const run of runs)
          if (run.state === 'FAILED') progress(`${run.schedule} failed: ${String(run.error)}`);
      },
      (error: unknown) => progress(`the scheduler failed: ${String(error)}`),
    );
  }, SECOND);
  await new Promise<void>((resolve) => {
    if (stopping.aborted) resolve();
    stopping.addEventListener('abort', () => resolve(), { once: true });
  });
  clearInterval(timer);
};

/** What a person can act on is one sentence; anything else is a defect of ours and keeps its stack. */
const explain = (error: unknown): string => {
  if (error instanceof UsageError) return `${error.message}. All options: npm start -- --help`;
  if (!(error instanceof Error)) return String(error);
  return error.name === 'Error' || error.name === 'TypeError'
    ? (error.stack ?? error.message)
    : error.message;
};

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`nija: ${explain(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
