import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { createHandler } from '../../functions/copy-worker/handler.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { fingerprintOf, Secret } from '../../shared/account/credentials.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { fraction, price, quote } from '../../shared/money/money.ts';
import { DAY, HOUR, MINUTE, utcDay } from '../../shared/time/clock.ts';
import { BTC, ETH, SOL } from '../local/kraken/exchange.ts';
import { expectLedgerAsExchange, ordersAtExchange } from './books.ts';
import { orderByHand } from './by-hand.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, type NewAccount, openLab, type ProcessOptions } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  await bossIsHealthy(lab);
});

/** Copies one trade into a new account; gives how it ended, as the ledger tells it. */
const copyInto = async (
  profile: NewAccount,
  changes: Partial<Trade>,
  prepare: (accountId: string) => Promise<unknown> = async () => undefined,
  options: ProcessOptions = {},
) => {
  const { accountId } = await lab.openAccount('user', profile);
  await prepare(accountId);
  const trade = bossTrade(lab.clock.now(), changes);
  const message = await giveCopy(lab, accountId, trade);
  await runCopy(message, lab.process(options));
  const outcome = (await lab.ledger.copies.get(accountId, trade.tradeId))?.outcome;
  return { accountId, outcome, orders: ordersAtExchange(lab, accountId) };
};

const halt = async (engaged: boolean) =>
  await lab.ledger.control.setHalt({ engaged, by: 'a test', why: 'to see', at: lab.clock.now() });

const writeItem = async (item: Record<string, unknown>): Promise<void> => {
  await lab.table.client.send(new PutCommand({ TableName: lab.table.table, Item: item }));
};
const damagedSwitch = () => writeItem({ pk: 'control', sk: 'HALT', kind: 'HALT', engaged: 'perhaps' });

const risk = (accountId: string, changes: Record<string, string>) => ({
  accountId,
  day: utcDay(lab.clock.now()),
  dayOpenEquity: quote(changes['dayOpenEquity'] ?? '10000'),
  peakEquity: quote(changes['peakEquity'] ?? '10000'),
  lastEquity: quote('10000'),
  lastCash: quote('10000'),
  lastAt: lab.clock.now(),
  recentOrders: [],
  version: 1,
});

describe('a BUY', () => {
  it('is sized by the equity of the account against that of the master', async () => {
    const { outcome, orders } = await copyInto({ balances: { USD: '10000' } }, {});

    // 5 % of 10 000, at the price cap of 50 250.
    expect(outcome).toMatchObject({ state: 'FILLED' });
    expect(orders).toMatchObject([
      { side: 'BUY', type: 'limit', limitPrice: '50250', quantity: '0.00995024' },
    ]);
  });

  it('keeps what the market asked when it was decided: how far it had moved from the master is told from slippage', async () => {
    const { outcome } = await copyInto({ balances: { USD: '10000' } }, {});

    const tickers = await lab.process().exchange('kraken').marketData.tickers([BTC]);
    expect(outcome).toMatchObject({ state: 'FILLED', marketPrice: tickers.get(BTC)?.ask });
  });

  const reasons: readonly (readonly [string, NewAccount, Partial<Trade>])[] = [
    ['ACCOUNT_DISABLED', { enabled: false }, {}],
    ['EXIT_ONLY', { exitOnly: true }, {}],
    ['EXIT_ONLY', { balances: { USD: '24' } }, {}],
    ['COPY_PAUSED', { copyPaused: true }, {}],
    ['NOT_FOLLOWING', {}, { masterId: 'm-nobody' }],
    ['MASTER_UNHEALTHY', { follows: 'm-nobody' }, { masterId: 'm-nobody' }],
    ['STALE', {}, { at: Date.parse('2026-03-02T11:00:00Z') }],
    ['SYMBOL_DENIED', { deniedSymbols: [BTC] }, {}],
    ['SYMBOL_DENIED', { allowedSymbols: [ETH] }, {}],
    ['PRICE_MOVED', {}, { price: price('49000') }],
    ['MAX_POSITIONS', { limits: { maxOpenPositions: 0 } }, {}],
    ['ORDER_RATE', { limits: { maxOrdersPerHour: 0 } }, {}],
    ['INSUFFICIENT_CASH', { balances: { USD: '0.1', BTC: '1' } }, {}],
    ['BELOW_MINIMUM', { sizing: { mode: 'fixed-amount', amount: '0.4' } }, {}],
  ];
  it.each(reasons)('ends as SKIPPED(%s) without an order (%#)', async (reason, profile, changes) => {
    const { accountId, outcome, orders } = await copyInto(profile, changes);

    expect(outcome).toMatchObject({ state: 'SKIPPED', reason });
    expect(orders).toEqual([]);
    await expectLedgerAsExchange(lab, accountId, SOL, reason);
  });

  it('of a symbol that the exchange does not list is skipped as unsupported', async () => {
    const { outcome } = await copyInto({}, { symbol: marketSymbol('NOPE/USD') });

    expect(outcome).toMatchObject({ state: 'SKIPPED', reason: 'SYMBOL_UNSUPPORTED' });
  });

  it.each([
    ['DAILY_LOSS', { dayOpenEquity: '11000' }],
    ['MAX_DRAWDOWN', { peakEquity: '12000' }],
  ])('is skipped as %s by what the account remembers', async (reason, changes) => {
    const { outcome, orders } = await copyInto({}, {}, (accountId) =>
      lab.ledger.risk.save(risk(accountId, changes)),
    );

    expect(outcome).toMatchObject({ state: 'SKIPPED', reason });
    expect(orders).toEqual([]);
  });

  it.each([
    ['engaged', () => halt(true)],
    ['unreadable', damagedSwitch],
  ])('is skipped as HALTED where the switch is %s', async (_state, prepare) => {
    const { outcome, orders } = await copyInto({}, {}, prepare);
    await halt(false);

    expect(outcome).toMatchObject({ state: 'SKIPPED', reason: 'HALTED' });
    expect(orders).toEqual([]);
  });

  it.each([
    'missing',
    'old',
    'unhealthy',
  ])('is skipped where the status of the master is %s', async (state) => {
    const masterId = `m-${state}`;
    const status = {
      masterId,
      healthy: state !== 'unhealthy',
      reason: 'the key is revoked',
      periodMs: MINUTE,
    };
    const at = lab.clock.now() - (state === 'old' ? 4 * MINUTE : 0);
    if (state !== 'missing') await lab.ledger.publishStatus({ ...status, at });

    const { outcome, orders } = await copyInto({ follows: masterId }, { masterId });

    expect(outcome).toMatchObject({ state: 'SKIPPED', reason: 'MASTER_UNHEALTHY' });
    expect(orders).toEqual([]);
  });

  it('that is decided already is decided anew, with the new key, where its account gets one', async () => {
    const { accountId } = await lab.openAccount('user');
    const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now()));
    const ports = lab.process();
    const save = ports.ledger.risk.save;
    let rotated = '';
    const risk = {
      ...ports.ledger.risk,
      save: async (state: Parameters<typeof save>[0]) => {
        await save(state);
        if (rotated !== '') return;
        const key = lab.simulator.addKey({ accountId, tier: 'pro', name: 'another' });
        await lab.deleteSecret(accountId);
        await lab.storeSecret(accountId, key);
        const profile = await lab.ledger.accounts.read(accountId);
        if (profile === undefined) throw new Error(`${accountId} is gone`);
        const keyFingerprint = fingerprintOf(new Secret(key.apiKey));
        await lab.ledger.accounts.register({ ...profile.account, keyFingerprint }, profile);
        rotated = key.apiKey;
      },
    };

    const outcome = await runCopy(message, { ...ports, ledger: { ...ports.ledger, risk } });

    expect(outcome).toMatchObject({ state: 'FILLED' });
    expect(ordersAtExchange(lab, accountId)).toHaveLength(1);
    const placed = lab.simulator.books.requests().filter(({ endpoint }) => endpoint === 'AddOrder');
    expect(placed.filter(({ apiKey }) => apiKey === rotated)).toMatchObject([{ count: 1 }]);
  });

  it.each([
    ['a halt', 'HALTED', () => halt(true)],
    ['an unreadable switch', 'HALTED', damagedSwitch],
    [
      'an unhealthy master',
      'MASTER_UNHEALTHY',
      () =>
        lab.ledger.publishStatus({
          masterId: 'm-boss',
          healthy: false,
          reason: 'gone',
          at: lab.clock.now(),
          periodMs: DAY,
        }),
    ],
  ])('that is decided already is stopped before it is sent by %s', async (_what, reason, change) => {
    const { accountId } = await lab.openAccount('user');
    const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now()));
    const ports = lab.process();
    const save = ports.ledger.risk.save;
    // The last write before the switches are read once more.
    const risk = {
      ...ports.ledger.risk,
      save: async (state: Parameters<typeof save>[0]) => {
        await save(state);
        await change();
      },
    };

    const outcome = await runCopy(message, { ...ports, ledger: { ...ports.ledger, risk } });
    await halt(false);

    expect(outcome).toMatchObject({ state: 'SKIPPED', reason });
    expect(ordersAtExchange(lab, accountId)).toEqual([]);
  });
});

describe('a SELL', () => {
  it('sells whatever switches, limits and checks say', async () => {
    await halt(true);
    const { accountId, outcome, orders } = await copyInto(
      {
        enabled: false,
        exitOnly: true,
        copyPaused: true,
        deniedSymbols: [BTC],
        follows: 'm-nobody',
        limits: { maxOrdersPerHour: 0, maxOpenPositions: 0, minimumEquity: '1000000', maxDailyLoss: '0' },
        balances: { USD: '0.01' },
      },
      { side: 'SELL', masterId: 'm-nobody', at: lab.clock.now() - 5 * HOUR, price: price('90000') },
      (accountId) => lab.givePosition(accountId, BTC, '0.02'),
    );
    await halt(false);

    expect(outcome).toMatchObject({ state: 'FILLED' });
    expect(orders).toMatchObject([{ side: 'SELL', type: 'market', filled: '0.02' }]);
    await expectLedgerAsExchange(lab, accountId, BTC, 'SELL');
  });

  it('sells although the switch cannot be read and the exchange names no price', async () => {
    lab.clock.advance(2_000);
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', endpoint: 'Ticker' });
    const { outcome, orders } = await copyInto({}, { side: 'SELL' }, async (accountId) => {
      await lab.givePosition(accountId, BTC, '0.02');
      await damagedSwitch();
    });
    await halt(false);
    lab.simulator.faults.clear();

    expect(outcome).toMatchObject({ state: 'FILLED' });
    expect(orders).toMatchObject([{ side: 'SELL', filled: '0.02' }]);
  });

  it('sells what is held where the owner has taken a part away', async () => {
    const { orders } = await copyInto({}, { side: 'SELL' }, async (accountId) => {
      await lab.givePosition(accountId, BTC, '0.02');
      lab.simulator.withdraw(accountId, 'BTC', '0.015');
    });

    expect(orders).toMatchObject([{ side: 'SELL', filled: '0.005' }]);
  });

  it('leaves alone what Nija did not buy', async () => {
    const { outcome, orders } = await copyInto({ balances: { BTC: '1' } }, { side: 'SELL' });

    expect(outcome).toMatchObject({ state: 'SKIPPED', reason: 'NO_POSITION' });
    expect(orders).toEqual([]);
  });

  it.each([
    ['FAILED', 'NOTHING_HELD_YET', '0.02', '0.02'],
    ['SKIPPED', 'BELOW_MINIMUM', '0.00001', '0'],
  ])('names the physics that keep it from selling (%s, %s)', async (state, reason, position, taken) => {
    const { outcome } = await copyInto(
      {},
      { side: 'SELL', soldFraction: fraction('1') },
      async (accountId) => {
        await lab.givePosition(accountId, BTC, position);
        if (taken !== '0') lab.simulator.withdraw(accountId, 'BTC', taken);
      },
    );

    expect(outcome).toMatchObject({ state, reason });
  });
});

describe('an account that cannot be used', () => {
  it.each(['BUY', 'SELL'] as const)('ends its %s as FAILED with the reason', async (side) => {
    const { outcome } = await copyInto({}, { side }, async (accountId) => {
      await lab.givePosition(accountId, BTC, '0.02');
      await lab.deleteSecret(accountId);
    });

    expect(outcome).toMatchObject({
      state: 'FAILED',
      reason: 'ACCOUNT_UNUSABLE',
      detail: expect.stringContaining('SECRET_MISSING'),
    });
  });

  it('whose key was revoked ends its BUY as FAILED with the reason', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now()));
    lab.simulator.revokeKey(apiKey);

    const outcome = await runCopy(message, lab.process());

    expect(outcome).toMatchObject({ state: 'FAILED', reason: 'ACCOUNT_UNUSABLE' });
  });

  it('that is not registered ends its copy as FAILED', async () => {
    const message = await giveCopy(lab, 'u-stranger', bossTrade(lab.clock.now()));

    const outcome = await runCopy(message, lab.process());

    expect(outcome).toMatchObject({ state: 'FAILED', reason: 'ACCOUNT_UNKNOWN' });
  });
});

describe('the handler', () => {
  const record = (body: string) => ({
    messageId: `id-${body.length}`,
    receiptHandle: 'r',
    body,
    attributes: { MessageGroupId: 'u-1' },
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:copies.fifo',
    awsRegion: 'us-east-1',
    messageAttributes: {},
    md5OfBody: '',
  });
  const call = async (...bodies: readonly string[]) =>
    await invoke(
      { name: 'copy-worker', handler: createHandler(lab.host), timeoutMs: 30_000 },
      { Records: bodies.map(record) },
    );

  it('carries out a message', async () => {
    const { accountId } = await lab.openAccount('user');
    const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now()));

    const answer = await call(JSON.stringify(message));

    expect(answer).toEqual({ batchItemFailures: [] });
    expect(ordersAtExchange(lab, accountId)).toHaveLength(1);
  });

  it.each([
    ['no JSON', 'hello'],
    ['a master in the place of a user', '{"accountId":"m-boss","masterId":"m-boss","tradeId":"t-1"}'],
    [
      'fields that do not belong there',
      '{"accountId":"u-1","masterId":"m-boss","tradeId":"t-1","side":"BUY"}',
    ],
    ['a copy that the ledger does not have', '{"accountId":"u-1","masterId":"m-boss","tradeId":"t-none"}'],
  ])('gives back a message that is %s, and says why', async (_what, body) => {
    const before = lab.lines.length;

    const answer = await call(body);

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: record(body).messageId }] });
    expect(lab.lines.slice(before)).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'a copy stays open and is delivered again' }),
    );
  });
});

describe('a SELL of coins that lie in an open order', () => {
  it('fails by that name instead of passing for nothing held', async () => {
    const { outcome } = await copyInto(
      { balances: { USD: '100' } },
      { side: 'SELL', soldFraction: fraction('1') },
      async (accountId) => {
        await lab.givePosition(accountId, BTC, '0.01');
        await orderByHand(lab, accountId, {
          type: 'sell',
          ordertype: 'limit',
          price: '999999.0',
          volume: '0.01',
        });
      },
    );

    expect(outcome).toMatchObject({ state: 'FAILED', reason: 'LOCKED' });
  });

  it('sells what is free of them and says what is missing', async () => {
    const { outcome } = await copyInto(
      { balances: { USD: '100' } },
      { side: 'SELL', soldFraction: fraction('1') },
      async (accountId) => {
        await lab.givePosition(accountId, BTC, '0.01');
        await orderByHand(lab, accountId, {
          type: 'sell',
          ordertype: 'limit',
          price: '999999.0',
          volume: '0.006',
        });
      },
    );

    expect(outcome).toMatchObject({ state: 'FILLED' });
    expect(outcome?.state === 'FILLED' && [outcome.quantity.toFixed(), outcome.short?.toFixed()]).toEqual([
      '0.004',
      '0.006',
    ]);
  });
});
