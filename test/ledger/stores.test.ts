import { PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProfileChanged, RegistrationRefused } from '../../shared/account/stores.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import type { ExitRequest } from '../../shared/exit/exit-request.ts';
import { statusKey } from '../../shared/ledger/dynamodb/keys.ts';
import { dynamoMasterLedger } from '../../shared/ledger/dynamodb/master-ledger.ts';
import { dynamoUnfinishedWork } from '../../shared/ledger/dynamodb/unfinished-work.ts';
import { LedgerError } from '../../shared/ledger/ledger.ts';
import { bps, fraction, price, quantity, quote, text } from '../../shared/money/money.ts';
import { ConcurrentChange } from '../../shared/order/order.ts';
import type { RiskState } from '../../shared/protection/risk.ts';
import type { MasterLedger } from '../../shared/strategy/master-ledger.ts';
import { type EmbeddedTable, embeddedTable } from './embedded-table.ts';
import { aCopy, aMarket, anAccount, anOrder, aTrade, BTC, refusalOf, START } from './examples.ts';

let table: EmbeddedTable;
let ledger: MasterLedger;
beforeAll(async () => {
  table = await embeddedTable();
  ledger = dynamoMasterLedger(table);
});
afterAll(() => table.stop());

/** A fingerprint of the account's own. */
const digitsOf = (accountId: string): string =>
  Buffer.from(accountId).toString('hex').slice(0, 16).padEnd(16, 'e');

const all = async <T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> => {
  const found: T[] = [];
  for await (const page of pages) found.push(...page);
  return found;
};

describe('the account store', () => {
  it('gives back an account as it was registered, and finds it by key, master and role', async () => {
    const account = anAccount({ accountId: 'u-reg', keyFingerprint: '1'.repeat(16), follows: 'm-reg' });
    const master = anAccount({
      accountId: 'm-reg',
      role: 'master',
      keyFingerprint: '2'.repeat(16),
      follows: undefined,
    });
    await ledger.accounts.register(account);
    await ledger.accounts.register(master);

    expect(await ledger.accounts.get('u-reg')).toEqual(account);
    expect(await ledger.accounts.get('u-nobody')).toBeUndefined();
    expect(await ledger.accounts.ownerOf('1'.repeat(16))).toBe('u-reg');
    expect(await ledger.accounts.ownerOf('3'.repeat(16))).toBeUndefined();
    expect(await all(ledger.accounts.followersOf('m-reg'))).toEqual(['u-reg']);
    expect(await all(ledger.accounts.followersOf('m-nobody'))).toEqual([]);
    expect(await all(ledger.accounts.list('master'))).toEqual(['m-reg']);
    expect(await all(ledger.accounts.list('user'))).toEqual(['u-reg']);
  });

  it('refuses a key that another account has, and registers nothing of that account', async () => {
    await ledger.accounts.register(anAccount({ accountId: 'u-first', keyFingerprint: '4'.repeat(16) }));

    const refused = await refusalOf(
      ledger.accounts.register(anAccount({ accountId: 'u-second', keyFingerprint: '4'.repeat(16) })),
    );

    expect(refused).toBeInstanceOf(RegistrationRefused);
    expect(refused).toMatchObject({ code: 'KEY_IN_USE' });
    expect(refused.message).toContain('u-first');
    expect(await ledger.accounts.get('u-second')).toBeUndefined();
  });

  it('lets one of two accounts have a key that both register at once', async () => {
    const register = (accountId: string) =>
      ledger.accounts.register(anAccount({ accountId, keyFingerprint: '5'.repeat(16) }));

    const results = await Promise.allSettled([register('u-race-1'), register('u-race-2')]);

    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('replaces a profile that is as it was read', async () => {
    const account = anAccount({ accountId: 'u-again', keyFingerprint: '6'.repeat(16) });
    await ledger.accounts.register(account);

    await ledger.accounts.register(
      { ...account, copyPaused: true, follows: undefined },
      await ledger.accounts.read('u-again'),
    );

    expect(await ledger.accounts.get('u-again')).toMatchObject({ copyPaused: true });
    expect(await all(ledger.accounts.followersOf('m-apex'))).not.toContain('u-again');
  });

  it.each([
    ['is taken for a new one', 'u-taken', async () => undefined],
    [
      'was switched since it was read',
      'u-switched',
      async (accountId: string) => {
        const read = await ledger.accounts.read(accountId);
        const asked = { by: 'ops', why: 'a test', at: START };
        await ledger.control.setSwitch({ accountId, switch: 'exitOnly', on: true, ...asked });
        return read;
      },
    ],
    [
      'was registered since it was read, without any change',
      'u-rewritten',
      async (accountId: string) => {
        const read = await ledger.accounts.read(accountId);
        if (read !== undefined) await ledger.accounts.register(read.account, read);
        return read;
      },
    ],
  ])('leaves a profile as it is that %s, and the key that it would get stays free', async (_, accountId, read) => {
    const account = anAccount({ accountId, keyFingerprint: digitsOf(accountId) });
    await ledger.accounts.register(account);
    const replaces = await read(accountId);
    const before = await ledger.accounts.get(accountId);
    const key = '7'.repeat(16);

    const refused = await refusalOf(
      ledger.accounts.register({ ...account, enabled: false, keyFingerprint: key }, replaces),
    );

    expect(refused).toBeInstanceOf(ProfileChanged);
    expect(refused.message).toContain(accountId);
    expect(await ledger.accounts.get(accountId)).toEqual(before);
    expect(await ledger.accounts.ownerOf(key)).toBeUndefined();
    expect(await ledger.accounts.ownerOf(account.keyFingerprint)).toBe(accountId);
  });

  it('replaces a profile that was written without a mark, while it has none', async () => {
    const account = anAccount({ accountId: 'u-restored', keyFingerprint: digitsOf('u-restored') });
    await ledger.accounts.register(account);
    const Key = { pk: account.accountId, sk: 'PROFILE' };
    const UpdateExpression = 'REMOVE written';
    await table.client.send(new UpdateCommand({ TableName: table.table, Key, UpdateExpression }));
    const read = await ledger.accounts.read(account.accountId);

    await ledger.accounts.register({ ...account, exitOnly: true }, read);
    const late = await refusalOf(ledger.accounts.register(account, read));

    expect(late).toBeInstanceOf(ProfileChanged);
    expect(await ledger.accounts.get(account.accountId)).toEqual({ ...account, exitOnly: true });
  });

  it('rotates a key in one step: the new one belongs to the account, the old one to nobody', async () => {
    const account = anAccount({ accountId: 'u-rotates', keyFingerprint: '8'.repeat(16) });
    await ledger.accounts.register(account);

    await ledger.accounts.register(
      { ...account, keyFingerprint: '9'.repeat(16) },
      await ledger.accounts.read('u-rotates'),
    );

    expect(await ledger.accounts.ownerOf('9'.repeat(16))).toBe('u-rotates');
    expect(await ledger.accounts.ownerOf('8'.repeat(16))).toBeUndefined();
  });

  it('lists many followers in full', async () => {
    const ids = Array.from({ length: 120 }, (_, index) => `u-many-${String(index).padStart(3, '0')}`);
    for (const [index, accountId] of ids.entries()) {
      const keyFingerprint = `a${String(index).padStart(15, '0')}`;
      await ledger.accounts.register(anAccount({ accountId, keyFingerprint, follows: 'm-many' }));
    }

    expect(await all(ledger.accounts.followersOf('m-many'))).toEqual(ids);
  });
});

describe('the order store', () => {
  it('gives back any decimal exactly', async () => {
    const digits = fc.stringMatching(/^[1-9][0-9]{0,11}$/);
    const decimals = fc.stringMatching(/^[0-9]{1,17}[1-9]$/);
    let count = 0;
    await fc.assert(
      fc.asyncProperty(digits, decimals, digits, async (whole, part, limit) => {
        count += 1;
        const order = anOrder({
          accountId: 'u-decimal',
          clientOrderId: `c-${count}`,
          quantity: quantity(`${whole}.${part}`),
          limitPrice: price(`${limit}.${part}`),
        });
        await ledger.orders.create(order);

        const read = await ledger.orders.get('u-decimal', order.clientOrderId);

        expect(read).toEqual(order);
        expect(read && text(read.quantity)).toBe(`${whole}.${part}`);
      }),
      { numRuns: 25 },
    );
  });

  it('begins an order once, whoever is first', async () => {
    const order = anOrder({ accountId: 'u-once' });

    const created = await Promise.all([1, 2, 3].map(() => ledger.orders.create(order)));

    expect(created.filter(Boolean)).toHaveLength(1);
  });

  it('lets one of two writers replace an order', async () => {
    const order = anOrder({ accountId: 'u-two' });
    await ledger.orders.create(order);
    const next = { ...order, attempt: 2, intendedAt: START + 20_000 };

    const results = await Promise.allSettled([
      ledger.orders.replace(order, next),
      ledger.orders.replace(order, { ...order, state: 'CLOSED' }),
    ]);

    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('lets nobody say that an order was not placed who does not know the id that the exchange gave it', async () => {
    const order = anOrder({ accountId: 'u-taken' });
    await ledger.orders.create(order);
    const taken = { ...order, exchangeOrderId: 'O-1' };
    await ledger.orders.replace(order, taken);

    await expect(ledger.orders.replace(order, { ...order, state: 'NOT_PLACED' })).rejects.toThrow(
      ConcurrentChange,
    );
    expect(await ledger.orders.inDoubt('u-taken')).toEqual([taken]);
    await ledger.orders.replace(taken, { ...taken, state: 'NOT_PLACED' });
    expect(await ledger.orders.inDoubt('u-taken')).toEqual([]);
  });

  it('refuses to replace an order that was never begun', async () => {
    const order = anOrder({ accountId: 'u-never' });

    await expect(ledger.orders.replace(order, order)).rejects.toThrow(ConcurrentChange);
  });

  it('lists as in doubt exactly the orders of the account that are INTENT, oldest first', async () => {
    const make = (id: string, at: number) =>
      anOrder({ accountId: 'u-doubt', clientOrderId: id, createdAt: START + at });
    const [a, b, c] = [make('a', 3), make('b', 2), make('c', 1)];
    for (const order of [a, b, c, anOrder({ accountId: 'u-other' })]) await ledger.orders.create(order);
    await ledger.orders.replace(b, { ...b, state: 'REJECTED', reason: 'INSUFFICIENT_FUNDS', message: 'no' });

    expect((await ledger.orders.inDoubt('u-doubt')).map(({ clientOrderId }) => clientOrderId)).toEqual([
      'c',
      'a',
    ]);
  });
});

describe('the copy store', () => {
  it('creates a copy once, ends it once, and lists copies in the order of their trades', async () => {
    const later = aCopy({ accountId: 'u-copy', trade: aTrade({ tradeId: 'a', at: START + 5 }) });
    const earlier = aCopy({ accountId: 'u-copy', trade: aTrade({ tradeId: 'b', at: START }) });
    const created = [await ledger.copies.create(later), await ledger.copies.create(later)];
    await ledger.copies.create(earlier);
    const outcome = {
      state: 'FILLED',
      quantity: quantity('0.1'),
      price: price('3'),
      fees: quote('0.01'),
      orderLatencyMs: 12.5,
      fillLatencyMs: 30,
      slippageBps: bps('4.2'),
      clientOrderId: 'c',
    } as const;
    await ledger.copies.finish(later, outcome, START + 9);
    await ledger.copies.finish(later, { state: 'FAILED', reason: 'REJECTED', detail: 'no' }, START + 10);

    expect(created).toEqual([true, false]);
    expect(await ledger.copies.list('u-copy')).toEqual([
      earlier,
      { ...later, outcome, finishedAt: START + 9 },
    ]);
  });

  it('does not end a copy that nobody created', async () => {
    const copy = aCopy({ accountId: 'u-no-copy' });

    await expect(
      ledger.copies.finish(copy, { state: 'SKIPPED', reason: 'STALE', detail: 'late' }, START),
    ).rejects.toThrow(LedgerError);

    expect(await ledger.copies.get('u-no-copy', 't-1')).toBeUndefined();
  });
});

describe('what carries a version', () => {
  const exit = (changes: Partial<ExitRequest> = {}): ExitRequest => ({
    accountId: 'u-exit',
    requestId: 'r-1',
    scope: 'managed',
    state: 'RUNNING',
    results: [
      {
        symbol: BTC,
        state: 'SOLD',
        quantity: quantity('0.1'),
        price: price('64000'),
        proceeds: quote('6400'),
        fees: quote('16'),
        left: quantity('0'),
        detail: 'sold',
        rounds: 1,
      },
    ],
    requestedAt: START,
    version: 1,
    ...changes,
  });
  const risk = (version: number): RiskState => ({
    accountId: 'u-risk',
    day: '2026-11-20',
    dayOpenEquity: quote('100'),
    peakEquity: quote('110'),
    lastEquity: quote('99.5'),
    lastCash: quote('-0.5'),
    lastAt: START,
    recentOrders: [{ clientOrderId: 'c', notional: quote('10'), at: START }],
    version,
  });

  it('saves an exit request version after version, and refuses a version that was overtaken', async () => {
    await ledger.exits.save(exit());
    await ledger.exits.save(exit({ version: 2, state: 'FLAT', finishedAt: START + 1, symbols: [BTC] }));

    await expect(ledger.exits.save(exit({ version: 2 }))).rejects.toThrow(ConcurrentChange);
    await expect(ledger.exits.save(exit({ version: 1 }))).rejects.toThrow(ConcurrentChange);
    expect(await ledger.exits.list('u-exit')).toEqual([
      exit({ version: 2, state: 'FLAT', finishedAt: START + 1, symbols: [BTC] }),
    ]);
    expect(await ledger.exits.get('u-exit', 'r-2')).toBeUndefined();
  });

  it('saves a risk state version after version, and refuses a version that was overtaken', async () => {
    await ledger.risk.save(risk(1));
    await ledger.risk.save(risk(2));

    await expect(ledger.risk.save(risk(2))).rejects.toThrow(ConcurrentChange);
    expect(await ledger.risk.get('u-risk')).toEqual(risk(2));
  });
});

describe('the halt switch', () => {
  it('is open until somebody engages it, and every change is kept with who, when and why', async () => {
    expect(await ledger.control.halt()).toEqual({ engaged: false });
    await ledger.control.setHalt({ engaged: true, by: 'ops', why: 'odd fills', at: START });
    expect(await ledger.control.halt()).toEqual({
      engaged: true,
      by: 'ops',
      why: 'odd fills',
      since: START,
    });
    await ledger.control.setHalt({ engaged: false, by: 'ops', why: 'explained', at: START });

    const audit = await table.client.send(
      new QueryCommand({
        TableName: table.table,
        KeyConditionExpression: 'pk = :control AND begins_with(sk, :audit)',
        ExpressionAttributeValues: { ':control': 'control', ':audit': 'AUDIT#halt#' },
      }),
    );
    expect(await ledger.control.halt()).toEqual({ engaged: false });
    expect(audit.Items?.map(({ by, why }) => `${by}: ${why}`).sort()).toEqual([
      'ops: explained',
      'ops: odd fills',
    ]);
  });
});

describe('the settings of an account', () => {
  const asked = { by: 'ops', why: 'a test', at: START };

  it('are changed one by one, and each change finds what the one before left', async () => {
    const account = anAccount({ accountId: 'u-set', keyFingerprint: digitsOf('u-set') });
    await ledger.accounts.register(account);

    await Promise.all([
      ledger.control.setLimits({ accountId: 'u-set', limits: { maxOpenPositions: 2 }, ...asked }),
      ledger.control.setLimits({ accountId: 'u-set', limits: { maxDrawdown: fraction('0.1') }, ...asked }),
      ledger.control.setSymbols({ accountId: 'u-set', denied: [BTC], ...asked }),
      ledger.control.setSwitch({ accountId: 'u-set', switch: 'copyPaused', on: true, ...asked }),
    ]);

    expect(await ledger.accounts.get('u-set')).toEqual({
      ...account,
      limits: { ...account.limits, maxOpenPositions: 2, maxDrawdown: fraction('0.1') },
      deniedSymbols: [BTC],
      copyPaused: true,
    });
    expect(await ledger.control.trail('u-set')).toHaveLength(4);
  });

  it('are kept in the trail with exact figures, before and after', async () => {
    await ledger.accounts.register(anAccount({ accountId: 'u-kept', keyFingerprint: digitsOf('u-kept') }));
    const limits = { maxDailyLoss: fraction('0.012345678901234567'), maxOpenPositions: 0 };

    const changed = await ledger.control.setLimits({ accountId: 'u-kept', limits, ...asked });
    const lists = await ledger.control.setSymbols({
      accountId: 'u-kept',
      allowed: [BTC],
      ...asked,
      at: START + 1,
    });

    expect(await ledger.control.trail('u-kept')).toEqual([changed?.entry, lists?.entry]);
    expect(changed?.entry).toMatchObject({
      setting: 'limits',
      before: { maxDailyLoss: fraction('0.05'), maxOpenPositions: 8 },
      after: limits,
    });
    expect(lists?.entry).toMatchObject({
      setting: 'symbols',
      before: { denied: [], allowed: null },
      after: { denied: [], allowed: [BTC] },
    });
  });

  it('of an account that there is not are nothing, and nothing is kept', async () => {
    const nobody = { accountId: 'u-nobody', ...asked };

    expect(await ledger.control.settings('u-nobody')).toBeUndefined();
    expect(await ledger.control.setLimits({ ...nobody, limits: { maxOpenPositions: 1 } })).toBeUndefined();
    expect(await ledger.control.setSymbols({ ...nobody, denied: [] })).toBeUndefined();
    expect(await ledger.control.trail('u-nobody')).toEqual([]);
  });
});

describe('the market store', () => {
  const markets = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      aMarket({ symbol: marketSymbol(`A${index}/USD`), exchangeId: `A${index}USD` }),
    );

  it('gives back what was saved, also when a shorter list replaces a longer one', async () => {
    expect(await ledger.markets.all('kraken')).toBeUndefined();
    await ledger.markets.save('kraken', markets(1_450), START);
    expect(await ledger.markets.all('kraken')).toEqual({ markets: markets(1_450), savedAt: START });
    await ledger.markets.save('kraken', markets(3), START + 1);

    expect(await ledger.markets.all('kraken')).toEqual({ markets: markets(3), savedAt: START + 1 });
    await expect(ledger.markets.save('kraken', [], START)).rejects.toThrow(LedgerError);
  });
});

describe('the master’s own items', () => {
  it('keeps what a strategy remembers, as plain JSON', async () => {
    const state = { stop: '63000.1', hits: [1, 2], nested: { trailing: true, none: null } };
    await ledger.strategyStates.put('m-state', BTC, state);
    await ledger.strategyStates.put('m-state', 'account', { losses: 2 });

    expect((await ledger.strategyStates.all('m-state')).get(BTC)).toEqual({ readable: true, value: state });
    await ledger.strategyStates.remove('m-state', BTC);
    expect([...(await ledger.strategyStates.all('m-state'))]).toEqual([
      ['account', { readable: true, value: { losses: 2 } }],
    ]);
    await expect(ledger.strategyStates.put('m-state', BTC, undefined)).rejects.toThrow(LedgerError);
  });

  it('publishes a status, and never an older one over a newer', async () => {
    const status = { masterId: 'm-status', healthy: true, reason: 'ok', at: START, periodMs: 60_000 };
    expect(await ledger.masterStatus.read('m-status')).toBeUndefined();
    await ledger.publishStatus({ ...status, at: START + 1, healthy: false, reason: 'key revoked' });
    await ledger.publishStatus(status);

    expect(await ledger.masterStatus.read('m-status')).toMatchObject({ healthy: false, at: START + 1 });
  });

  it.each([
    ['of a time that nobody believes', { kind: 'MASTER_STATUS', at: START + 60_002 }],
    ['without a time', { kind: 'MASTER_STATUS' }],
    ['with a time that is none', { kind: 'MASTER_STATUS', at: 'noon' }],
  ])('publishes a status over one %s', async (what, damaged) => {
    const masterId = `m-${what.length}`;
    const Item = { ...statusKey(masterId), ...damaged };
    await table.client.send(new PutCommand({ TableName: table.table, Item }));

    await ledger.publishStatus({ masterId, healthy: true, reason: 'ok', at: START + 1, periodMs: 60_000 });

    expect(await ledger.masterStatus.read(masterId)).toMatchObject({ healthy: true, at: START + 1 });
  });
});

describe('unfinished work', () => {
  it('lists copies without an outcome of all accounts, and no longer once they have ended', async () => {
    const copies = ['u-work-1', 'u-work-2', 'u-work-3'].map((accountId) =>
      aCopy({ accountId, trade: aTrade({ tradeId: 't#9' }) }),
    );
    for (const copy of copies) await ledger.copies.create(copy);
    const [first] = copies;
    if (first)
      await ledger.copies.finish(first, { state: 'SKIPPED', reason: 'STALE', detail: 'late' }, START);

    const work = await all(dynamoUnfinishedWork(table)('copy'));

    expect(
      work.filter(({ id }) => id === 't#9').sort((a, b) => a.accountId.localeCompare(b.accountId)),
    ).toEqual([
      { kind: 'copy', accountId: 'u-work-2', id: 't#9', since: START },
      { kind: 'copy', accountId: 'u-work-3', id: 't#9', since: START },
    ]);
  });
});
