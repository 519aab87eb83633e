import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, type ConnectTerms, withConnection } from '../../shared/account/connect.ts';
import type { Circuit } from '../../shared/protection/circuit.ts';
import { SECOND } from '../../shared/time/clock.ts';
import { type Lease, LeaseLost } from '../../shared/vault/lease.ts';
import { type Lab, type LabPorts, openLab } from '../functions/lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

const FAILING: Circuit = { accountId: 'u-failing', state: 'CLOSED', failures: 2, version: 2 };
const TERMS = { holder: 'a test', priority: 'normal', waitMs: 0 } as const;

/** Connects a new user; `lease` changes what its lease does. */
const connecting = async <T>(
  use: (connection: Connection) => Promise<T>,
  {
    lease = () => ({}),
    terms = {},
    ports = lab.process(),
  }: { lease?: (real: Lease) => Partial<Lease>; terms?: Partial<ConnectTerms>; ports?: LabPorts } = {},
): Promise<T> => {
  const { apiKey: _, ...account } = await lab.openAccount('user');
  const { leases } = ports;
  const acquire: typeof leases.acquire = async (asked) => {
    const real = await leases.acquire(asked);
    const bound: Lease = {
      next: () => real.next(),
      renew: () => real.renew(),
      release: () => real.release(),
    };
    return { ...bound, ...lease(real) };
  };
  return await withConnection(account, { ...TERMS, ...terms }, { ...ports, leases: { acquire } }, use);
};

/** Ports that tell what was read and written of circuits. */
const watching = () => {
  const ports = lab.process();
  const { circuits } = ports.ledger;
  const touched: string[] = [];
  const watched: typeof circuits = {
    get: async (accountId) => {
      touched.push('read');
      return await circuits.get(accountId);
    },
    save: async (circuit) => {
      touched.push('written');
      await circuits.save(circuit);
    },
  };
  return { touched, ports: { ...ports, ledger: { ...ports.ledger, circuits: watched } } };
};

describe('a connection with an exchange', () => {
  it('keeps its key by renewing the lease when half its time is over, and not before', async () => {
    let renewed = 0;
    const renew = (real: Lease) => ({
      renew: async () => {
        renewed += 1;
        await real.renew();
      },
    });
    const after: number[] = [];

    await connecting(
      async ({ keep }) => {
        for (const ms of [0, 10 * SECOND - 1, 1, 0, 10 * SECOND - 1, 1]) {
          lab.clock.advance(ms);
          await keep();
          after.push(renewed);
        }
      },
      { lease: renew },
    );

    expect(after).toEqual([0, 0, 1, 1, 1, 2]);
  });

  it('gives its result though the lease cannot be given back, and says so', async () => {
    const before = lab.lines.length;
    const release = async (): Promise<void> => Promise.reject(new Error('the ledger is gone'));

    const result = await connecting(async ({ session }) => session.accountId, {
      lease: () => ({ release }),
    });

    expect(lab.lines.slice(before)).toMatchObject([
      {
        level: 'error',
        message: 'a lease was not given back and runs out by itself',
        fields: { account: result },
      },
    ]);
  });

  it('fails with what failed though the lease cannot be given back either', async () => {
    const release = async (): Promise<void> => Promise.reject(new Error('the ledger is gone'));
    const use = async (): Promise<never> => Promise.reject(new LeaseLost('an exit waits'));

    await expect(connecting(use, { lease: () => ({ release }) })).rejects.toThrow('an exit waits');
  });

  it('over which nothing is asked says nothing of the exchange', async () => {
    const { touched, ports } = watching();

    await connecting(async () => undefined, { ports });

    expect(touched).toEqual([]);
  });

  it.each<[string, ConnectTerms['circuit']]>([
    ['is known already', { readable: true, value: undefined }],
    ['could not be read before: that is no reason for a write', { readable: false, why: 'throttled' }],
  ])('whose exchange answers is not noted where that %s', async (_what, circuit) => {
    const { touched, ports } = watching();
    const terms = circuit === undefined ? {} : { circuit };

    await connecting(async ({ session }) => await session.balances(), { ports, terms });

    expect(touched).toEqual([]);
  });

  it.each<[string, ConnectTerms['circuit']]>([
    ['is not known', undefined],
    ['was failing', { readable: true, value: FAILING }],
  ])('whose exchange answers is noted where that %s', async (_what, circuit) => {
    const { touched, ports } = watching();
    const terms = circuit === undefined ? {} : { circuit };

    await connecting(async ({ session }) => await session.balances(), { ports, terms });

    expect(touched).toContain('read');
  });

  it('whose exchange fails, also behind an answer, is noted where it was known to be well', async () => {
    const { touched, ports } = watching();
    const circuit = { readable: true, value: undefined } as const;

    await connecting(
      async ({ session }) => {
        await session.balances();
        lab.simulator.faults.inject({
          kind: 'HTTP_5XX',
          endpoint: 'BalanceEx',
          accountId: session.accountId,
        });
        await session.balances().catch(() => undefined);
      },
      { ports, terms: { circuit } },
    );

    expect(touched).toContain('written');
  });
});
