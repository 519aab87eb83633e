import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../infra/local/clock/virtual-clock.ts';
import { localMarkets } from '../../infra/local/markets.ts';
import { bootRuntime } from '../../infra/local/runtime.ts';
import { MASTER_ID, master, TICK_MS, users } from '../../infra/local/scenario/cast.ts';
import { registerAll } from '../../infra/local/scenario/register-phase.ts';
import { openState } from '../../infra/local/state/state-folder.ts';
import { iso } from '../../shared/time/clock.ts';

const FILE = fileURLToPath(new URL('../../../shared/data/candles/XRPUSD-5m-2019.csv.gz', import.meta.url));
const TICKS = 120;

describe('trading on real candles', () => {
  it.skipIf(!existsSync(FILE))(
    'copies what the master trades at the prices of the file (skipped where ../shared/data is absent)',
    async () => {
      // Prepare
      const markets = await localMarkets({ seed: 1, candles: FILE });
      const clock = new VirtualClock(markets.from);
      const state = await openState('throw-away', markets.from);
      const runtime = await bootRuntime({ state, clock, seed: 1, simulator: { prices: markets.prices } });
      try {
        const members = [master(markets.symbols), ...users(5, 1, markets.symbols).slice(0, 2)];
        await registerAll(runtime, members);

        // Act
        for (let tick = 1; tick <= TICKS; tick += 1) {
          const due = markets.from + tick * TICK_MS;
          clock.advanceTo(due + 1_000);
          await runtime.call('master-tick', { accountId: MASTER_ID, scheduledAt: iso(due) });
          await runtime.settle();
        }

        // Assess
        const trades = await runtime.ledger.trades(MASTER_ID);
        const candleAt = (at: number) => markets.prices[0]?.candle(Math.floor(at / TICK_MS) * TICK_MS);
        expect(trades.length).toBeGreaterThan(0);
        for (const trade of trades) {
          const candle = candleAt(trade.at);
          expect(Number(trade.price)).toBeGreaterThan(Number(candle?.low) * 0.99);
          expect(Number(trade.price)).toBeLessThan(Number(candle?.high) * 1.01);
        }
        const copies = await runtime.ledger.copies.list('u-ann');
        expect(copies.map(({ trade }) => trade.tradeId).sort()).toEqual(
          trades.map(({ tradeId }) => tradeId).sort(),
        );
        expect(copies.every(({ outcome }) => outcome !== undefined)).toBe(true);
        expect(runtime.simulator.books.audit()).toEqual([]);
      } finally {
        await runtime.stop();
        await state.close();
      }
    },
  );
});
