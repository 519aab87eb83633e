import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { TRADED } from '../local/prices/measured-markets.ts';
import { CALLS_FILE, type Calls } from './calls.ts';
import { measureDispatch } from './measuring/checks.ts';
import { measureMaster, measureUsers } from './measuring/scenarios.ts';
import { metricsIn, summarise } from './measuring/summary.ts';
import { startWorld } from './measuring/world.ts';

/** How soon the simulated exchange answers, and AWS at the earliest. */
const TIMES = { exchangeMs: 50, awsMs: 5 };

/** Counts what each unit of work takes, in about three minutes, and writes calls.json. */
export const measure = async (progress: (line: string) => void): Promise<void> => {
  const load = loadavg()[0]?.toFixed(1) ?? 'unknown';
  const world = await startWorld(TIMES);
  try {
    progress('copies, balances, exits and checks of ten followers …');
    const users = await measureUsers(world);
    progress('ticks of APEX, one a minute of the market’s time …');
    const master = await measureMaster(world);
    progress('the dispatch of checks to more accounts …');
    const dispatch = await measureDispatch(world);
    const all = [...users, ...master, ...dispatch];
    const calls: Calls = {
      measured: {
        on: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, other work at the start: load ${load}`,
        node: process.version,
        at: new Date().toISOString().slice(0, 10),
        ...TIMES,
        markets: TRADED.length,
      },
      units: summarise(all),
      customMetrics: [...metricsIn(all.flatMap(({ samples }) => samples))],
    };
    writeFileSync(CALLS_FILE, `${JSON.stringify(calls, null, 2)}\n`);
  } finally {
    await world.stop();
  }
};
