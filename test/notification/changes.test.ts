import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { AccountRecord } from '../../shared/account/account.ts';
import type { KeyFinding } from '../../shared/account/key-findings.ts';
import type { KeyState } from '../../shared/account/key-watch.ts';
import { dynamoMasterLedger } from '../../shared/ledger/dynamodb/master-ledger.ts';
import {
  bps,
  fraction,
  price,
  quantity,
  quote,
  ZERO_QUANTITY,
  ZERO_QUOTE,
} from '../../shared/money/money.ts';
import { ADVICE } from '../../shared/notification/advice.ts';
import { noticesOf } from '../../shared/notification/dynamodb/changes.ts';
import { NOTICE_KINDS, type Notice } from '../../shared/notification/notice.ts';
import { aCopy, anAccount, aTrade, BTC, START } from '../ledger/examples.ts';
import { type NotifyWorld, openNotifyWorld } from './notify-world.ts';

let world: NotifyWorld;
let ledger: ReturnType<typeof dynamoMasterLedger>;
beforeAll(async () => {
  world = await openNotifyWorld();
  ledger = dynamoMasterLedger(world.table);
  await ledger.accounts.register(anAccount());
  await world.streamed();
});
afterAll(() => world.stop());

const WRITTEN_AT = START + 7_000;
const zImage = z.record(z.string(), z.unknown());
const zRecord = z.object({ dynamodb: z.object({ NewImage: zImage, OldImage: zImage.optional() }) });

/** What is told of the writes of `act`, through the stream and the filters of the event source. */
const toldOf = async (act: () => Promise<unknown>): Promise<readonly Notice[]> => {
  await world.streamed();
  await act();
  const events = await world.streamed();
  return events
    .flatMap(({ Records }) => Records.map((record) => zRecord.parse(record)))
    .flatMap(({ dynamodb: { NewImage, OldImage } }) => noticesOf(NewImage, OldImage, WRITTEN_AT));
};
const kindsOf = (notices: readonly Notice[]) => notices.map(({ kind }) => kind);

const asked = { by: 'ops', why: 'odd fills', at: START };
let trades = 0;
const copyOf = (side: 'BUY' | 'SELL') => {
  trades += 1;
  return aCopy({ trade: aTrade({ tradeId: `t-${trades}`, side, soldFraction: fraction('1') }) });
};

describe('copies', () => {
  test.each([
    ['BUY', 'buy-failed'],
    ['SELL', 'sale-failed'],
  ] as const)('a %s that failed is told, with its reason', async (side, kind) => {
    const copy = copyOf(side);
    const told = await toldOf(async () => {
      await ledger.copies.create(copy);
      await ledger.copies.finish(
        copy,
        { state: 'FAILED', reason: 'REJECTED', detail: 'the exchange said no' },
        START,
      );
    });

    expect(told).toMatchObject([{ kind, concerns: 'u-ann', reason: 'REJECTED', at: START }]);
    expect(told[0]?.says).toContain(`${side} of BTC/USD of u-ann`);
    expect(told[0]?.says).toContain('the exchange said no');
  });

  test('one that was skipped, or filled, is not told', async () => {
    const [first, second] = [copyOf('BUY'), copyOf('BUY')];
    const filled = {
      state: 'FILLED',
      quantity: quantity('1'),
      price: price('64000'),
      fees: quote('1'),
      orderLatencyMs: 1,
      fillLatencyMs: 2,
      slippageBps: bps('1'),
      clientOrderId: 'x',
    } as const;
    const told = await toldOf(async () => {
      await ledger.copies.create(first);
      await ledger.copies.finish(first, { state: 'SKIPPED', reason: 'HALTED', detail: 'halted' }, START);
      await ledger.copies.create(second);
      await ledger.copies.finish(second, filled, START);
    });

    expect(told).toEqual([]);
  });

  test('what a SELL still owes is told once, and once when it is owed no more', async () => {
    const copy = copyOf('SELL');
    const failed = {
      state: 'FAILED',
      reason: 'LOCKED',
      detail: 'in open orders',
      asked: quantity('1'),
    } as const;
    await ledger.copies.create(copy);
    await ledger.copies.finish(copy, failed, START);
    const owing = async () => {
      const [found] = (await ledger.copies.unfinished('u-ann')).filter(
        ({ trade }) => trade.tradeId === copy.trade.tradeId,
      );
      if (found?.owed === undefined) throw new Error('nothing is owed');
      return { ...found, owed: found.owed };
    };

    const again = await toldOf(async () => {
      const now = await owing();
      await ledger.copies.saveOwed(now, { ...now.owed, tries: 1, version: now.owed.version + 1 });
    });
    const made = await toldOf(async () => {
      const now = await owing();
      const madeGood = { at: START + 1, by: 'SOLD', detail: 'sold 1' } as const;
      await ledger.copies.saveOwed(now, { ...now.owed, madeGood, version: now.owed.version + 1 });
    });

    expect(again).toEqual([]);
    expect(made).toMatchObject([{ kind: 'sale-made-good', reason: 'SOLD', at: START + 1 }]);
  });
});

describe('exits', () => {
  const exit = { accountId: 'u-ann', requestId: 'away', scope: 'managed', requestedAt: START } as const;
  const failed = {
    symbol: BTC,
    state: 'FAILED',
    quantity: ZERO_QUANTITY,
    proceeds: ZERO_QUOTE,
    fees: ZERO_QUOTE,
    left: quantity('1'),
    detail: 'begun but not finished: ask again',
    rounds: 0,
  } as const;

  test('are told when they begin, when a symbol cannot be sold, and when they are flat', async () => {
    const detail = 'the exchange refused it';
    const sold = {
      ...failed,
      state: 'SOLD',
      quantity: quantity('1'),
      proceeds: quote('99'),
      left: ZERO_QUANTITY,
      detail: '',
    } as const;

    const begun = await toldOf(() =>
      ledger.exits.save({ ...exit, state: 'RUNNING', results: [], version: 1 }),
    );
    const named = await toldOf(() =>
      ledger.exits.save({ ...exit, state: 'RUNNING', results: [failed], version: 2 }),
    );
    const stuck = await toldOf(() =>
      ledger.exits.save({ ...exit, state: 'RUNNING', results: [{ ...failed, detail }], version: 3 }),
    );
    const still = await toldOf(() =>
      ledger.exits.save({ ...exit, state: 'RUNNING', results: [{ ...failed, detail }], version: 4 }),
    );
    const flat = await toldOf(() =>
      ledger.exits.save({ ...exit, state: 'FLAT', results: [sold], finishedAt: START + 5, version: 5 }),
    );

    expect(kindsOf(begun)).toEqual(['exit-begun']);
    expect(named).toEqual([]);
    expect(stuck).toMatchObject([
      { kind: 'exit-stuck', reason: 'BTC/USD', concerns: 'u-ann', at: WRITTEN_AT },
    ]);
    expect(stuck[0]?.says).toContain(detail);
    expect(still).toEqual([]);
    expect(flat).toMatchObject([{ kind: 'exit-ended', at: START + 5 }]);
    expect(flat[0]?.says).toContain('BTC/USD 1 sold for 99');
  });

  test.each([
    'STAKED',
    'DELISTED',
  ] as const)('that leave what is %s are a warning that says what', async (state) => {
    const requestId = `leaves-${state}`;
    const left = { ...failed, state, detail: 'unstake or withdraw it' };

    await ledger.exits.save({ ...exit, requestId, state: 'RUNNING', results: [failed], version: 1 });
    const told = await toldOf(() =>
      ledger.exits.save({
        ...exit,
        requestId,
        state: 'FLAT',
        results: [left],
        finishedAt: START,
        version: 2,
      }),
    );

    expect(told).toMatchObject([{ kind: 'exit-left', concerns: 'u-ann' }]);
    expect(told[0]?.says).toContain(`BTC/USD ${state}, 1 left: unstake or withdraw it`);
    expect(ADVICE['exit-left']).toMatchObject({ severity: 'warning' });
  });
});

describe('protection', () => {
  test('is told when a rule fires, when its sale fails, and how it ended', async () => {
    const watch = { accountId: 'u-ann', symbol: BTC, openedAt: START, since: START, levels: [], over: false };
    const exit = {
      accountId: 'u-ann',
      symbol: BTC,
      since: START,
      rule: 'stop-loss',
      because: 'the bid is 10 % below cost',
      numbers: { price: '90' },
      decidedAt: START,
    } as const;
    const result = {
      symbol: BTC,
      state: 'FAILED',
      quantity: ZERO_QUANTITY,
      proceeds: ZERO_QUOTE,
      fees: ZERO_QUOTE,
      left: quantity('1'),
      detail: 'no buyer',
      rounds: 1,
    } as const;
    const save = (version: number, more: object) =>
      toldOf(() =>
        ledger.protections.save({ ...watch, version }, { ...exit, state: 'RUNNING', version, ...more }),
      );

    const told = [
      await save(1, {}),
      await save(2, { result }),
      await save(3, { result }),
      await save(4, { state: 'SOLD', result: { ...result, state: 'SOLD' }, endedAt: START + 9 }),
    ];

    expect(told.map(kindsOf)).toEqual([['protection-fired'], ['protection-stuck'], [], ['protection-ended']]);
    expect(told[0]).toMatchObject([{ reason: 'stop-loss BTC/USD', concerns: 'u-ann' }]);
  });

  test('that could not judge a position is told from the second check on, once', async () => {
    const { unjudged } = ledger.protections;
    const saved = (checks: number) =>
      toldOf(() =>
        unjudged.save({
          accountId: 'u-ann',
          subjects: [{ of: BTC, why: 'no price', since: START, checks }],
          version: checks,
        }),
      );

    const told = [await saved(1), await saved(2), await saved(3)];

    expect(told.map(kindsOf)).toEqual([[], ['positions-unjudged'], []]);
  });
});

describe('switches', () => {
  test('a halt and its end are told to everyone, with who and why, and only where something changed', async () => {
    const set = (engaged: boolean) => toldOf(() => ledger.control.setHalt({ engaged, ...asked }));

    const told = [await set(true), await set(true), await set(false)];

    expect(told.map(kindsOf)).toEqual([['halted'], [], ['resumed']]);
    expect(told[0]).toMatchObject([{ concerns: 'everyone', says: 'ops halted all buying: odd fills' }]);
  });

  test('of an account are told to whom it concerns', async () => {
    const told = await toldOf(() =>
      ledger.control.setSwitch({ accountId: 'u-ann', switch: 'copyPaused', on: true, ...asked }),
    );

    expect(told).toMatchObject([{ kind: 'switched', concerns: 'u-ann', reason: 'copyPaused on' }]);
  });

  test('by a registration are told, each that it has changed, and nothing of one that changed none', async () => {
    const again = async (changes: Partial<AccountRecord>) =>
      await toldOf(async () => {
        const before = await ledger.accounts.read('u-two');
        await ledger.accounts.register(anAccount({ ...two, ...changes }), before, asked);
      });
    const two = { accountId: 'u-two', keyFingerprint: '2222222222222222' };
    await ledger.accounts.register(anAccount(two), undefined, asked);

    const told = [
      await again({ enabled: false, exitOnly: true }),
      await again({ enabled: false, exitOnly: true, deniedSymbols: [BTC] }),
      await again({ enabled: true, exitOnly: true, keyFingerprint: '3333333333333333' }),
    ];

    expect(told.map((notices) => notices.map(({ reason }) => reason))).toEqual([
      ['enabled off', 'exitOnly on'],
      [],
      ['another key', 'enabled on'],
    ]);
    expect(told[0]).toMatchObject([
      { kind: 'switched', concerns: 'u-two', says: 'enabled of u-two was switched off by ops: odd fills' },
      { kind: 'switched', concerns: 'u-two' },
    ]);
    expect(new Set(told.flat().map(({ cause }) => cause)).size).toBe(4);
  });

  test('limits are in the trail and are not told', async () => {
    const limits = { maxOpenPositions: 3 };

    expect(await toldOf(() => ledger.control.setLimits({ accountId: 'u-ann', limits, ...asked }))).toEqual(
      [],
    );
  });

  test('the breaker over all accounts is told when it trips and when it is cleared', async () => {
    const breaker = await ledger.runaway.breaker();
    const trip = { by: 'u-ann', at: START, why: '2001 BUYs', orders: 2_001, notional: quote('5') };

    const tripped = await toldOf(() => ledger.runaway.trip(trip, breaker));
    const cleared = await toldOf(() => ledger.control.setHalt({ engaged: false, ...asked }));

    expect(tripped).toMatchObject([
      { kind: 'runaway-tripped', concerns: 'everyone', says: 'nobody buys any more: 2001 BUYs' },
    ]);
    expect(kindsOf(cleared)).toEqual(['resumed']);
  });
});

describe('masters', () => {
  test('are told when they say that they are not healthy, and when they are again; never each heartbeat', async () => {
    const beat = (healthy: boolean, at: number) =>
      toldOf(() =>
        ledger.publishStatus({
          masterId: 'm-apex',
          healthy,
          reason: healthy ? 'ok' : 'the key was revoked',
          at,
          periodMs: 60_000,
        }),
      );

    const told = [
      await beat(true, START),
      await beat(true, START + 1),
      await beat(false, START + 2),
      await beat(false, START + 3),
      await beat(true, START + 4),
      await beat(true, START + 5),
    ];

    expect(told.map(kindsOf)).toEqual([[], [], ['master-down'], [], ['master-back'], []]);
    expect(told[2]).toMatchObject([
      { concerns: 'm-apex', says: 'm-apex is not healthy: the key was revoked' },
    ]);
  });

  test('who is on its own is told, and who follows again; not who follows for the first time', async () => {
    const seen = (state: 'following' | 'standalone', version: number) =>
      toldOf(() =>
        ledger.following.save({
          accountId: 'u-ann',
          masterId: 'm-apex',
          state,
          reason: 'heartbeat is old',
          since: START,
          version,
        }),
      );

    const told = [await seen('following', 1), await seen('standalone', 2), await seen('following', 3)];

    expect(told.map(kindsOf)).toEqual([[], ['standalone'], ['following-again']]);
  });
});

describe('keys', () => {
  test('that do not work are told once for each reason, and when they work again', async () => {
    const of = { accountId: 'u-ann', since: START };
    const save = (state: KeyState) => toldOf(() => ledger.keyWatch.saveKeyState(state));

    const told = [
      await save({ ...of, usable: false, code: 'INVALID_KEY', version: 1 }),
      await save({ ...of, usable: false, code: 'INVALID_KEY', version: 2 }),
      await save({ ...of, usable: false, code: 'SECRET_MISSING', version: 3 }),
      await save({ ...of, usable: true, version: 4 }),
    ];

    expect(told.map(kindsOf)).toEqual([['key-unusable'], [], ['key-unusable'], ['key-works-again']]);
    expect(told[0]?.[0]?.todo).toMatch(/makes another one/);
  });

  test('that can withdraw are told each day, what else is found once', async () => {
    const finding = (code: KeyFinding['code'], level: KeyFinding['level']) => ({
      code,
      level,
      says: `${code} of u-ann`,
      todo: 'do it',
    });
    const findings = [
      finding('CAN_WITHDRAW', 'danger'),
      finding('CANNOT_TRADE', 'broken'),
      finding('EXPIRES_SOON', 'warning'),
      finding('NO_IP_ALLOW_LIST', 'info'),
    ];
    const attest = (attestedAt: number) =>
      toldOf(() =>
        ledger.keyWatch.saveAttestation({
          accountId: 'u-ann',
          keyFingerprint: '00112233aabbccdd',
          attestedAt,
          permissions: [],
          findings,
        }),
      );

    const told = [await attest(START), await attest(START + 86_400_000)];

    expect(told.map(kindsOf)).toEqual([
      ['key-can-withdraw', 'key-broken', 'key-warning'],
      ['key-can-withdraw'],
    ]);
    expect(told[0]?.[0]?.cause).not.toBe(told[1]?.[0]?.cause);
  });
});

describe('drifts', () => {
  test('are told when they appear, when they grow, and when they are gone', async () => {
    const drift = (missing: string, told: string, version: number, more: object = {}) =>
      toldOf(() =>
        ledger.reconciliation.saveDrift({
          accountId: 'u-ann',
          asset: 'BTC',
          symbols: [BTC],
          managed: quantity('1'),
          held: quantity('0.5'),
          missing: quantity(missing),
          why: 'nothing explains it',
          told: quantity(told),
          firstSeen: START,
          lastSeen: START,
          figuresSince: START,
          version,
          ...more,
        }),
      );

    const told = [
      await drift('0.5', '0.5', 1),
      await drift('0.5', '0.5', 2, { lastSeen: START + 1 }),
      await drift('0.9', '0.9', 3),
      await drift('0.9', '0.9', 4, { closedAt: START + 9 }),
      await drift('0.1', '0.1', 5),
    ];

    expect(told.map(kindsOf)).toEqual([
      ['drift-found'],
      [],
      ['drift-found'],
      ['drift-closed'],
      ['drift-found'],
    ]);
    expect(told[0]?.[0]?.says).toContain('the ledger says 1, the exchange holds 0.5, 0.5 are missing');
  });
});

test('every kind of notice says in a sentence what to do', () => {
  for (const kind of NOTICE_KINDS) {
    expect(ADVICE[kind].title.length, kind).toBeGreaterThan(5);
    expect(ADVICE[kind].todo, kind).toMatch(/[.]$/);
  }
});
