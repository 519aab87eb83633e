import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExitMismatch, runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { createHandler } from '../../functions/exit/handler.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { UnknownAccount } from '../../shared/account/errors.ts';
import { quantity } from '../../shared/money/money.ts';
import { BTC, ETH, SOL } from '../local/kraken/exchange.ts';
import { expectLedgerAsExchange, heldAtExchange, ordersAtExchange } from './books.ts';
import { orderByHand } from './by-hand.ts';
import { type Lab, type NewAccount, openLab, type ProcessOptions } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

const HOLDINGS = { BTC: '0.02', ETH: '0.4', SOL: '3' } as const;

/** An account with a position of Nija's in BTC and ETH, and some SOL of its owner's own. */
const holder = async (profile: NewAccount = {}): Promise<string> => {
  const { accountId } = await lab.openAccount('user', {
    balances: { USD: '100', SOL: HOLDINGS.SOL },
    ...profile,
  });
  await lab.givePosition(accountId, BTC, HOLDINGS.BTC);
  await lab.givePosition(accountId, ETH, HOLDINGS.ETH);
  return accountId;
};

const exit = async (accountId: string, more: Record<string, unknown> = {}, options: ProcessOptions = {}) =>
  await runExit(zExitInput.parse({ accountId, requestId: 'away', ...more }), lab.process(options));

const brief = (report: Awaited<ReturnType<typeof exit>>) =>
  report.results.map(({ symbol, state, quantity: sold }) => `${symbol} ${state} ${sold.toFixed()}`);

describe('an exit', () => {
  it('of what is managed sells that and leaves alone what the owner bought', async () => {
    const accountId = await holder();

    const report = await exit(accountId);

    expect(report.state).toBe('FLAT');
    expect(brief(report)).toEqual(['BTC/USD SOLD 0.02', 'ETH/USD SOLD 0.4']);
    expect(heldAtExchange(lab, accountId, SOL)).toBe('3');
    await expectLedgerAsExchange(lab, accountId, BTC, 'managed');
    await expectLedgerAsExchange(lab, accountId, ETH, 'managed');
  });

  it('of everything sells all that can be sold for cash, and reports what came of it', async () => {
    const accountId = await holder();
    const cashBefore = Number(lab.simulator.books.balances(accountId)['USD']?.total);

    const report = await exit(accountId, { scope: 'everything' });

    expect(brief(report)).toEqual(['BTC/USD SOLD 0.02', 'ETH/USD SOLD 0.4', 'SOL/USD SOLD 3']);
    expect([BTC, ETH, SOL].map((symbol) => Number(heldAtExchange(lab, accountId, symbol)))).toEqual([
      0, 0, 0,
    ]);
    const proceeds = report.results.reduce((sum, result) => sum.plus(result.proceeds), quantity('0').plus(0));
    const cash = Number(lab.simulator.books.balances(accountId)['USD']?.total);
    expect(proceeds.toNumber()).toBeCloseTo(cash - cashBefore, 3);
  });

  it('of named symbols sells those alone', async () => {
    const accountId = await holder();

    const report = await exit(accountId, { symbols: [ETH], scope: 'everything' });

    expect(brief(report)).toEqual(['ETH/USD SOLD 0.4']);
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0.02');
  });

  it('of what is managed leaves the owner’s own orders in other symbols alone', async () => {
    const accountId = await holder();
    const own = await orderByHand(lab, accountId, {
      pair: 'SOLUSD',
      type: 'sell',
      ordertype: 'limit',
      price: '9999.00',
      volume: '1',
    });

    const report = await exit(accountId);

    expect(report).toMatchObject({ state: 'FLAT', canceledOrders: [] });
    expect(ordersAtExchange(lab, accountId).find(({ orderId }) => orderId === own)?.status).toBe('open');
  });

  it('as a dry run says what would be sold, and writes and sends nothing', async () => {
    const accountId = await holder();

    const report = await exit(accountId, { scope: 'everything', dryRun: true });

    expect(report.state).toBe('PLANNED');
    expect(brief(report)).toEqual([
      'BTC/USD WOULD_SELL 0.02',
      'ETH/USD WOULD_SELL 0.4',
      'SOL/USD WOULD_SELL 3',
    ]);
    expect(ordersAtExchange(lab, accountId)).toEqual([]);
    expect(await lab.ledger.exits.list(accountId)).toEqual([]);
  });

  it('works for an account that is disabled, halted and below every minimum', async () => {
    const accountId = await holder({
      enabled: false,
      exitOnly: true,
      copyPaused: true,
      deniedSymbols: [BTC, ETH],
      limits: { minimumEquity: '1000000' },
    });
    await lab.ledger.control.setHalt({ engaged: true, by: 'a test', why: 'to see', at: lab.clock.now() });

    const report = await exit(accountId);
    await lab.ledger.control.setHalt({ engaged: false, by: 'a test', why: 'seen', at: lab.clock.now() });

    expect(report.state).toBe('FLAT');
  });

  it('goes on without a price', async () => {
    const accountId = await holder();
    lab.clock.advance(2_000);
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', endpoint: 'Ticker', times: Number.POSITIVE_INFINITY });

    const report = await exit(accountId);
    lab.simulator.faults.clear();

    expect(report.state).toBe('FLAT');
  });

  it('cancels open orders first, and sells what they had locked', async () => {
    const accountId = await holder();
    const own = await openSale(accountId, '0.01');

    const planned = await exit(accountId, { dryRun: true });
    const report = await exit(accountId);

    expect(planned.notes).toEqual([`would cancel order ${own} (BTC/USD)`]);
    expect(report.canceledOrders).toEqual([own]);
    expect(report.state).toBe('FLAT');
    expect(Number(heldAtExchange(lab, accountId, BTC))).toBe(0);
  });

  it('is not flat where an open order cannot be cancelled, and is when asked again', async () => {
    const accountId = await holder();
    await openSale(accountId, '0.01');
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', endpoint: 'CancelOrder', accountId });

    const first = await exit(accountId);
    const second = await exit(accountId);

    expect(first.state).toBe('INCOMPLETE');
    expect(second.state).toBe('FLAT');
    expect(Number(heldAtExchange(lab, accountId, BTC))).toBe(0);
  });

  it('reports dust that cannot be sold and why, and counts as flat', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.00001');

    const report = await exit(accountId);

    expect(report).toMatchObject({ state: 'FLAT', results: [{ symbol: BTC, state: 'DUST' }] });
    expect(report.results[0]?.detail).toMatch(/below the minimum/);
    expect(report.results[0]?.left.toFixed()).toBe('0.00001');
  });

  it('goes on with the other symbols where one fails, and finishes when asked again', async () => {
    const accountId = await holder();
    lab.simulator.faults.inject({
      kind: 'ERROR_TEXT',
      text: 'EOrder:Orders limit exceeded',
      endpoint: 'AddOrder',
      accountId,
    });

    const first = await exit(accountId);
    const second = await exit(accountId);

    expect(first.state).toBe('INCOMPLETE');
    expect(brief(first)).toEqual(['BTC/USD FAILED 0', 'ETH/USD SOLD 0.4']);
    expect(first.results[0]?.detail).toContain('Orders limit exceeded');
    expect(second.state).toBe('FLAT');
    expect(brief(second).toSorted()).toEqual(['BTC/USD SOLD 0.02', 'ETH/USD SOLD 0.4']);
  });

  it('of an account that holds nothing is flat at once', async () => {
    const { accountId } = await lab.openAccount('user');

    expect(await exit(accountId)).toMatchObject({ state: 'FLAT', results: [] });
    expect(await exit(accountId, { requestId: 'named', symbols: [BTC] })).toMatchObject({
      state: 'FLAT',
      results: [{ symbol: BTC, state: 'FLAT' }],
    });
  });
});

describe('an exit request', () => {
  it('made again sells nothing more, also where something was bought since', async () => {
    const accountId = await holder();
    const first = await exit(accountId);
    lab.simulator.deposit(accountId, 'BTC', '0.5');
    await lab.givePosition(accountId, SOL, '2');

    const second = await exit(accountId);

    expect(second).toMatchObject({
      state: 'FLAT',
      resumed: true,
      canceledOrders: [],
      notes: ['this exit was finished before'],
    });
    expect(brief(second).toSorted()).toEqual(brief(first).toSorted());
    expect(ordersAtExchange(lab, accountId)).toHaveLength(2);
  });

  it('made again after its process died right behind a sale still tells of that sale', async () => {
    const accountId = await holder();
    const process = lab.process();
    const { exits } = process.ledger;
    const save = async (request: Parameters<typeof exits.save>[0]): Promise<void> => {
      if (request.results.some(({ state }) => state === 'SOLD')) throw new Error('the process died');
      await exits.save(request);
    };
    const dying = { ...process, ledger: { ...process.ledger, exits: { ...exits, save } } };

    await expect(runExit(zExitInput.parse({ accountId, requestId: 'away' }), dying)).rejects.toThrow(
      'the process died',
    );
    const report = await exit(accountId);

    expect(report).toMatchObject({ state: 'FLAT', resumed: true });
    expect(brief(report).toSorted()).toEqual(['BTC/USD SOLD 0.02', 'ETH/USD SOLD 0.4']);
    expect(ordersAtExchange(lab, accountId)).toHaveLength(2);
  });

  it('with other parameters under the same id is refused', async () => {
    const accountId = await holder();
    await exit(accountId, { symbols: [ETH] });

    await expect(exit(accountId, { symbols: [BTC] })).rejects.toThrow(ExitMismatch);
    await expect(exit(accountId, { symbols: [ETH], scope: 'everything' })).rejects.toThrow(/use a new id/);
    expect(ordersAtExchange(lab, accountId)).toHaveLength(1);
  });

  it('of an unknown account, a master, or in a wrong form is refused', async () => {
    const handler = createHandler(lab.host);
    const ask = (event: unknown) => invoke({ name: 'exit', handler, timeoutMs: 30_000 }, event);

    await expect(exit('u-nobody')).rejects.toThrow(UnknownAccount);
    await expect(ask({ accountId: 'm-boss', requestId: 'r' })).rejects.toThrow(/accountId/);
    await expect(ask({ accountId: 'u-1', requestId: 'a b' })).rejects.toThrow(/requestId/);
    await expect(ask({ accountId: 'u-1', requestId: 'r', symbols: ['btcusd'] })).rejects.toThrow(/BTC\/USD/);
    await expect(ask({ accountId: 'u-1', requestId: 'r', dryrun: true })).rejects.toThrow(/dryrun/);
  });
});

describe('an exit without a request id', () => {
  const press = async (accountId: string, more: Record<string, unknown> = {}) =>
    await exit(accountId, { requestId: undefined, ...more });
  const refuseOneOrder = (accountId: string) =>
    lab.simulator.faults.inject({
      kind: 'ERROR_TEXT',
      text: 'EOrder:Orders limit exceeded',
      endpoint: 'AddOrder',
      accountId,
    });

  it('sells under an id of its own, and after its end sells again what was bought since', async () => {
    const accountId = await holder();

    const first = await press(accountId);
    const idle = await press(accountId);
    await lab.givePosition(accountId, SOL, '2');
    const second = await press(accountId);

    const day = new Date(lab.clock.now()).toISOString().slice(0, 10);
    expect(first.requestId).toMatch(new RegExp(`^${day}-[0-9a-f]{8}$`));
    expect(brief(first)).toEqual(['BTC/USD SOLD 0.02', 'ETH/USD SOLD 0.4']);
    expect(idle).toMatchObject({ state: 'FLAT', results: [] });
    expect(brief(second)).toEqual(['SOL/USD SOLD 2']);
    expect(new Set([first, idle, second].map(({ requestId }) => requestId)).size).toBe(3);
    expect([first, idle, second].map(({ resumed }) => resumed)).toEqual([false, false, false]);
    expect(await lab.ledger.exits.list(accountId)).toHaveLength(3);
  });

  it('goes on with the one that is not flat yet, until it is', async () => {
    const accountId = await holder();
    refuseOneOrder(accountId);

    const first = await press(accountId);
    const second = await press(accountId);

    expect(first).toMatchObject({ state: 'INCOMPLETE', resumed: false });
    expect(second).toMatchObject({ state: 'FLAT', resumed: true, requestId: first.requestId });
    expect(brief(second).toSorted()).toEqual(['BTC/USD SOLD 0.02', 'ETH/USD SOLD 0.4']);
    expect(await lab.ledger.exits.list(accountId)).toHaveLength(1);
  });

  it('goes on with one of another’s id, of the same scope and symbols in whatever order, and no other', async () => {
    const accountId = await holder();
    const symbols = [BTC, ETH];
    refuseOneOrder(accountId);
    await exit(accountId, { requestId: 'by-hand', symbols });

    const other = await press(accountId, { symbols: [SOL] });
    const wider = await press(accountId, { symbols, scope: 'everything', dryRun: true });
    const same = await press(accountId, { symbols: symbols.toReversed() });

    expect([other.resumed, wider.resumed]).toEqual([false, false]);
    expect(same).toMatchObject({ requestId: 'by-hand', resumed: true, state: 'FLAT' });
  });

  it('as a dry run writes nothing, and names the exit that would go on', async () => {
    const accountId = await holder();

    const fresh = await press(accountId, { dryRun: true });
    const written = await lab.ledger.exits.list(accountId);
    refuseOneOrder(accountId);
    const begun = await press(accountId);
    const resumed = await press(accountId, { dryRun: true });

    expect(fresh).toMatchObject({ state: 'PLANNED', resumed: false });
    expect(written).toEqual([]);
    expect(resumed).toMatchObject({ state: 'PLANNED', resumed: true, requestId: begun.requestId });
    expect(brief(resumed)).toContain('BTC/USD WOULD_SELL 0.02');
  });

  it('never takes an id that the account has had', async () => {
    const accountId = await holder();
    const ids = ['0badcafe-1', '0badcafe-2', 'deadbeef-1'];
    const chance = { id: () => ids.shift() ?? 'used-up' };
    const input = zExitInput.parse({ accountId });

    const first = await runExit(input, { ...lab.process(), chance });
    const second = await runExit(input, { ...lab.process(), chance });

    expect([first, second].map(({ requestId }) => requestId.slice(11))).toEqual(['0badcafe', 'deadbeef']);
  });
});

describe('a dry run of an exit that is flat', () => {
  it('says that this request id would sell nothing more', async () => {
    const accountId = await holder();
    await exit(accountId);
    await lab.givePosition(accountId, SOL, '2');

    const report = await exit(accountId, { dryRun: true });

    expect(report).toMatchObject({ state: 'PLANNED', resumed: true, results: [] });
    expect(report.notes.join()).toContain('leave the request id out');
  });
});

describe('a market that fills in parts', () => {
  let thin: Lab;
  beforeAll(async () => {
    // Each level offers a little, and there are few of them: one order takes all there is for the moment.
    thin = await openLab({ simulator: { book: { levelNotional: '300', levels: 3 } } });
  });
  afterAll(() => thin.stop());

  it('is sold into in rounds, each an order of its own, and all is told in one result', async () => {
    const { accountId } = await thin.openAccount('user');
    await thin.givePosition(accountId, BTC, '0.05');

    const reports = [];
    for (let asked = 0; asked < 6; asked += 1) {
      const report = await runExit(zExitInput.parse({ accountId, requestId: 'thin' }), thin.process());
      reports.push(report);
      if (report.state === 'FLAT') break;
      thin.clock.advance(60_000);
    }

    const orders = ordersAtExchange(thin, accountId);
    expect(orders.length).toBeGreaterThan(1);
    expect(new Set(orders.map(({ clientOrderId }) => clientOrderId)).size).toBe(orders.length);
    const last = reports.at(-1);
    expect(last).toMatchObject({ state: 'FLAT', results: [{ symbol: BTC, rounds: orders.length }] });
    const sold = orders.reduce((sum, { filled }) => sum.plus(filled), quantity('0').plus(0));
    expect(last?.results[0]?.quantity.toFixed()).toBe(sold.toFixed());
    await expectLedgerAsExchange(thin, accountId, BTC, 'in parts');
  });
});

/** A limit sale far above the market; gives the exchange's id. */
const openSale = (accountId: string, volume: string): Promise<string> =>
  orderByHand(lab, accountId, { type: 'sell', ordertype: 'limit', price: '90000', volume });
