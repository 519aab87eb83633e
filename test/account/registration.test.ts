import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Account, type AccountRecord, zAccount } from '../../shared/account/account.ts';
import {
  changedSettings,
  changeOf,
  settle,
  zRegistration,
  zRegistrationCall,
} from '../../shared/account/registration.ts';

const KEY = '0123456789abcdef';
const OTHER_KEY = 'fedcba9876543210';

/** As far from every default as can be. */
const everythingSet: AccountRecord = {
  accountId: 'u-ann',
  role: 'user',
  exchange: 'kraken',
  quoteCurrency: 'USDC',
  follows: 'm-one',
  followsSince: 5,
  enabled: false,
  copyPaused: true,
  exitOnly: true,
  limits: {
    maxTradeFraction: '0.02',
    maxOpenPositions: 2,
    maxSlippageBps: '5',
    maxTradeAgeSeconds: 10,
    maxDailyLoss: '0.01',
    maxDrawdown: '0.03',
    cashReserve: '0.2',
    minimumEquity: '1000',
    maxOrdersPerHour: 3,
    maxHourlyTurnover: '0.5',
  },
  sizing: { mode: 'proportional', multiplier: '0.25' },
  deniedSymbols: ['SOL/USD'],
  allowedSymbols: ['BTC/USD', 'ETH/USD'],
  keyFingerprint: KEY,
  registeredAt: 1,
};

const again = (known: Account, named: object, keyFingerprint = KEY): Account =>
  settle(zRegistration.parse({ accountId: known.accountId, exchange: 'kraken', ...named }), known, {
    keyFingerprint,
    now: 9,
  });

describe('a first registration', () => {
  const first = (named: object): Account =>
    settle(zRegistration.parse({ accountId: 'u-ann', exchange: 'kraken', ...named }), undefined, {
      keyFingerprint: KEY,
      now: 9,
    });

  it('has every default that is not named', () => {
    const { accountId, role, exchange } = everythingSet;
    const stored = { accountId, role, exchange, keyFingerprint: KEY, registeredAt: 9 };

    expect(first({})).toEqual(zAccount.parse(stored));
    expect(
      first({ limits: { maxDailyLoss: '0.02' }, follows: 'm-one', sizing: { mode: 'proportional' } }),
    ).toEqual(
      zAccount.parse({ ...stored, limits: { maxDailyLoss: '0.02' }, follows: 'm-one', followsSince: 9 }),
    );
  });

  it('may say that it follows nobody and may buy everything', () => {
    expect(first({ follows: null, allowedSymbols: null })).toEqual(first({}));
  });
});

describe('a registration of an account that is registered', () => {
  const known = zAccount.parse(everythingSet);

  it('leaves all as it is that it does not name, with another key, too', () => {
    expect(again(known, {})).toEqual(known);
    expect(again(known, {}, OTHER_KEY)).toEqual({ ...known, keyFingerprint: OTHER_KEY });
  });

  it('changes what it names and nothing else, whatever it names', () => {
    const { accountId, role, exchange, followsSince, keyFingerprint, registeredAt, ...named } = everythingSet;
    const defaults = zAccount.parse({ accountId, role, exchange, keyFingerprint, registeredAt });
    const names = Object.keys(named);

    fc.assert(
      fc.property(fc.subarray(names), (some) => {
        const changes = Object.fromEntries(Object.entries(named).filter(([name]) => some.includes(name)));
        const expected = {
          ...defaults,
          ...Object.fromEntries(Object.entries(known).filter(([name]) => some.includes(name))),
          ...(some.includes('follows') ? { followsSince: 9 } : {}),
        };
        expect(again(defaults, changes)).toEqual(expected);
      }),
    );
  });

  it('changes of the limits only those that it names', () => {
    const changed = again(known, { limits: { maxDailyLoss: '0.5', maxOpenPositions: 9 } });

    const { limits } = everythingSet;
    const expected = { ...limits, maxDailyLoss: '0.5', maxOpenPositions: 9 };
    expect(changed).toEqual(zAccount.parse({ ...everythingSet, limits: expected }));
  });

  it('clears with null what it follows and which symbols alone it may buy', () => {
    const changed = again(known, { follows: null, allowedSymbols: null });

    const { follows: _follows, followsSince: _since, allowedSymbols: _allowed, ...rest } = known;
    expect(changed).toEqual(rest);
  });

  it.each([
    [
      'its multiplier stays where none is named',
      { mode: 'proportional' },
      { mode: 'proportional', multiplier: '0.25' },
    ],
    [
      'its multiplier is the one that is named',
      { mode: 'proportional', multiplier: '2' },
      { mode: 'proportional', multiplier: '2' },
    ],
    [
      'another mode replaces it',
      { mode: 'fixed-amount', amount: '50' },
      { mode: 'fixed-amount', amount: '50' },
    ],
  ])('changes how it is sized: %s', (_, sizing, expected) => {
    expect(JSON.parse(JSON.stringify(again(known, { sizing }).sizing))).toEqual(expected);
  });

  it('that was sized otherwise is proportional by 1 unless it says by what', () => {
    const fixed = again(known, { sizing: { mode: 'fixed-ratio', ratio: '0.1' } });

    expect(again(fixed, { sizing: { mode: 'proportional' } }).sizing).toEqual(
      zAccount.parse({ ...everythingSet, sizing: { mode: 'proportional' } }).sizing,
    );
  });
});

describe('the strategy of a master that is registered again', () => {
  const live = zAccount.parse({
    accountId: 'm-apex',
    role: 'master',
    exchange: 'kraken',
    strategy: { name: 'apex', symbols: ['BTC/USD'], mode: 'live', config: { adx: 25 } },
    keyFingerprint: KEY,
    registeredAt: 1,
  });

  it('stays as it is where none is named: a new key puts no live master back to paper, nor the reverse', () => {
    const paper = again(live, { strategy: { name: 'apex', symbols: ['BTC/USD'] } });

    expect(again(live, {}, OTHER_KEY).strategy).toEqual(live.strategy);
    expect(again(paper, {}, OTHER_KEY).strategy).toEqual(paper.strategy);
  });

  it('is replaced as a whole where one is named, its mode and settings, too', () => {
    expect(again(live, { strategy: { name: 'apex', symbols: ['ETH/USD'] } }).strategy).toEqual({
      name: 'apex',
      symbols: ['ETH/USD'],
      mode: 'paper',
      config: {},
    });
  });
});

describe('what a registration is said to have changed', () => {
  const known = zAccount.parse(everythingSet);

  it('is nothing where nothing but the key changed', () => {
    expect(changedSettings(known, again(known, {}, OTHER_KEY))).toBeUndefined();
  });

  it('is each setting that differs, before and after', () => {
    expect(
      changedSettings(known, again(known, { exitOnly: false, copyPaused: true, follows: null })),
    ).toEqual({
      before: '{"exitOnly":true,"follows":"m-one"}',
      after: '{"exitOnly":false,"follows":null}',
    });
  });
});

describe('what an audit trail keeps of a registration', () => {
  const known = zAccount.parse(everythingSet);

  it('is, of a new account, its key and every setting, and nothing before', () => {
    const { before, after } = changeOf(undefined, known);

    expect(before).toBeNull();
    expect(after.keyFingerprint).toBe(KEY);
    expect(after.settings).toMatchObject({ enabled: false, follows: 'm-one', strategy: null });
  });

  it('is, of a known one, its keys and the settings that differ', () => {
    const now = again(known, { enabled: true }, OTHER_KEY);

    expect(changeOf(known, now)).toEqual({
      before: { keyFingerprint: KEY, settings: { enabled: false } },
      after: { keyFingerprint: OTHER_KEY, settings: { enabled: true } },
    });
  });

  it('has no list of allowed symbols where all are', () => {
    expect(again(known, { allowedSymbols: null })).not.toHaveProperty('allowedSymbols');
  });
});

describe('a call for a registration', () => {
  it('may say who asks and why, and names its settings as ever', () => {
    const call = { accountId: 'u-ann', exchange: 'kraken', by: 'ann', why: 'new key', enabled: false };

    expect(zRegistrationCall.parse(call)).toEqual(call);
    expect(zRegistrationCall.safeParse({ ...call, exchange: 'moon' }).success).toBe(false);
  });
});
