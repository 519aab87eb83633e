import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../shared/time/clock.ts';
import {
  ALL_UNDERTAKINGS,
  bossIsHealthy,
  type Undertaking,
  type UndertakingKind,
} from '../functions/causes.ts';
import { type Lab, openLab } from '../functions/lab.ts';
import { Life, type Moment } from '../functions/mortality.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  await bossIsHealthy(lab);
});
afterAll(() => lab.stop());

const MOMENTS: readonly Moment[] = ['BEFORE', 'AFTER'];
/** A process that died keeps the key from others for so long. */
const LEASE_MS = 2 * SECOND;
const MOST_CALLS = 200;
const MOST_TRIES = 10;

/** Runs until the end or the death, and says which call it died at. */
const runMortal = async (undertaking: Undertaking, life: Life): Promise<string | undefined> => {
  try {
    await undertaking.run(lab.process({ life, leaseMs: LEASE_MS }));
  } catch (error) {
    if (life.died === undefined) throw error;
  }
  return life.died;
};

const finish = async (undertaking: Undertaking, pauseMs: number, when: string): Promise<void> => {
  let last: unknown;
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    lab.clock.advance(pauseMs);
    try {
      if (await undertaking.run(lab.process())) return;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`not finished after ${MOST_TRIES} tries; the process had died ${when}`, { cause: last });
};

describe.each(ALL_UNDERTAKINGS)('$name', (kind: UndertakingKind) => {
  // Dying after one call leaves the world as dying before the next does, so each state between two calls is
  // met with both pauses: while the order may still appear, and long after its deadline.
  it.each<[string, Moment, number]>([
    ['before it has an effect, and is taken up again at once', 'BEFORE', LEASE_MS],
    ['after it had its effect, and is taken up again much later', 'AFTER', 5 * MINUTE],
  ])('ends once whatever call the process dies at %s', async (_name, moment, pauseMs) => {
    let survived = false;
    for (let call = 1; call <= MOST_CALLS && !survived; call += 1) {
      const undertaking = await kind.prepare(lab);

      const died = await runMortal(undertaking, new Life(call, moment));
      if (died === undefined) survived = true;
      else await finish(undertaking, pauseMs, died);

      await undertaking.assess(`died ${died ?? 'never'}`);
    }
    expect(survived).toBe(true);
    expect(lab.simulator.books.audit()).toEqual([]);
  });
});

describe('two processes that die one after the other', () => {
  it('still place one order for the cause', async () => {
    const pause = fc.constantFrom(0, LEASE_MS, 10 * SECOND, 30 * SECOND, 5 * MINUTE);
    const death = fc.record({
      call: fc.integer({ min: 1, max: 30 }),
      moment: fc.constantFrom(...MOMENTS),
      pause,
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ALL_UNDERTAKINGS), death, death, async (kind, first, second) => {
        const undertaking = await kind.prepare(lab);

        const deaths: string[] = [];
        for (const { call, moment, pause: pauseMs } of [first, second]) {
          const died = await runMortal(undertaking, new Life(call, moment));
          if (died === undefined) break;
          deaths.push(died);
          lab.clock.advance(pauseMs);
        }
        if (deaths.length > 0) await finish(undertaking, LEASE_MS, deaths.join(', then '));

        await undertaking.assess(`died ${deaths.join(', then ')}`);
      }),
      { seed: 20261120, numRuns: 40 },
    );
  });
});
