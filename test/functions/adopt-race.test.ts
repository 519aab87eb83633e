import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAdopt } from '../../functions/adopt/adopt.ts';
import { AdoptionRefused, type AdoptReport, zAdoptInput } from '../../functions/adopt/adopt-contract.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { runExit } from '../../shared/exit/run-exit.ts';
import { text } from '../../shared/money/money.ts';
import { systemClock } from '../../shared/time/system-clock.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { heldOf } from '../reconciliation/checked.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ clock: systemClock });
});
afterAll(() => lab.stop());

const owner = async (): Promise<string> => {
  const { accountId } = await lab.openAccount('user', { balances: { USD: '1000' } });
  await lab.givePosition(accountId, BTC, '0.02');
  return accountId;
};

const exitOf = (accountId: string) => zExitInput.parse({ accountId, scope: 'managed', requestId: 'away' });

const release = async (accountId: string, waits: () => void): Promise<AdoptReport | Error> => {
  const ports = lab.process();
  const { leases } = ports;
  const input = {
    action: 'release',
    accountId,
    symbol: BTC,
    requestId: 'mine',
    by: 'Ann',
    why: 'mine again',
  };
  try {
    return await runAdopt(zAdoptInput.parse(input), {
      ...ports,
      leases: {
        acquire: async (terms) => {
          waits();
          return await leases.acquire(terms);
        },
      },
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};

describe('a release at the same moment as a sale', () => {
  it('that has decided on the position waits for its end, and gives nothing back that was sold', async () => {
    const accountId = await owner();
    const ports = lab.process();
    const { orders } = ports.ledger;
    let released: Promise<AdoptReport | Error> | undefined;
    const create: typeof orders.create = async (order) => {
      // It is decided what to sell, and nothing is written of it yet.
      const { promise: waiting, resolve } = Promise.withResolvers<void>();
      released ??= release(accountId, resolve);
      await Promise.race([released, waiting]);
      return await orders.create(order);
    };

    const exit = await runExit(exitOf(accountId), {
      ...ports,
      ledger: { ...ports.ledger, orders: { ...orders, create } },
    });
    const refused = await released;

    expect(exit).toMatchObject({ state: 'FLAT', results: [{ symbol: BTC, state: 'SOLD' }] });
    expect(refused).toBeInstanceOf(AdoptionRefused);
    expect(await lab.ledger.reconciliation.adjustments(accountId)).toEqual([]);
    expect(text(heldOf(lab, accountId, 'BTC'))).toBe('0');
  });

  it('that comes after it leaves all to the owner', async () => {
    const accountId = await owner();

    const released = await release(accountId, () => undefined);
    const exit = await runExit(exitOf(accountId), lab.process());

    expect(released).toMatchObject({ adjustment: { reason: 'RELEASED' } });
    expect(exit).toMatchObject({ state: 'FLAT', results: [] });
    expect(text(heldOf(lab, accountId, 'BTC'))).toBe('0.02');
  });
});
