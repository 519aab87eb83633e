import { describe, expect, it } from 'vitest';
import { ConcurrentChange } from '../../shared/order/order.ts';
import { type Circuit, FAILURES_TO_OPEN } from '../../shared/protection/circuit.ts';
import { noteHeard } from '../../shared/protection/circuit-feed.ts';
import { claimProbe, passageOf } from '../../shared/protection/circuit-passage.ts';
import { ANSWERS, type Heard } from '../../shared/protection/hearing.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { NOON } from '../copying/made.ts';

/** One account's circuit; `races` writers come first. */
const circuitOf = (stored?: Circuit, races = 0) => {
  let now = stored;
  let left = races;
  const saved: Circuit[] = [];
  const told: string[] = [];
  const log = { info: () => {}, warn: () => {}, error: () => {}, with: () => log };
  const ports = {
    ledger: {
      circuits: {
        get: async () => now,
        save: async (circuit: Circuit) => {
          left -= 1;
          if (left >= 0) throw new ConcurrentChange('another was first');
          saved.push(circuit);
          now = circuit;
        },
      },
    },
    clock: { now: () => NOON, sleep: async () => {} },
    log,
    meter: {
      count: (name: string) => {
        told.push(name);
      },
      milliseconds: () => {},
      basisPoints: () => {},
      quoteUnits: () => {},
    },
  };
  const hear = (heard: Heard) => noteHeard('u-ann', heard, ports);
  return { ports, saved, told, hear, circuit: () => now };
};

const failures = (count: number): Circuit => ({
  accountId: 'u-ann',
  version: 1,
  state: 'CLOSED',
  failures: count,
});
const open = (state: 'OPEN' | 'PROBING'): Circuit => ({
  accountId: 'u-ann',
  version: 4,
  state,
  openings: 1,
  until: NOON - 1,
  lastFailure: 'TIMEOUT',
});

describe('how an exchange answers an account', () => {
  it('is counted, failure by failure, until it pauses the BUYs and says so once', async () => {
    const here = circuitOf();

    for (let count = 1; count <= FAILURES_TO_OPEN; count += 1) await here.hear('TIMEOUT');
    await here.hear('TIMEOUT');

    expect(here.circuit()).toMatchObject({ state: 'OPEN', openings: 1, lastFailure: 'TIMEOUT' });
    expect(here.saved).toHaveLength(FAILURES_TO_OPEN);
    expect(here.told).toEqual(['CircuitOpened', 'CircuitStaysOpen']);
  });

  it('is written only where it changes something', async () => {
    const here = circuitOf();

    await here.hear(ANSWERS);

    expect(here.saved).toEqual([]);
  });

  it('ends what was counted with one answer', async () => {
    const here = circuitOf(failures(3));

    await here.hear(ANSWERS);

    expect(here.circuit()).toMatchObject({ state: 'CLOSED', failures: 0, version: 2 });
    expect(here.told).toEqual([]);
  });

  it('pauses for longer where the one that tried failed, too', async () => {
    const here = circuitOf(open('PROBING'));

    await here.hear('UNAVAILABLE');

    expect(here.circuit()).toMatchObject({ state: 'OPEN', openings: 2, until: NOON + 2 * MINUTE });
    expect(here.told).toEqual(['CircuitStaysOpen']);
  });

  it('tells nothing of a failure that pauses nothing', async () => {
    const here = circuitOf(failures(1));

    await here.hear('TIMEOUT');

    expect(here.told).toEqual([]);
  });

  it('is read again where another process was first', async () => {
    const here = circuitOf(failures(3), 2);

    await here.hear('TIMEOUT');

    expect(here.circuit()).toMatchObject({ failures: 4 });
  });

  it('is given up after three tries, and hides neither a result nor a failure', async () => {
    const here = circuitOf(failures(4), 3);

    await expect(here.hear('TIMEOUT')).resolves.toBeUndefined();

    expect(here.circuit()).toEqual(failures(4));
    expect(here.told).toEqual([]);
  });
});

describe('a BUY while the exchange was failing', () => {
  const passage = (circuit: Circuit) => passageOf({ readable: true, value: circuit }, NOON);

  it('goes on where all is well, and writes nothing', async () => {
    const here = circuitOf(failures(1));

    expect(await claimProbe(passage(failures(1)), here.ports)).toBeUndefined();
    expect(here.saved).toEqual([]);
  });

  it('waits while the pause lasts, and says why', async () => {
    const here = circuitOf();
    const paused: Circuit = {
      ...open('OPEN'),
      state: 'OPEN',
      until: NOON + 1,
      openings: 1,
      lastFailure: 'TIMEOUT',
    };

    expect(await claimProbe(passage(paused), here.ports)).toContain('last with TIMEOUT');
    expect(here.saved).toEqual([]);
  });

  it('tries once the pause is over, and says so to the others first', async () => {
    const here = circuitOf(open('OPEN'));

    expect(await claimProbe(passage(open('OPEN')), here.ports)).toBeUndefined();
    expect(here.saved).toEqual([{ ...open('OPEN'), state: 'PROBING', until: NOON + MINUTE, version: 5 }]);
  });

  it('waits where another one tries at this moment', async () => {
    const here = circuitOf(open('OPEN'), 1);

    expect(await claimProbe(passage(open('OPEN')), here.ports)).toContain('another BUY tries');
  });

  it('does not go on where that cannot be written', async () => {
    const here = circuitOf(open('OPEN'));
    const broken = { get: async () => undefined, save: async () => Promise.reject(new Error('no ledger')) };
    const ports = { ...here.ports, ledger: { circuits: broken } };

    await expect(claimProbe(passage(open('OPEN')), ports)).rejects.toThrow('no ledger');
  });
});
