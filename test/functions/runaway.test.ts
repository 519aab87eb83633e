import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runControl } from '../../functions/control/control.ts';
import { zControlInput } from '../../functions/control/control-contract.ts';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { runTick, zTickInput } from '../../functions/master-tick/master-tick.ts';
import { quote } from '../../shared/money/money.ts';
import { iso, MINUTE } from '../../shared/time/clock.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { ordersAtExchange } from './books.ts';
import { alwaysBuys, alwaysSells, bossIsHealthy, bossTrade, giveCopy, liveMaster } from './causes.ts';
import { type Lab, type LabPorts, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

const ops = { by: 'ops', why: 'a test' };
const control = async (event: object) => {
  const { clock, log, meter } = lab.process();
  return await runControl(zControlInput.parse({ ...ops, ...event }), {
    control: lab.ledger.control,
    clock,
    log,
    meter,
  });
};
const allMayBuy = async (limits: object) => await control({ action: 'set-runaway-limits', limits });
const ROOMY = { maxOrders: 2_000, maxNotional: '1000000', windowMinutes: 5 };

beforeEach(async () => {
  await bossIsHealthy(lab);
  // Whatever the tests before have bought is out of every window.
  lab.clock.advance(20 * MINUTE);
});
afterEach(async () => {
  await allMayBuy(ROOMY);
  await control({ action: 'resume' });
});

const newUser = async (): Promise<string> => (await lab.openAccount('user')).accountId;
const newUsers = async (count: number): Promise<readonly string[]> => {
  const users: string[] = [];
  for (let index = 0; index < count; index += 1) users.push(await newUser());
  return users;
};
const copyInto = async (accountId: string, side: 'BUY' | 'SELL' = 'BUY', ports: LabPorts = lab.process()) => {
  const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now(), { side }));
  const outcome = await runCopy(message, ports);
  return outcome.state === 'FILLED' ? 'FILLED' : outcome.reason;
};
const figuresSince = (from: number, name: string) =>
  lab.lines.slice(from).filter(({ level, message }) => level === 'metric' && message === name);
const bought = (accountIds: readonly string[]): number =>
  accountIds.flatMap((accountId) => ordersAtExchange(lab, accountId)).filter(({ side }) => side === 'BUY')
    .length;

/** Which came first: an account's last reading of its guards, or the stop being in force. */
const eventOrder = () => {
  let events = 0;
  let counts = 0;
  let stopped = Number.POSITIVE_INFINITY;
  const begins = new Map<string, number>();
  const next = (): number => {
    events += 1;
    return events;
  };
  return {
    begins: (accountId: string): void => {
      // What is read after an order was sent decides nothing any more.
      if (bought([accountId]) === 0) begins.set(accountId, next());
    },
    counted: (): number => {
      counts += 1;
      return counts;
    },
    stops: (inForce: boolean): void => {
      if (inForce && stopped === Number.POSITIVE_INFINITY) stopped = next();
    },
    lastBeginOf: (accountId: string): number => begins.get(accountId) ?? Number.POSITIVE_INFINITY,
    stoppedAt: (): number => stopped,
  };
};

describe('the breaker over all accounts', () => {
  it('lets as many BUYs go as it may, trips with the next, and tells it once', async () => {
    await allMayBuy({ maxOrders: 2 });
    const users = await newUsers(5);
    const from = lab.lines.length;

    const outcomes: string[] = [];
    for (const user of users) outcomes.push(await copyInto(user));

    expect(outcomes).toEqual(['FILLED', 'FILLED', 'HALTED', 'HALTED', 'HALTED']);
    expect(figuresSince(from, 'RunawayTripped')).toMatchObject([{ fields: { account: users[2] } }]);
    expect(figuresSince(from, 'HaltEngaged')).toHaveLength(3);
    const { trip } = await lab.ledger.runaway.breaker();
    expect(trip).toMatchObject({ by: users[2], orders: 3, at: lab.clock.now() });
    expect(trip?.why).toBe(`3 BUYs of all accounts within 5 minutes; at most 2 (the last by ${users[2]})`);
  });

  it('trips by what they come to, too', async () => {
    // Each buys 5 % of 10,000, at the price cap at most.
    await allMayBuy({ maxNotional: '1200' });
    const users = await newUsers(3);

    const outcomes: string[] = [];
    for (const user of users) outcomes.push(await copyInto(user));

    expect(outcomes).toEqual(['FILLED', 'FILLED', 'HALTED']);
    expect((await lab.ledger.runaway.breaker()).trip?.why).toContain('; at most 1200');
  });

  it('lets none slip through of many that come at once', async () => {
    await allMayBuy({ maxOrders: 3 });
    const users = await newUsers(10);

    const outcomes = await Promise.all(users.map((user) => copyInto(user)));

    expect(outcomes.filter((outcome) => outcome === 'FILLED').length).toBeLessThanOrEqual(3);
    expect(bought(users)).toBe(outcomes.filter((outcome) => outcome === 'FILLED').length);
    expect((await lab.ledger.runaway.breaker()).trip).toBeDefined();
  });

  it('stops what was decided already before it is sent', async () => {
    const user = await newUser();
    const ports = lab.process();
    const { save } = ports.ledger.risk;
    const trip = { by: 'u-other', at: lab.clock.now(), why: 'seen', orders: 9, notional: quote('9') };
    // The last write before the guards are asked once more.
    const risk = {
      ...ports.ledger.risk,
      save: async (state: Parameters<typeof save>[0]) => {
        await save(state);
        await lab.ledger.runaway.trip(trip, await lab.ledger.runaway.breaker());
      },
    };

    const outcome = await copyInto(user, 'BUY', { ...ports, ledger: { ...ports.ledger, risk } });

    expect(outcome).toBe('HALTED');
    expect(bought([user])).toBe(0);
  });

  it.each<readonly [string, () => Promise<unknown>, () => Promise<unknown>]>([
    ['a trip', async () => await allMayBuy({ maxOrders: 4 }), async () => undefined],
    [
      'a halt',
      async () => undefined,
      async () => await lab.ledger.control.setHalt({ engaged: true, ...ops, at: lab.clock.now() }),
    ],
  ])('sends no BUY whose guards were read after %s was in force', async (what, prepare, stop) => {
    await prepare();
    const users = await newUsers(12);
    const order = eventOrder();
    const { ledger, ...rest } = lab.process();
    const watched: LabPorts = {
      ...rest,
      ledger: {
        ...ledger,
        copyContext: async (accountId, tradeId, masterId) => {
          order.begins(accountId);
          return await ledger.copyContext(accountId, tradeId, masterId);
        },
        runaway: {
          ...ledger.runaway,
          count: async (buy, breaker) => {
            await ledger.runaway.count(buy, breaker);
            // The fifth that comes so far: others are before, behind and in the middle of their guards.
            if (order.counted() === 5) {
              await stop();
              order.stops(what === 'a halt');
            }
          },
          trip: async (trip, breaker) => {
            const tripped = await ledger.runaway.trip(trip, breaker);
            order.stops(tripped);
            return tripped;
          },
        },
      },
    };

    const outcomes = await Promise.all(users.map((user) => copyInto(user, 'BUY', watched)));

    expect(order.stoppedAt()).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(outcomes).toContain('HALTED');
    for (const user of users)
      if (bought([user]) > 0) expect(order.lastBeginOf(user)).toBeLessThan(order.stoppedAt());
  });

  it.each([
    ['the breaker', { pk: 'runaway', sk: 'BREAKER' }],
    ['its limits', { pk: 'control', sk: 'RUNAWAY_LIMITS' }],
  ])('stops every BUY and no SELL where %s cannot be read', async (_what, key) => {
    const user = await newUser();
    await lab.givePosition(user, BTC, '0.01');
    const TableName = lab.table.table;
    await lab.table.client.send(new PutCommand({ TableName, Item: { ...key, kind: 'PERHAPS' } }));

    const outcomes = [await copyInto(user), await copyInto(user, 'SELL')];
    await lab.table.client.send(new DeleteCommand({ TableName, Key: key }));

    expect(outcomes).toEqual(['HALTED', 'FILLED']);
  });

  it('stops every BUY where what was bought cannot be read', async () => {
    const user = await newUser();
    const ports = lab.process();
    const runaway = {
      ...ports.ledger.runaway,
      bought: async () => await Promise.reject(new Error('the table timed out')),
    };

    const outcome = await copyInto(user, 'BUY', { ...ports, ledger: { ...ports.ledger, runaway } });

    expect(outcome).toBe('HALTED');
    expect(bought([user])).toBe(0);
  });

  it('neither stops nor counts a SELL or an exit', async () => {
    await allMayBuy({ maxOrders: 1 });
    const [first = '', second = '', seller = '', leaver = ''] = await newUsers(4);
    for (const user of [seller, leaver]) await lab.givePosition(user, BTC, '0.01');
    await copyInto(first);
    await copyInto(second);

    const sold = await copyInto(seller, 'SELL');
    const left = await runExit(zExitInput.parse({ accountId: leaver, scope: 'managed' }), lab.process());

    expect(sold).toBe('FILLED');
    expect(left.state).toBe('FLAT');
    const breaker = await lab.ledger.runaway.breaker();
    expect((await lab.ledger.runaway.bought(breaker, lab.clock.now())).orders).toBe(2);
  });

  it('forgets what was bought before its window', async () => {
    await allMayBuy({ maxOrders: 1, windowMinutes: 1 });
    const [first = '', second = ''] = await newUsers(2);

    const outcomes = [await copyInto(first)];
    lab.clock.advance(2 * MINUTE);
    outcomes.push(await copyInto(second));

    expect(outcomes).toEqual(['FILLED', 'FILLED']);
  });

  it('is shown by status, and cleared by resume, after which BUYs are counted anew', async () => {
    await allMayBuy({ maxOrders: 1 });
    const [first = '', second = '', third = ''] = await newUsers(3);
    await copyInto(first);
    await copyInto(second);

    const shown = await runControl({ action: 'status' }, { ...lab.process(), control: lab.ledger.control });
    const resumed = await control({ action: 'resume' });
    const again = await copyInto(third);

    expect(shown.summary).toMatch(/^All buying is halted, by the breaker over all accounts: 2 BUYs/);
    expect(shown.runaway?.trip).toMatchObject({ by: second, orders: 2 });
    expect(resumed.summary).toBe('Buying is not halted. The breaker is cleared, too.');
    expect(resumed.cleared).toMatchObject({ ...ops, setting: 'runaway', after: 'cleared' });
    expect(again).toBe('FILLED');
  });
});

describe('a master', () => {
  const tick = async (accountId: string, strategy: typeof alwaysBuys) =>
    await runTick(
      zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) }),
      lab.process({ strategy }),
    );

  it('counts its BUYs among those of all accounts, and trips the breaker', async () => {
    await allMayBuy({ maxOrders: 1 });
    const [one, other] = [
      (await lab.openAccount('master', liveMaster)).accountId,
      (await lab.openAccount('master', liveMaster)).accountId,
    ];
    const from = lab.lines.length;

    await tick(one, alwaysBuys);
    await tick(other, alwaysBuys);

    expect([bought([one]), bought([other])]).toEqual([1, 0]);
    expect(figuresSince(from, 'RunawayTripped')).toMatchObject([{ fields: { account: other } }]);
  });

  it('buys nothing after a trip, tells so with every tick, and sells all the same', async () => {
    await allMayBuy({ maxOrders: 1 });
    const [first = '', second = ''] = await newUsers(2);
    const { accountId } = await lab.openAccount('master', liveMaster);
    await lab.givePosition(accountId, ETH, '1');
    await copyInto(first);
    await copyInto(second);
    const from = lab.lines.length;

    await tick(accountId, alwaysBuys);
    await tick(accountId, alwaysSells);

    expect(bought([accountId])).toBe(0);
    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: 'SELL' }]);
    expect(figuresSince(from, 'HaltEngaged')).toHaveLength(2);
  });
});
