import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkAccount } from '../../functions/account-check/account-check.ts';
import { checkPlan } from '../../functions/account-check/steps.ts';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import { runExit } from '../../shared/exit/run-exit.ts';
import { HOUR, MINUTE, SECOND } from '../../shared/time/clock.ts';
import { LeaseLost, LeaseUnavailable } from '../../shared/vault/lease.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { ordersAtExchange } from './books.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  lab.clock.advance(HOUR);
  await bossIsHealthy(lab);
});

/** An account whose key somebody else has for so long, and a trade to copy into it. */
const busy = async (side: 'BUY' | 'SELL', heldMs: number, holder = 'account-check') => {
  const { accountId, keyFingerprint } = await lab.openAccount('user');
  if (side === 'SELL') await lab.givePosition(accountId, BTC, '0.02');
  const { leases } = lab.process({ leaseMs: heldMs });
  const key = { accountId, fingerprint: keyFingerprint };
  await leases.acquire({ ...key, holder, priority: 'normal', waitMs: 0 });
  const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now(), { side }));
  return { accountId, message };
};

const occupy = async (accountId: string, heldMs: number): Promise<void> => {
  const { leases } = lab.process({ leaseMs: heldMs });
  const fingerprint = (await lab.ledger.accounts.get(accountId))?.keyFingerprint ?? '';
  await leases.acquire({ accountId, fingerprint, holder: 'other', priority: 'normal', waitMs: 0 });
};

/** The ports of a function that has 60 seconds from now on. */
const inTime = () => {
  const until = lab.clock.now() + 60 * SECOND;
  return { ...lab.process(), remainingMs: () => until - lab.clock.now() };
};

describe('a copy whose key somebody else has', () => {
  it.each([
    ['BUY', 28],
    ['SELL', 38],
  ] as const)('is made as soon as that is over (%s, after %i s)', async (side, seconds) => {
    const { accountId, message } = await busy(side, seconds * SECOND);
    const began = lab.clock.now();

    expect(await runCopy(message, inTime())).toMatchObject({ state: 'FILLED' });

    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: side }]);
    expect(lab.clock.now() - began).toBeLessThan((seconds + 3) * SECOND);
  });

  it.each(['BUY', 'SELL'] as const)('is given back in time where it takes too long (%s)', async (side) => {
    const { accountId, message } = await busy(side, 75 * SECOND);
    const ports = inTime();

    await expect(runCopy(message, ports)).rejects.toThrow(LeaseUnavailable);

    expect(ports.remainingMs()).toBeGreaterThan(15 * SECOND);
    expect(ordersAtExchange(lab, accountId)).toEqual([]);
  });

  it('waits longer to sell than to buy', async () => {
    const waited = async (side: 'BUY' | 'SELL'): Promise<number> => {
      const { message } = await busy(side, 75 * SECOND);
      const began = lab.clock.now();
      await runCopy(message, inTime()).catch(() => undefined);
      return lab.clock.now() - began;
    };

    expect(await waited('SELL')).toBeGreaterThan(await waited('BUY'));
  });

  it('is begun again at once where the key is taken away for an exit', async () => {
    const { accountId, message } = await busy('SELL', 1);
    lab.clock.advance(SECOND);
    const ports = inTime();
    let lost = false;
    const exchange: typeof ports.exchange = (name) => ({
      ...ports.exchange(name),
      session: (input) => {
        const session = ports.exchange(name).session(input);
        return {
          ...session,
          balances: async () => {
            if (lost) return await session.balances();
            lost = true;
            throw new LeaseLost('an exit waits for the key');
          },
        };
      },
    });

    expect(await runCopy(message, { ...ports, exchange })).toMatchObject({ state: 'FILLED' });
    expect(ordersAtExchange(lab, accountId)).toHaveLength(1);
  });

  it('holds up a check only a moment', async () => {
    const { accountId } = await busy('SELL', 75 * SECOND);
    lab.clock.advance(31 * 60 * SECOND);
    await occupy(accountId, 75 * SECOND);
    const began = lab.clock.now();

    const { copies } = await redriveWork(
      accountId,
      { mayGoOn: () => true, patienceMs: () => 20_000 },
      lab.process(),
    );

    expect(copies).toMatchObject([{ state: 'OPEN' }]);
    expect(lab.clock.now() - began).toBeLessThan(30 * SECOND);
  });
});

describe('a check whose key somebody else has', () => {
  it('waits for it no longer than leaves time for what needs no key', async () => {
    const { accountId, message } = await busy('BUY', SECOND);
    lab.clock.advance(35 * MINUTE);
    await occupy(accountId, 80 * SECOND);
    const until = lab.clock.now() + 80 * SECOND;
    const ports = lab.process();

    const report = await checkAccount(
      accountId,
      { ...ports, ...checkPlan(ports) },
      () => until - lab.clock.now(),
    );

    expect(report.steps.map(({ step, state }) => [step, state])).toEqual([
      ['connect', 'FAILED'],
      ['key', 'FAILED'],
      ['following', 'DONE'],
      ['redrive', 'DONE'],
    ]);
    expect((await lab.ledger.copies.get(accountId, message.tradeId))?.outcome).toMatchObject({
      reason: 'STALE',
    });
  });
});

describe('a look at what an exit would sell', () => {
  it('takes the key from nobody, and says that somebody has it', async () => {
    const { accountId, keyFingerprint: fingerprint } = await lab.openAccount('user');
    const { leases } = lab.process({ leaseMs: 75 * SECOND });
    const terms = { holder: 'exit by-hand', priority: 'exit', waitMs: 0 } as const;
    const running = await leases.acquire({ accountId, fingerprint, ...terms });
    const began = lab.clock.now();

    const look = runExit({ accountId, scope: 'managed', dryRun: true }, lab.process());

    await expect(look).rejects.toThrow(LeaseUnavailable);
    expect(lab.clock.now() - began).toBeLessThan(8 * SECOND);
    await expect(running.renew()).resolves.toBeUndefined();
  });
});
