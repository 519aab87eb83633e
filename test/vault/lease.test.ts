import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '../../shared/time/clock.ts';
import { SAFETY_MARGIN_MS } from '../../shared/vault/dynamodb/held-lease.ts';
import { dynamoLeases } from '../../shared/vault/dynamodb/leases.ts';
import { type Lease, LeaseLost, type LeasePriority, LeaseUnavailable } from '../../shared/vault/lease.ts';
import { type EmbeddedTable, embeddedTable } from '../ledger/embedded-table.ts';
import { refusalOf, START } from '../ledger/examples.ts';

const TTL = 20_000;
const RANGE = 1_000;

let table: EmbeddedTable;
beforeAll(async () => {
  table = await embeddedTable();
});
afterAll(() => table.stop());

let keys = 0;
/** A key that nobody has used, and a clock of its own that moves when somebody sleeps. */
const newKey = () => {
  keys += 1;
  const accountId = `u-key-${keys}`;
  let now = START;
  const whileAsleep: (() => Promise<void>)[] = [];
  const clock = (skewMs = 0): Clock => ({
    now: () => now + skewMs,
    sleep: async (ms) => {
      now += ms;
      for (const act of whileAsleep) await act();
    },
  });
  const leases = (skewMs = 0) => dynamoLeases({ ...table, clock: clock(skewMs), ttlMs: TTL });
  const acquire = (
    holder: string,
    {
      priority = 'normal',
      waitMs = 0,
      skewMs = 0,
    }: { priority?: LeasePriority; waitMs?: number; skewMs?: number } = {},
  ): Promise<Lease> => leases(skewMs).acquire({ accountId, fingerprint: 'f0', holder, priority, waitMs });
  return {
    acquire,
    whileAsleep,
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
  };
};

describe('the lease of a key', () => {
  it('gives nonces by the clock in microseconds, each one higher', async () => {
    const key = newKey();

    const lease = await key.acquire('tick');

    expect([lease.next(), lease.next(), lease.next()]).toEqual([0, 1, 2].map((n) => START * 1_000 + n));
  });

  it('is had by one holder at a time, and says who that is', async () => {
    const key = newKey();
    await key.acquire('copy-worker');

    const refused = await refusalOf(key.acquire('tick'));

    expect(refused).toBeInstanceOf(LeaseUnavailable);
    expect(refused.message).toContain('copy-worker has it until 2026-11-20T12:00:20.000Z');
  });

  it('is free again at once when it is released, and a lease that is over can be released again', async () => {
    const key = newKey();
    const first = await key.acquire('first');
    await first.release();
    await first.release();

    const second = await key.acquire('second');

    expect(second.next()).toBe(START * 1_000 + RANGE);
    expect(() => first.next()).toThrow(LeaseLost);
  });

  it('goes on above the nonces of a holder that died, even with a clock that is behind', async () => {
    const key = newKey();
    const dead = await key.acquire('dead', { skewMs: 3_600_000 });
    const used = dead.next();
    key.pass(TTL);

    const next = await key.acquire('next', { skewMs: -3_600_000 });

    expect(next.next()).toBe(used + RANGE);
  });

  it('ends for its holder before it ends for others', async () => {
    const key = newKey();
    const lease = await key.acquire('slow');
    key.pass(TTL - SAFETY_MARGIN_MS - 1);
    lease.next();
    key.pass(1);

    expect(() => lease.next()).toThrow(LeaseLost);
    await expect(key.acquire('other')).rejects.toThrow(LeaseUnavailable);
    key.pass(SAFETY_MARGIN_MS);
    expect((await key.acquire('other')).next()).toBeGreaterThan(START * 1_000 + RANGE - 1);
  });

  it('gives no more nonces than it reserved, and reserves others when it is renewed', async () => {
    const key = newKey();
    const lease = await key.acquire('busy');
    const nonces = Array.from({ length: RANGE }, () => lease.next());
    await lease.renew();
    const afterwards = Array.from({ length: RANGE }, () => lease.next());

    expect(() => lease.next()).toThrow('nonces are used up');
    expect(new Set([...nonces, ...afterwards]).size).toBe(2 * RANGE);
    expect(afterwards[0]).toBe(START * 1_000 + RANGE);
  });

  it('lasts on when renewed, and cannot be renewed by a holder that lost it', async () => {
    const key = newKey();
    const lease = await key.acquire('long');
    key.pass(15_000);
    await lease.renew();
    key.pass(15_000);
    lease.next();
    key.pass(TTL);
    const other = await key.acquire('other');

    await expect(lease.renew()).rejects.toThrow(LeaseLost);
    await lease.release();
    expect(other.next()).toBe(key.now() * 1_000);
  });

  it('is handed to a waiting exit at the holder’s release, before a normal acquirer that asked earlier', async () => {
    const key = newKey();
    const holder = await key.acquire('copy-worker');
    const refusals: Error[] = [];
    let polls = 0;
    key.whileAsleep.push(async () => {
      polls += 1;
      if (polls === 3) await holder.release();
      if (polls >= 2) refusals.push(await refusalOf(key.acquire('tick')));
    });

    const exit = await key.acquire('exit', { priority: 'exit', waitMs: 60_000 });

    expect(exit.next()).toBeGreaterThan(holderLast());
    expect(refusals.length).toBeGreaterThan(0);
    expect(refusals.at(-1)?.message).toContain('an exit is served first');
    function holderLast() {
      return START * 1_000 + RANGE - 1;
    }
  });

  it('keeps an exit waiting no longer than its time to live, because its holder cannot renew', async () => {
    const key = newKey();
    const holder = await key.acquire('copy-worker');
    const renewals: Error[] = [];
    key.whileAsleep.push(async () => {
      if (renewals.length === 0 && key.now() > START + 5_000) renewals.push(await refusalOf(holder.renew()));
    });

    await key.acquire('exit', { priority: 'exit', waitMs: 60_000 });

    expect(renewals[0]?.message).toContain('an exit waits');
    expect(key.now() - START).toBeLessThanOrEqual(TTL);
  });

  it('serves two exits that wait one after the other', async () => {
    const key = newKey();
    await key.acquire('dead');

    const both = [1, 2].map(async (n) => {
      const lease = await key.acquire(`exit-${n}`, { priority: 'exit', waitMs: 60_000 });
      const nonce = lease.next();
      await lease.release();
      return nonce;
    });
    const nonces = await Promise.all(both);

    expect(new Set(nonces).size).toBe(2);
  });

  it('is not kept from others for long by an exit that died while waiting', async () => {
    const key = newKey();
    const holder = await key.acquire('copy-worker');
    let died = false;
    key.whileAsleep.push(async () => {
      died = true;
      throw new Error('killed');
    });
    await expect(key.acquire('exit', { priority: 'exit', waitMs: 60_000 })).rejects.toThrow('killed');
    key.whileAsleep.length = 0;
    await holder.release();

    await expect(key.acquire('tick')).rejects.toThrow('an exit is served first');
    await key.acquire('tick', { waitMs: 5_000 });

    expect(died).toBe(true);
    expect(key.now() - START).toBeLessThanOrEqual(4_000);
  });

  it('takes its waiting mark back when an exit gives up', async () => {
    const key = newKey();
    const holder = await key.acquire('copy-worker');
    await expect(key.acquire('exit', { priority: 'exit', waitMs: 1_000 })).rejects.toThrow(LeaseUnavailable);
    await holder.renew();
    await holder.release();

    const next = await key.acquire('tick');

    expect(next.next()).toBeGreaterThan(START * 1_000);
  });

  it('never lets a nonce reach the exchange out of order, whoever crashes and whatever the clocks say', async () => {
    const holders = 3;
    const action = fc.record({
      holder: fc.nat(holders - 1),
      what: fc.constantFrom('acquire', 'acquire-exit', 'use', 'use', 'renew', 'release', 'crash'),
      passes: fc.constantFrom(0, 0, 1, 40, 700, 9_000, TTL - SAFETY_MARGIN_MS, TTL),
    });
    const skews = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: holders, maxLength: holders });
    await fc.assert(
      fc.asyncProperty(skews, fc.array(action, { minLength: 5, maxLength: 40 }), async (skew, actions) => {
        const key = newKey();
        const held = new Map<number, Lease>();
        const used: number[] = [];
        for (const { holder, what, passes } of actions) {
          key.pass(passes);
          const lease = held.get(holder);
          try {
            if (what === 'acquire' || what === 'acquire-exit') {
              const priority = what === 'acquire' ? 'normal' : 'exit';
              const skewMs = skew[holder] ?? 0;
              held.set(holder, await key.acquire(`h${holder}`, { priority, skewMs, waitMs: passes }));
            } else if (what === 'use' && lease !== undefined) used.push(lease.next(), lease.next());
            else if (what === 'renew') await lease?.renew();
            else if (what === 'release') await lease?.release();
            else if (what === 'crash') held.delete(holder);
          } catch (error) {
            if (!(error instanceof LeaseLost || error instanceof LeaseUnavailable)) throw error;
          }
        }

        expect(used).toEqual([...new Set(used)].sort((a, b) => a - b));
      }),
      { numRuns: 30 },
    );
  });

  it('lets workers with skewed clocks that all want the key at once use it without a collision', async () => {
    const key = newKey();
    const used: number[] = [];
    const worker = async (skewMs: number, priority: LeasePriority, crashes: boolean) => {
      for (let turn = 0; turn < 8; turn += 1) {
        const lease = await key.acquire(`w${skewMs}`, { skewMs, priority, waitMs: 600_000 });
        used.push(lease.next());
        await Promise.resolve();
        used.push(lease.next());
        if (!crashes || turn % 4 !== 3) await lease.release();
      }
    };

    await Promise.all([
      worker(-50, 'normal', true),
      worker(50, 'normal', false),
      worker(0, 'normal', false),
      worker(25, 'exit', true),
    ]);

    expect(used).toHaveLength(4 * 8 * 2);
    expect(used).toEqual([...new Set(used)].sort((a, b) => a - b));
  });
});
