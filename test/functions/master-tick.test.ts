import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MasterDisabled, runTick, zTickInput } from '../../functions/master-tick/master-tick.ts';
import { createHandler } from '../../functions/register-master/handler.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { fingerprintOf, Secret } from '../../shared/account/credentials.ts';
import { LedgerError } from '../../shared/ledger/ledger.ts';
import { quantity, quote } from '../../shared/money/money.ts';
import { type Cause, causeText, clientOrderIdOf } from '../../shared/order/order.ts';
import type { LoadedStrategy } from '../../shared/strategy/strategy.ts';
import { iso, MINUTE } from '../../shared/time/clock.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { expectLedgerAsExchange, ordersAtExchange } from './books.ts';
import { orderByHand } from './by-hand.ts';
import { alwaysBuys, alwaysSells, liveMaster, strategyOf, undecided } from './causes.ts';
import { type Lab, type NewAccount, openLab, type ProcessOptions } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

const tick = async (accountId: string, options: ProcessOptions = {}) =>
  await runTick(zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) }), lab.process(options));

const master = async (profile: NewAccount = liveMaster): Promise<string> =>
  (await lab.openAccount('master', profile)).accountId;

const halt = async (engaged: boolean) =>
  await lab.ledger.control.setHalt({ engaged, by: 'a test', why: 'to see', at: lab.clock.now() });

const both = strategyOf((input) => ({
  ...alwaysSells.decide(input),
  ...(input.positions.has(ETH)
    ? { entry: { symbol: BTC, amount: quote('500'), state: { plan: 1 }, reasons: ['why not'], numbers: {} } }
    : {}),
}));

describe('a tick', () => {
  it('places what its strategy decides, publishes the fill as a trade and its own health', async () => {
    const accountId = await master();

    const report = await tick(accountId, { strategy: alwaysBuys });

    const [order] = ordersAtExchange(lab, accountId);
    expect(order).toMatchObject({ side: 'BUY', type: 'limit', status: 'closed' });
    const trades = await lab.ledger.trades(accountId);
    expect(trades).toMatchObject([{ symbol: BTC, side: 'BUY', exchangeOrderId: order?.orderId }]);
    expect(trades[0]?.masterEquityBefore.toFixed()).toBe('100000');
    expect(report.trades.map(({ tradeId }) => tradeId)).toEqual(trades.map(({ tradeId }) => tradeId));
    expect(report.decisions).toEqual(['BUY BTC/USD: always']);
    expect(await lab.ledger.masterStatus.read(accountId)).toEqual({
      masterId: accountId,
      healthy: true,
      reason: 'ok',
      at: lab.clock.now(),
      periodMs: 5 * MINUTE,
    });
    await expectLedgerAsExchange(lab, accountId, BTC, 'entry');
  });

  it('sells and publishes though an order in doubt in another market cannot be looked up', async () => {
    const accountId = await master({ ...liveMaster, balances: { USD: '100000', ETH: '2' } });
    await lab.givePosition(accountId, BTC, '0.04');
    const at = lab.clock.now();
    const cause: Cause = { kind: 'tick', accountId, tickId: 'earlier', symbol: ETH, side: 'BUY' };
    await lab.ledger.orders.create({
      accountId,
      clientOrderId: clientOrderIdOf(cause),
      cause: causeText(cause),
      symbol: ETH,
      side: 'BUY',
      type: 'LIMIT_IOC',
      quantity: quantity('0.1'),
      state: 'INTENT',
      attempt: 1,
      createdAt: at,
      intendedAt: at,
      deadline: at + 5_000,
    });
    const fault = { kind: 'HTTP_5XX', endpoint: 'ClosedOrders', accountId, times: 99 } as const;
    lab.simulator.faults.inject(fault);

    await tick(accountId, { strategy: alwaysSells });

    expect(await lab.ledger.trades(accountId)).toMatchObject([{ symbol: BTC, side: 'SELL' }]);
    expect((await lab.ledger.orders.inDoubt(accountId)).map(({ symbol }) => symbol)).toEqual([ETH]);
    lab.simulator.faults.clear();
  });

  it.each([
    ['what follows', 'TradeVolume', undefined],
    ['what was to be recorded next', undefined, 2],
  ] as const)('has its strategy remember each sale once, also where %s fails', async (_what, endpoint, failsAt) => {
    let remembered: unknown;
    const counting: LoadedStrategy = {
      ...strategyOf(() => undecided),
      settle: (state, sales) => {
        remembered = [...(Array.isArray(state) ? state : []), ...sales.map(({ symbol }) => symbol)];
        return remembered;
      },
    };
    const accountId = await master({ ...liveMaster, balances: { USD: '100000', BTC: '1', ETH: '2' } });
    await tick(accountId, { strategy: counting });
    await lab.givePosition(accountId, BTC, '0.04');
    await lab.givePosition(accountId, ETH, '0.5');
    await orderByHand(lab, accountId, { pair: 'XBTUSD', type: 'sell', volume: '0.04' });
    lab.clock.advance(1_000);
    await orderByHand(lab, accountId, { pair: 'XETHZUSD', type: 'sell', volume: '0.5' });
    lab.clock.advance(MINUTE);
    if (endpoint !== undefined)
      lab.simulator.faults.inject({ kind: 'HTTP_5XX', endpoint, accountId, times: 9 });
    const ports = lab.process({ strategy: counting });
    let executions = 0;
    const recordExecution: typeof ports.ledger.recordExecution = async (execution) => {
      executions += 1;
      if (executions === failsAt) throw new LedgerError('the table is throttled');
      await ports.ledger.recordExecution(execution);
    };
    const input = () => zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) });

    await runTick(input(), { ...ports, ledger: { ...ports.ledger, recordExecution } }).catch(() => undefined);
    lab.simulator.faults.clear();
    for (let ticks = 0; ticks < 2; ticks += 1) {
      lab.clock.advance(5 * MINUTE);
      await tick(accountId, { strategy: counting });
    }

    expect(remembered).toEqual([BTC, ETH]);
  });

  it('has its strategy remember a sale of its own, though what is in doubt after it cannot be read', async () => {
    let remembered: unknown;
    const counting: LoadedStrategy = {
      ...alwaysSells,
      settle: (state, sales) => {
        remembered = [...(Array.isArray(state) ? state : []), ...sales.map(({ symbol }) => symbol)];
        return remembered;
      },
    };
    const accountId = await master();
    await tick(accountId, { strategy: { ...counting, decide: () => undecided } });
    await lab.givePosition(accountId, BTC, '0.04');
    lab.clock.advance(5 * MINUTE);
    const ports = lab.process({ strategy: counting });
    const { orders } = ports.ledger;
    const inDoubt: typeof orders.inDoubt = async (of) => {
      if (ordersAtExchange(lab, accountId).length > 0) throw new LedgerError('the table is throttled');
      return await orders.inDoubt(of);
    };
    const ledger = { ...ports.ledger, orders: { ...orders, inDoubt } };
    const input = zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) });

    await expect(runTick(input, { ...ports, ledger })).rejects.toThrow('the table is throttled');
    lab.clock.advance(5 * MINUTE);
    await tick(accountId, { strategy: { ...counting, decide: () => undecided } });

    expect(remembered).toEqual([BTC]);
    expect(ordersAtExchange(lab, accountId)).toHaveLength(1);
  });

  it('sells by the fee that it last read where it cannot be read now, and buys nothing', async () => {
    const accountId = await master();
    await tick(accountId, { strategy: strategyOf(() => undecided) });
    await lab.givePosition(accountId, ETH, '0.04');
    lab.clock.advance(MINUTE);
    const fault = { kind: 'HTTP_5XX', endpoint: 'TradeVolume', accountId, times: 9 } as const;
    const failing = lab.simulator.faults.inject(fault);

    const ticked = tick(accountId, { strategy: both });

    await expect(ticked).rejects.toThrow('TradeVolume');
    failing.clear();
    expect(ordersAtExchange(lab, accountId).map(({ side, symbol }) => [side, symbol])).toEqual([
      ['SELL', ETH],
    ]);
  });

  it('records with each order which settings decided it', async () => {
    const accountId = await master();

    await tick(accountId, { strategy: alwaysBuys });

    const clientOrderId = ordersAtExchange(lab, accountId)[0]?.clientOrderId ?? '';
    expect(await lab.ledger.orders.get(accountId, clientOrderId)).toMatchObject({ configVersion: 'given/1' });
  });

  it('tells which share of its position a sale was', async () => {
    const accountId = await master();
    await lab.givePosition(accountId, BTC, '0.04');

    await tick(accountId, { strategy: alwaysSells });

    const [trade] = await lab.ledger.trades(accountId);
    expect(trade?.side).toBe('SELL');
    expect(trade?.soldFraction.toFixed()).toBe('0.5');
    await expectLedgerAsExchange(lab, accountId, BTC, 'sale');
  });

  it('in paper mode decides, and sends nothing', async () => {
    const accountId = await master({ strategy: { name: 'manual', symbols: [BTC] } });

    const report = await tick(accountId, { strategy: alwaysBuys });

    expect(report.decisions).toHaveLength(1);
    expect(ordersAtExchange(lab, accountId)).toEqual([]);
    expect(await lab.ledger.trades(accountId)).toEqual([]);
  });

  it('publishes what the owner traded by hand, each order as one trade, once', async () => {
    const accountId = await master({ ...liveMaster, balances: { USD: '100000', ETH: '2' } });
    const bought = await orderByHand(lab, accountId, { volume: '0.3' });
    lab.clock.advance(1_000);
    const sold = await orderByHand(lab, accountId, { pair: 'XETHZUSD', type: 'sell', volume: '0.5' });
    lab.clock.advance(1_000);

    await tick(accountId);
    lab.clock.advance(5 * MINUTE);
    await tick(accountId);

    expect(await lab.ledger.trades(accountId)).toMatchObject([
      { symbol: BTC, side: 'BUY', exchangeOrderId: bought },
      { symbol: ETH, side: 'SELL', exchangeOrderId: sold },
    ]);
    const executed = lab.simulator.books.trades().filter((trade) => trade.accountId === accountId);
    expect(executed.length).toBeGreaterThan(2);
    expect(await lab.ledger.fills.list(accountId)).toHaveLength(executed.length);
  });

  it('does not publish what the owner traded before the registration', async () => {
    lab.simulator.createAccount({ accountId: 'm-older', balances: { USD: '100000' } });
    await orderByHand(lab, 'm-older', { volume: '0.3' });
    lab.clock.advance(MINUTE);
    const key = lab.simulator.addKey({ accountId: 'm-older', tier: 'pro' });
    const other = await lab.openAccount('master', liveMaster);
    const profile = await lab.ledger.accounts.get(other.accountId);
    if (profile === undefined) throw new Error('not registered');
    await lab.storeSecret('m-older', key);
    await lab.ledger.accounts.register({
      ...profile,
      accountId: 'm-older',
      keyFingerprint: fingerprintOf(new Secret(key.apiKey)),
      registeredAt: lab.clock.now(),
    });

    await tick('m-older');

    expect(await lab.ledger.trades('m-older')).toEqual([]);
  });

  it('publishes what was traded before the master was registered again', async () => {
    const accountId = await master();
    await orderByHand(lab, accountId, { volume: '0.1' });
    lab.clock.advance(MINUTE);
    const profile = await lab.ledger.accounts.get(accountId);
    if (profile?.strategy === undefined) throw new Error('not registered');
    const registerAgain = createHandler(lab.host);

    await invoke<unknown>(
      { name: 'register-master', handler: registerAgain, timeoutMs: 30_000 },
      { accountId, exchange: 'kraken', strategy: profile.strategy },
    );
    await tick(accountId);

    expect(await lab.ledger.trades(accountId)).toMatchObject([{ side: 'BUY', symbol: BTC }]);
  });

  it.each([
    ['is set to exit-only', { exitOnly: true }],
    ['has no order left in this hour', { limits: { maxOrdersPerHour: 0 } }],
  ])('buys nothing where the master %s', async (_what, changes) => {
    const accountId = await master({ ...liveMaster, ...changes });

    await tick(accountId, { strategy: alwaysBuys });

    expect(ordersAtExchange(lab, accountId)).toEqual([]);
  });

  it('sells, and buys nothing, where what the strategy remembers cannot be read', async () => {
    const accountId = await master();
    await lab.givePosition(accountId, ETH, '0.5');
    const ports = lab.process({ strategy: both });
    const strategyStates = {
      ...ports.ledger.strategyStates,
      all: () => Promise.reject(new Error('no answer')),
    };

    await runTick(zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) }), {
      ...ports,
      ledger: { ...ports.ledger, strategyStates },
    });

    expect(ordersAtExchange(lab, accountId).map(({ side }) => side)).toEqual(['SELL']);
  });

  it('learns a pair that its market rules did not know, and publishes what was traded in it a tick later', async () => {
    const accountId = await master();
    const known = await lab.ledger.markets.all('kraken');
    const old = (known?.markets ?? []).filter(({ symbol }) => symbol !== ETH);
    await lab.ledger.markets.save('kraken', old, lab.clock.now());
    await orderByHand(lab, accountId, { pair: 'XETHZUSD', volume: '0.5' });
    lab.clock.advance(1_000);
    const { marketRules, ...ports } = lab.process();
    const at = () => zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) });

    await expect(runTick(at(), { ...ports, marketRules })).rejects.toThrow();
    lab.clock.advance(MINUTE);
    await runTick(at(), { ...ports, marketRules });

    expect(await lab.ledger.trades(accountId)).toMatchObject([{ symbol: ETH, side: 'BUY' }]);
  });

  it('stores the plan of an entry before the order goes out', async () => {
    const accountId = await master();
    const ports = lab.process({ strategy: alwaysBuys });
    const plans: unknown[] = [];
    const orders = {
      ...ports.ledger.orders,
      create: async (order: Parameters<typeof ports.ledger.orders.create>[0]) => {
        plans.push((await lab.ledger.strategyStates.all(accountId)).get(BTC));
        return await ports.ledger.orders.create(order);
      },
    };

    await runTick(zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) }), {
      ...ports,
      ledger: { ...ports.ledger, orders },
    });

    expect(plans).toEqual([{ readable: true, value: { plan: 'hold' } }]);
  });

  it('under a halt sells what it decides to sell and buys nothing', async () => {
    const accountId = await master();
    await lab.givePosition(accountId, ETH, '2');
    await halt(true);

    await tick(accountId, { strategy: both });
    await halt(false);

    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ symbol: ETH, side: 'SELL', filled: '1' }]);
    expect((await lab.ledger.strategyStates.all(accountId)).get(BTC)).toBeUndefined();
  });

  it('sends its sale although the entry is refused, and the other way round', async () => {
    const refusing = async (skip: number) => {
      const accountId = await master();
      await lab.givePosition(accountId, ETH, '2');
      const text = 'EOrder:Insufficient funds';
      lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'AddOrder', accountId, skip });
      await tick(accountId, { strategy: both });
      return ordersAtExchange(lab, accountId).map(({ side }) => side);
    };

    expect(await refusing(0)).toEqual(['BUY']);
    expect(await refusing(1)).toEqual(['SELL']);
  });

  it('never sells more than is free at the exchange', async () => {
    const accountId = await master();
    await lab.givePosition(accountId, BTC, '0.04');
    lab.simulator.withdraw(accountId, 'BTC', '0.035');

    await tick(accountId, { strategy: alwaysSells });

    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: 'SELL', filled: '0.005' }]);
  });
});

describe('a tick that cannot do its work', () => {
  it('without a secret publishes that the master is unhealthy, and fails', async () => {
    const accountId = await master();
    await tick(accountId);
    await lab.deleteSecret(accountId);
    lab.clock.advance(MINUTE);

    await expect(tick(accountId)).rejects.toMatchObject({ code: 'SECRET_MISSING' });

    const status = await lab.ledger.masterStatus.read(accountId);
    expect(status).toMatchObject({ healthy: false, at: lab.clock.now() });
    expect(status?.reason).toBe("the master's key cannot be loaded (SECRET_MISSING)");
  });

  it('with a revoked key publishes that too, and recovers by itself', async () => {
    const accountId = await master();
    const text = 'EAPI:Invalid key';
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, accountId });

    await expect(tick(accountId)).rejects.toMatchObject({ code: 'INVALID_KEY' });
    const failing = await lab.ledger.masterStatus.read(accountId);
    lab.clock.advance(MINUTE);
    await tick(accountId);

    expect(failing).toMatchObject({ healthy: false, reason: expect.stringContaining('INVALID_KEY') });
    expect(await lab.ledger.masterStatus.read(accountId)).toMatchObject({ healthy: true });
  });

  it('because the master is disabled says so to the followers', async () => {
    const accountId = await master({ ...liveMaster, enabled: false });

    await expect(tick(accountId, { strategy: alwaysBuys })).rejects.toThrow(MasterDisabled);

    expect(await lab.ledger.masterStatus.read(accountId)).toMatchObject({ healthy: false });
    expect(ordersAtExchange(lab, accountId)).toEqual([]);
  });
});
