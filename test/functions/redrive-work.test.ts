import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { QUEUE_RETRIES_MS } from '../../shared/copying/copy-message.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import { LedgerError } from '../../shared/ledger/ledger.ts';
import { quantity } from '../../shared/money/money.ts';
import { HOUR, MINUTE, SECOND } from '../../shared/time/clock.ts';
import { BTC, ETH, SOL } from '../local/kraken/exchange.ts';
import { expectLedgerAsExchange, heldAtExchange, ordersAtExchange } from './books.ts';
import { orderByHand } from './by-hand.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  lab.simulator.faults.clear();
  await bossIsHealthy(lab);
});

const always = { mayGoOn: () => true, patienceMs: () => 20_000 };
const redrive = async (accountId: string, ports = lab.process()) =>
  await redriveWork(accountId, always, ports);
const give = async (accountId: string, changes: Partial<Trade> = {}) => {
  const trade = bossTrade(lab.clock.now(), changes);
  await giveCopy(lab, accountId, trade);
  return trade.tradeId;
};
const stateOf = async (accountId: string, tradeId: string) => {
  const outcome = (await lab.ledger.copies.get(accountId, tradeId))?.outcome;
  return outcome === undefined || outcome.state === 'FILLED' ? outcome?.state : outcome.reason;
};
const follow = async (accountId: string, masterId: string | undefined): Promise<void> => {
  const before = await lab.ledger.accounts.read(accountId);
  if (before === undefined) throw new Error(`${accountId} is not registered`);
  const { follows: _, ...rest } = before.account;
  const followsSince = lab.clock.now();
  const after = masterId === undefined ? rest : { ...rest, follows: masterId, followsSince };
  await lab.ledger.accounts.register(after, before);
};
const figuresSince = (line: number): readonly string[] =>
  lab.lines.slice(line).flatMap(({ level, message }) => (level === 'metric' ? [message] : []));
const refused = { kind: 'ERROR_TEXT', text: 'EOrder:Insufficient funds', endpoint: 'AddOrder' } as const;

describe('a copy whose message is gone', () => {
  it('is left to the queue while that may still deliver it', async () => {
    const { accountId } = await lab.openAccount('user');
    const tradeId = await give(accountId, { side: 'SELL' });
    lab.clock.advance(QUEUE_RETRIES_MS - 1);

    expect(await redrive(accountId)).toMatchObject({ copies: [], left: 0 });
    expect(await stateOf(accountId, tradeId)).toBeUndefined();
  });

  it('is not waited for where its account follows no more: nobody hands it the trade again', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    const sell = await give(accountId, { side: 'SELL' });
    lab.clock.advance(SECOND);
    const buy = await give(accountId);
    await follow(accountId, undefined);

    const report = await redrive(accountId);

    expect(report.copies).toMatchObject([
      { tradeId: sell, state: 'FILLED' },
      { tradeId: buy, state: 'SKIPPED', detail: expect.stringContaining('NOT_FOLLOWING') },
    ]);
    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: 'SELL', filled: '0.02' }]);
  });

  it('is not waited for where its account left and came back since, and buys nothing of before', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    const sell = await give(accountId, { side: 'SELL' });
    lab.clock.advance(SECOND);
    const buy = await give(accountId);
    lab.clock.advance(SECOND);
    await follow(accountId, undefined);
    await follow(accountId, 'm-boss');

    expect(await redrive(accountId)).toMatchObject({
      copies: [
        { tradeId: sell, state: 'FILLED' },
        { tradeId: buy, state: 'SKIPPED', detail: expect.stringContaining('NOT_FOLLOWING') },
      ],
    });
    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: 'SELL', filled: '0.02' }]);
  });

  it('sells where it is a SELL, and ends as STALE where it is a BUY, the oldest first', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    const sell = await give(accountId, { side: 'SELL' });
    lab.clock.advance(SECOND);
    const buy = await give(accountId);
    lab.clock.advance(QUEUE_RETRIES_MS);
    await bossIsHealthy(lab);

    const report = await redrive(accountId);

    expect(report.copies).toMatchObject([
      { tradeId: sell, state: 'FILLED' },
      { tradeId: buy, state: 'SKIPPED', detail: expect.stringContaining('STALE') },
    ]);
    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: 'SELL', filled: '0.02' }]);
    await expectLedgerAsExchange(lab, accountId, BTC, 'redriven');
  });

  it('that comes with the queue at the same moment makes one order', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    const tradeId = await give(accountId, { side: 'SELL' });
    lab.clock.advance(QUEUE_RETRIES_MS);

    await Promise.all([
      redrive(accountId),
      runCopy({ accountId, masterId: 'm-boss', tradeId }, lab.process()),
    ]);
    await redrive(accountId);

    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: 'SELL', filled: '0.02' }]);
    expect(await stateOf(accountId, tradeId)).toBe('FILLED');
  });

  it('stays open where it fails again, counts, and stops no other', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    await lab.givePosition(accountId, ETH, '1');
    const first = await give(accountId, { side: 'SELL' });
    lab.clock.advance(SECOND);
    const second = await give(accountId, { side: 'SELL', symbol: ETH });
    lab.clock.advance(QUEUE_RETRIES_MS);
    const text = 'EService:Unavailable';
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'BalanceEx', accountId });
    const before = lab.lines.length;

    const report = await redrive(accountId);

    expect(report.copies).toMatchObject([
      { tradeId: first, state: 'OPEN', detail: expect.stringContaining(text) },
      { tradeId: second, state: 'FILLED' },
    ]);
    const figures = lab.lines.slice(before).filter(({ level }) => level === 'metric');
    expect(figures.map(({ message }) => message)).toContain('CopyUnfinished');
    expect(await redrive(accountId)).toMatchObject({ copies: [{ tradeId: first, state: 'FILLED' }] });
  });
});

describe('an exit that is not flat', () => {
  const incomplete = async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    await lab.givePosition(accountId, ETH, '1');
    lab.simulator.faults.inject({ ...refused, accountId });
    const input = zExitInput.parse({ accountId, requestId: 'out', symbols: [BTC] });
    expect(await runExit(input, lab.process())).toMatchObject({ state: 'INCOMPLETE' });
    return accountId;
  };

  it('goes on under its own id until it is flat, says that it does, and is not asked again then', async () => {
    const accountId = await incomplete();
    lab.simulator.faults.inject({ ...refused, accountId });

    const reports = [await redrive(accountId)];
    for (let checks = 0; checks < 2; checks += 1) {
      lab.clock.advance(HOUR);
      reports.push(await redrive(accountId));
    }

    const note = expect.stringContaining('went on by itself');
    expect(reports.map(({ exits }) => exits)).toMatchObject([
      [{ requestId: 'out', state: 'INCOMPLETE', notes: [note] }],
      [{ requestId: 'out', state: 'FLAT', notes: [note] }],
      [],
    ]);
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
    // Of the symbols that were asked for only.
    expect(heldAtExchange(lab, accountId, ETH)).toBe('1');
    expect(await lab.ledger.exits.list(accountId)).toMatchObject([{ requestId: 'out', state: 'FLAT' }]);
  });

  it('that the exchange refuses again counts as failed again', async () => {
    const accountId = await incomplete();
    lab.simulator.faults.inject({ ...refused, accountId });
    const before = lab.lines.length;

    await redrive(accountId);

    expect(figuresSince(before)).toContain('ExitFailed');
  });

  it('that the ledger cannot tell about counts as failed, too', async () => {
    const accountId = await incomplete();
    const ports = lab.process();
    const get = () => Promise.reject(new LedgerError('the table is gone'));
    const exits = { ...ports.ledger.exits, get };
    const before = lab.lines.length;

    const report = await redrive(accountId, { ...ports, ledger: { ...ports.ledger, exits } });

    expect(report.exits).toMatchObject([
      { state: 'FAILED', notes: [expect.stringContaining('the table is gone')] },
    ]);
    expect(figuresSince(before)).toContain('ExitFailed');
  });

  it('cancels the orders in its symbols that were there when it was asked for, and no later or other ones', async () => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '10', SOL: '3' } });
    await lab.givePosition(accountId, BTC, '0.02');
    const sale = { type: 'sell', ordertype: 'limit' };
    const before = await orderByHand(lab, accountId, { ...sale, price: '90000', volume: '0.005' });
    const other = await orderByHand(lab, accountId, {
      ...sale,
      pair: 'SOLUSD',
      price: '9999.00',
      volume: '1',
    });
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', endpoint: 'CancelOrder', accountId });
    const input = zExitInput.parse({ accountId, requestId: 'out', symbols: [BTC] });
    expect(await runExit(input, lab.process())).toMatchObject({ state: 'INCOMPLETE' });
    lab.clock.advance(SECOND);
    lab.simulator.deposit(accountId, 'BTC', '0.01');
    const later = await orderByHand(lab, accountId, { ...sale, price: '91000', volume: '0.01' });

    const { exits } = await redrive(accountId);

    const open = ordersAtExchange(lab, accountId).flatMap(({ orderId, status }) =>
      status === 'open' ? [orderId] : [],
    );
    expect(exits).toMatchObject([{ state: 'FLAT' }]);
    expect(open).not.toContain(before);
    expect(open.toSorted()).toEqual([other, later].toSorted());
  });

  it('gives way to who has the key, and does not count that as a failure', async () => {
    const accountId = await incomplete();
    const { keyFingerprint = '' } = (await lab.ledger.accounts.get(accountId)) ?? {};
    const terms = { accountId, fingerprint: keyFingerprint, priority: 'normal', waitMs: 0 } as const;
    const { leases } = lab.process({ leaseMs: 60 * SECOND });
    const held = await leases.acquire({ ...terms, holder: 'the operator' });
    const before = lab.lines.length;

    const report = await redrive(accountId);
    await held.renew();
    await held.release();

    expect(report.exits).toMatchObject([
      { state: 'FAILED', notes: [expect.stringContaining('the operator')] },
    ]);
    expect(figuresSince(before)).toEqual([]);
    expect(await redrive(accountId)).toMatchObject({ exits: [{ state: 'FLAT' }] });
  });

  it('of everything sells what was left of it, and not what its owner brings later', async () => {
    const { accountId } = await lab.openAccount('user');
    lab.simulator.deposit(accountId, 'BTC', '0.02');
    lab.simulator.faults.inject({ ...refused, accountId });
    const input = zExitInput.parse({ accountId, requestId: 'all', scope: 'everything' });
    await runExit(input, lab.process());
    lab.clock.advance(SECOND);
    lab.simulator.deposit(accountId, 'BTC', '0.5');
    lab.simulator.deposit(accountId, 'ETH', '1');

    const first = await redrive(accountId);
    lab.simulator.deposit(accountId, 'BTC', '0.25');
    const second = await redrive(accountId);

    expect(first.exits).toMatchObject([{ requestId: 'all', state: 'FLAT' }]);
    expect(second.exits).toEqual([]);
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0.75');
    expect(heldAtExchange(lab, accountId, ETH)).toBe('1');
  });

  it.each([
    ['was not taken', { kind: 'ERROR_TEXT', text: 'EService:Market in cancel_only mode' }],
    ['was never answered', { kind: 'TIMEOUT_AFTER' }],
  ] as const)('of everything whose order %s goes on with what there was then', async (_how, how) => {
    const { accountId } = await lab.openAccount('user');
    lab.simulator.deposit(accountId, 'BTC', '0.02');
    const input = zExitInput.parse({ accountId, requestId: 'all', scope: 'everything' });
    const asked = lab.process({ timeoutMs: 200 });
    for (const endpoint of ['OpenOrders', 'ClosedOrders'])
      lab.simulator.faults.inject({ kind: 'HTTP_5XX', endpoint, accountId, times: 99 });
    lab.simulator.faults.inject({ ...how, endpoint: 'AddOrder', accountId, times: 9 });
    expect(await runExit(input, asked)).toMatchObject({ state: 'INCOMPLETE' });
    lab.simulator.faults.clear();
    lab.clock.advance(HOUR);
    lab.simulator.deposit(accountId, 'BTC', '0.5');

    const { exits } = await redrive(accountId);

    expect(exits).toMatchObject([{ requestId: 'all', state: 'FLAT' }]);
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0.5');
  });

  it('of everything sells nothing more where it has sold all, though that could not be seen', async () => {
    const { accountId } = await lab.openAccount('user');
    lab.simulator.deposit(accountId, 'BTC', '0.02');
    const input = zExitInput.parse({ accountId, requestId: 'all', scope: 'everything' });
    const ports = lab.process();
    const unseen: typeof ports.exchange = (name) => {
      const real = ports.exchange(name);
      return {
        ...real,
        session: (asked) => {
          const session = real.session(asked);
          let sold = false;
          return {
            ...session,
            place: async (order) => {
              sold = true;
              return await session.place(order);
            },
            balances: async () => {
              if (sold) throw new Error('nobody answers');
              return await session.balances();
            },
          };
        },
      };
    };
    expect(await runExit(input, { ...ports, exchange: unseen })).toMatchObject({
      state: 'INCOMPLETE',
      results: [{ quantity: quantity('0.02'), left: quantity('0') }],
    });
    lab.simulator.deposit(accountId, 'BTC', '0.3');

    expect((await redrive(accountId)).exits).toMatchObject([{ requestId: 'all', state: 'FLAT' }]);

    expect(heldAtExchange(lab, accountId, BTC)).toBe('0.3');
  });

  it('that was asked for again sells what was bought by then, and nothing of later', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    const input = zExitInput.parse({ accountId });
    const fault = lab.simulator.faults.inject({ ...refused, accountId, times: 9 });
    await runExit(input, lab.process());
    lab.clock.advance(MINUTE);
    await lab.givePosition(accountId, ETH, '1');
    lab.clock.advance(MINUTE);
    expect(await runExit(input, lab.process())).toMatchObject({ state: 'INCOMPLETE', resumed: true });
    fault.clear();
    lab.clock.advance(HOUR);
    await lab.givePosition(accountId, SOL, '3');

    expect((await redrive(accountId)).exits).toMatchObject([{ state: 'FLAT' }]);

    const held = [BTC, ETH, SOL].map((symbol) => heldAtExchange(lab, accountId, symbol));
    expect(held).toEqual(['0', '0', '3']);
  });

  it('leaves alone a position that has grown since, and says that somebody must ask again', async () => {
    const accountId = await incomplete();
    const position = await lab.ledger.positions.get(accountId, BTC);
    if (position === undefined) throw new Error('there is no position');
    lab.clock.advance(SECOND);
    lab.simulator.deposit(accountId, 'BTC', '0.01');
    const grown = { ...position, quantity: quantity('0.03'), grewAt: lab.clock.now(), version: 2 };
    await lab.ledger.recordExecution({
      accountId,
      symbol: BTC,
      fills: [],
      position: { before: position, after: grown },
      at: lab.clock.now(),
    });

    const { exits } = await redrive(accountId);
    const asked = await runExit(
      zExitInput.parse({ accountId, requestId: 'out', symbols: [BTC] }),
      lab.process(),
    );

    expect(exits).toMatchObject([{ state: 'INCOMPLETE' }]);
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
    expect(asked).toMatchObject({ state: 'FLAT' });
    expect(ordersAtExchange(lab, accountId).filter(({ filled }) => filled !== '0')).toMatchObject([
      { side: 'SELL', filled: '0.03' },
    ]);
  });

  it('that died before it named anything is not taken for flat', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    const requestedAt = lab.clock.now();
    const begun = { accountId, requestId: 'dead', scope: 'managed', requestedAt } as const;
    await lab.ledger.exits.save({ ...begun, state: 'RUNNING', results: [], version: 1 });

    const { exits } = await redrive(accountId);

    expect(exits).toMatchObject([
      { state: 'INCOMPLETE', notes: [expect.anything(), expect.stringContaining('ask again')] },
    ]);
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0.02');
  });

  it('sells no symbol again that it had sold', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    await lab.givePosition(accountId, ETH, '1');
    lab.simulator.faults.inject({ ...refused, accountId });
    const report = await runExit(zExitInput.parse({ accountId, requestId: 'both' }), lab.process());
    const sold = report.results.find(({ state }) => state === 'SOLD')?.symbol ?? ETH;
    lab.clock.advance(SECOND);
    lab.simulator.deposit(accountId, sold.slice(0, 3), '0.5');

    expect(await redrive(accountId)).toMatchObject({ exits: [{ state: 'FLAT' }] });

    expect(heldAtExchange(lab, accountId, sold)).toBe('0.5');
  });

  it('comes before owed sales, which it may make good', async () => {
    const accountId = await incomplete();
    lab.simulator.faults.inject({ ...refused, accountId });
    const tradeId = await give(accountId, { side: 'SELL' });
    await runCopy({ accountId, masterId: 'm-boss', tradeId }, lab.process());

    const report = await redrive(accountId);

    expect(report).toMatchObject({
      exits: [{ state: 'FLAT' }],
      sales: [{ tradeId, state: 'MADE_GOOD', by: 'CLOSED' }],
    });
  });
});

describe('a re-drive', () => {
  it('of an account with nothing unfinished asks the exchange nothing', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');

    const report = await redrive(accountId);

    expect(report).toEqual({
      accountId,
      exits: [],
      sales: [],
      copies: [],
      failures: [],
      left: 0,
      outOfTime: 0,
    });
    expect(lab.simulator.books.requests().filter((request) => request.apiKey === apiKey)).toEqual([]);
  });

  it('stops when its time is over and says how much is left', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    for (let copies = 0; copies < 3; copies += 1) await give(accountId, { side: 'SELL' });
    lab.clock.advance(QUEUE_RETRIES_MS);
    let asked = 0;
    const once = {
      mayGoOn: () => {
        asked += 1;
        return asked <= 1;
      },
      patienceMs: () => 0,
    };

    expect(await redriveWork(accountId, once, lab.process())).toMatchObject({
      copies: [{ state: 'FILLED' }],
      left: 2,
    });
  });

  it('names what it could not look for, and does the rest', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    const tradeId = await give(accountId, { side: 'SELL' });
    lab.clock.advance(QUEUE_RETRIES_MS);
    const ports = lab.process();
    const unfinished = async () => {
      throw new LedgerError('the table is away');
    };
    const exits = { ...ports.ledger.exits, unfinished };

    const report = await redrive(accountId, { ...ports, ledger: { ...ports.ledger, exits } });

    expect(report).toMatchObject({
      failures: [expect.stringContaining('the table is away')],
      copies: [{ tradeId, state: 'FILLED' }],
    });
  });
});
