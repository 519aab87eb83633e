import { join } from 'node:path';
import { VirtualClock } from '../../infra/local/clock/virtual-clock.ts';
import { localMarkets } from '../../infra/local/markets.ts';
import { bootRuntime } from '../../infra/local/runtime.ts';
import { LEAST_CANDLES, TICK_MS } from '../../infra/local/scenario/cast.ts';
import { CheckRecord } from '../../infra/local/scenario/check-record.ts';
import type { Evidence } from '../../infra/local/scenario/evidence.ts';
import { FallingPrices } from '../../infra/local/scenario/price-falls.ts';
import { play } from '../../infra/local/scenario/run.ts';
import { openState } from '../../infra/local/state/state-folder.ts';

const SEED = 1;
/** From here on the seeded market moves enough for three trades of each side soon. */
const QUIET_CANDLES = 395;
const LENGTH = { least: 30, interludeAt: 25, most: 120 };

/** The evidence of a real but short run: some hours of market, in seconds. */
export const shortRun = async (users: number): Promise<Evidence> => {
  const markets = await localMarkets({ seed: SEED, candles: undefined });
  const from = markets.from + QUIET_CANDLES * TICK_MS;
  const clock = new VirtualClock(from);
  const state = await openState('throw-away', from);
  const prices = new FallingPrices(markets.prices);
  const checks = new CheckRecord();
  const runtime = await bootRuntime({
    state,
    clock,
    seed: SEED,
    simulator: { prices: prices.sources },
    onLine: (line) => checks.see(line),
  });
  try {
    const { evidence } = await play(runtime, clock, {
      seed: SEED,
      users,
      symbols: markets.symbols,
      from,
      prices,
      checks,
      bootMs: 0,
      searched: [state.file('log'), state.file('queues'), join(state.path, 'state.json')],
      flushLogs: runtime.flushLogs,
      progress: () => undefined,
      stopping: new AbortController().signal,
      length: LENGTH,
    });
    // A whole run is twenty times as long; nothing but its length is pretended.
    return { ...evidence, market: { ...evidence.market, candles: LEAST_CANDLES } };
  } finally {
    await runtime.stop();
    await state.close();
  }
};
