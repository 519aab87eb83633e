import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AccountCheckPorts,
  type CheckStep,
  checkAccount,
} from '../../functions/account-check/account-check.ts';
import { VirtualClock } from '../../infra/local/clock/virtual-clock.ts';
import type { CheckFacts } from '../../shared/check/check-facts.ts';
import { ExchangeError } from '../../shared/exchange/exchange.ts';
import { BTC, NOON } from '../local/kraken/exchange.ts';
import { type Lab, openLab } from './lab.ts';

const clock = new VirtualClock(NOON);
let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ clock });
});
afterAll(() => lab.stop());

const plenty = () => 60_000;
const portsWith = (
  steps: readonly CheckStep[],
  aftermath: AccountCheckPorts['aftermath'] = [],
  process: Parameters<Lab['process']>[0] = {},
): AccountCheckPorts => ({
  ...lab.process(process),
  phases: [{ name: 'only', settleMs: 0, steps }],
  aftermath,
});

const noting = (name: string, notes: string[]): CheckStep => ({
  name,
  run: async ({ account }) => {
    notes.push(`${name} ${account.accountId}`);
    return name;
  },
});
const failing = (name: string): CheckStep => ({
  name,
  run: async () => {
    throw new RangeError(`${name} is broken`);
  },
});

/** Until the lease says that an exit is served next. */
const untilSomebodyWaits = async (accountId: string, fingerprint: string): Promise<void> => {
  const { client, table } = lab.table;
  const Key = { pk: accountId, sk: `LEASE#${fingerprint}` };
  for (;;) {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
    if (Item?.['waiter'] !== undefined) return;
    await clock.sleep(5);
  }
};

/** The figures that `act` leaves, in their order. */
const figuresOf = async (act: () => Promise<unknown>) => {
  const before = lab.lines.length;
  await act();
  return lab.lines
    .slice(before)
    .flatMap(({ level, message, fields }) => (level === 'metric' ? [{ ...fields, figure: message }] : []));
};

describe('a check', () => {
  it('reads balances and prices once, and hands the same facts to every step', async () => {
    const { accountId, apiKey } = await lab.openAccount('user', { balances: { USD: '1000', BTC: '0.02' } });
    const seen: CheckFacts[] = [];
    const keep = (name: string): CheckStep => ({ name, run: async (facts) => seen.push(facts) });

    const report = await checkAccount(accountId, portsWith([keep('one'), keep('two')]), plenty);

    expect(report).toMatchObject({
      accountId,
      state: 'COMPLETED',
      steps: [
        {
          step: 'connect',
          state: 'DONE',
          result: { equity: '2000', cash: '1000', complete: true, doubtful: {} },
        },
        { step: 'one', state: 'DONE' },
        { step: 'two', state: 'DONE' },
      ],
    });
    expect(seen[0]).toBe(seen[1]);
    expect(seen[0]?.tickers.get(BTC)?.last.toFixed()).toBe('50000');
    const asked = lab.simulator.books.requests().filter((request) => request.apiKey === apiKey);
    expect(asked.filter(({ endpoint }) => endpoint === 'BalanceEx')).toMatchObject([{ count: 1 }]);
  });

  it('has the price of a position that the exchange does not hold any more', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.01');
    lab.simulator.withdraw(accountId, 'BTC', '0.01');
    let price: string | undefined;
    const look: CheckStep = {
      name: 'look',
      run: async ({ tickers }) => {
        price = tickers.get(BTC)?.last.toFixed();
      },
    };

    await checkAccount(accountId, portsWith([look]), plenty);

    expect(price).toBe('50000');
  });

  it('goes on with the other steps where one fails, and names it', async () => {
    const { accountId } = await lab.openAccount('user');
    const notes: string[] = [];
    const steps = [noting('first', notes), failing('second'), noting('third', notes)];
    const after = { name: 'after', run: async (id: string) => notes.push(`after ${id}`) };

    const figures = await figuresOf(async () => {
      const report = await checkAccount(accountId, portsWith(steps, [after]), plenty);
      expect(report).toMatchObject({
        state: 'FAILED',
        steps: [
          { step: 'connect' },
          { step: 'first', state: 'DONE' },
          {
            step: 'second',
            state: 'FAILED',
            code: 'RangeError',
            message: 'second is broken',
            permanent: false,
          },
          { step: 'third', state: 'DONE' },
          { step: 'after', state: 'DONE' },
        ],
      });
    });

    expect(notes).toEqual([`first ${accountId}`, `third ${accountId}`, `after ${accountId}`]);
    expect(figures).toMatchObject([
      { figure: 'CheckFailed', account: accountId, step: 'second', code: 'RangeError' },
      { figure: 'CheckDuration', account: accountId, state: 'FAILED' },
    ]);
  });

  it('reads the market rules again where its owner traded a pair that they do not know', async () => {
    const { accountId } = await lab.openAccount('user');
    const refreshed: string[] = [];
    const ports = portsWith([
      {
        name: 'fills',
        run: async () => {
          throw new ExchangeError('kraken', 'UNKNOWN_PAIR', 'the pair NEWUSD is not known');
        },
      },
      noting('after', []),
    ]);
    const marketRules = {
      ...ports.marketRules,
      refresh: async (exchange: string) => {
        refreshed.push(exchange);
        return true;
      },
    };

    const report = await checkAccount(accountId, { ...ports, marketRules }, plenty);

    expect(refreshed).toEqual(['kraken']);
    expect(report.steps).toMatchObject([
      { step: 'connect', state: 'DONE' },
      { step: 'fills', state: 'FAILED', code: 'UNKNOWN_PAIR' },
      { step: 'after', state: 'DONE' },
    ]);
  });

  it('tells that it completed, and how long it took', async () => {
    const { accountId } = await lab.openAccount('user');

    const figures = await figuresOf(() => checkAccount(accountId, portsWith([]), plenty));

    expect(figures.map(({ figure }) => figure)).toEqual(['CheckDuration', 'CheckCompleted']);
  });

  it('gives the key back before what takes it again', async () => {
    const { accountId, keyFingerprint: fingerprint } = await lab.openAccount('user');
    const take = {
      name: 'take',
      run: async () => {
        const terms = { holder: 'somebody else', priority: 'normal', waitMs: 0 } as const;
        await (await lab.process().leases.acquire({ accountId, fingerprint, ...terms })).release();
      },
    };

    const report = await checkAccount(accountId, portsWith([], [take]), plenty);

    expect(report.state).toBe('COMPLETED');
  });

  it('lets whoever waits for the key have it between two phases, and reads all anew after that', async () => {
    const { accountId, keyFingerprint: fingerprint } = await lab.openAccount('user');
    const { leases } = lab.process();
    const notes: string[] = [];
    const seen: CheckFacts[] = [];
    let waiter: Promise<void> | undefined;
    const long: CheckStep = {
      name: 'long',
      run: async (facts) => {
        seen.push(facts);
        waiter = (async () => {
          const terms = { holder: 'a copied SELL', priority: 'normal', waitMs: 30_000 } as const;
          const lease = await leases.acquire({ accountId, fingerprint, ...terms });
          notes.push('waiter');
          lab.simulator.deposit(accountId, 'USD', '1');
          await lab.ledger.control.setProtection({
            accountId,
            protection: { enabled: false },
            by: 'ann',
            why: 'I hold',
            at: clock.now(),
          });
          await lease.release();
        })();
        clock.advanceTo(clock.now() + 2_000);
      },
    };
    const next: CheckStep = {
      name: 'next',
      run: async (facts) => {
        seen.push(facts);
        notes.push('next phase');
      },
    };
    const phases = [
      { name: 'one', settleMs: 0, steps: [long] },
      { name: 'two', settleMs: 0, steps: [next] },
    ];

    const report = await checkAccount(accountId, { ...portsWith([]), phases }, plenty);

    await waiter;
    expect(report.steps.map(({ step, state }) => `${step} ${state}`)).toEqual([
      'connect DONE',
      'long DONE',
      'next DONE',
    ]);
    expect(notes).toEqual(['waiter', 'next phase']);
    expect(seen.map(({ valuation }) => valuation.cash.toFixed())).toEqual(['10000', '10001']);
    expect(seen.map(({ account }) => account.protection.enabled)).toEqual([true, false]);
  });

  it('goes on with the phases that it can read for, and names the one that it cannot', async () => {
    const { accountId } = await lab.openAccount('user');
    const text = 'EService:Unavailable';
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'BalanceEx', accountId, skip: 1 });
    const notes: string[] = [];
    const phases = ['one', 'two', 'three'].map((name) => ({
      name,
      settleMs: 0,
      steps: [noting(name, notes)],
    }));

    const report = await checkAccount(accountId, { ...portsWith([]), phases }, plenty);

    expect(notes).toEqual([`one ${accountId}`, `three ${accountId}`]);
    expect(report.steps).toMatchObject([
      { step: 'connect', state: 'DONE' },
      { step: 'one', state: 'DONE' },
      { step: 'connect-two', state: 'FAILED', code: 'UNAVAILABLE', permanent: false },
      { step: 'three', state: 'DONE' },
    ]);
  });

  it('gives way to an exit between two steps, and says that the key was taken', async () => {
    const { accountId, keyFingerprint: fingerprint } = await lab.openAccount('user');
    const { leases } = lab.process();
    let exit: Promise<{ release(): Promise<void> }> | undefined;
    const notes: string[] = [];
    const wait: CheckStep = {
      name: 'wait',
      run: async () => {
        clock.advanceTo(clock.now() + 11_000);
        const terms = { holder: 'exit', priority: 'exit', waitMs: 30_000 } as const;
        exit = leases.acquire({ accountId, fingerprint, ...terms });
        await untilSomebodyWaits(accountId, fingerprint);
      },
    };

    const report = await checkAccount(accountId, portsWith([wait, noting('next', notes)]), plenty);

    await (await exit)?.release();
    expect(report.steps.at(-1)).toMatchObject({
      step: 'next',
      state: 'FAILED',
      code: 'KEY_BUSY',
      permanent: false,
    });
    expect(notes).toEqual([]);
  });

  it('begins no step that the time of the function would cut off', async () => {
    const { accountId } = await lab.openAccount('user');
    const notes: string[] = [];
    let left = 60_000;

    const report = await checkAccount(
      accountId,
      portsWith([
        {
          name: 'early',
          run: async () => {
            notes.push('early');
            left = 10_000;
          },
        },
        noting('late', notes),
      ]),
      () => left,
    );

    expect(notes).toEqual(['early']);
    expect(report.steps.at(-1)).toMatchObject({ step: 'late', code: 'OUT_OF_TIME', permanent: false });
  });
});

describe('an account that cannot be reached', () => {
  it('has no step but the re-drive, and says why', async () => {
    const { accountId } = await lab.openAccount('user');
    lab.simulator.faults.inject({
      kind: 'ERROR_TEXT',
      text: 'EService:Unavailable',
      endpoint: 'BalanceEx',
      accountId,
    });
    const notes: string[] = [];
    const after = { name: 'after', run: async (id: string) => notes.push(`after ${id}`) };

    const report = await checkAccount(accountId, portsWith([noting('step', notes)], [after]), plenty);

    expect(notes).toEqual([`after ${accountId}`]);
    expect(report).toMatchObject({
      state: 'FAILED',
      steps: [{ step: 'connect', code: 'UNAVAILABLE', permanent: false }, { step: 'after' }],
    });
  });

  it('that nobody knows has nothing at all', async () => {
    const notes: string[] = [];
    const after = { name: 'after', run: async (id: string) => notes.push(id) };

    const report = await checkAccount('u-nobody', portsWith([], [after]), plenty);

    expect(report.steps).toMatchObject([{ step: 'connect', code: 'ACCOUNT_UNKNOWN', permanent: true }]);
    expect(notes).toEqual([]);
  });
});
