import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { roleOf, zAccount, zAccountId, zMasterId, zSymbol, zUserId } from '../../shared/account/account.ts';
import { zLimits } from '../../shared/account/limits.ts';
import { zSizing } from '../../shared/account/sizing.ts';
import { text } from '../../shared/money/money.ts';

const given = {
  accountId: 'u-ann',
  role: 'user',
  exchange: 'kraken',
  keyFingerprint: '0123456789abcdef',
  registeredAt: 1,
};

const problems = (schema: z.ZodType, value: unknown): readonly string[] =>
  schema.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('the settings of an account', () => {
  it('have the documented defaults', () => {
    const account = zAccount.parse(given);

    expect(account).toMatchObject({
      quoteCurrency: 'USD',
      enabled: true,
      copyPaused: false,
      exitOnly: false,
      deniedSymbols: [],
      sizing: { mode: 'proportional' },
    });
    const { maxOpenPositions, maxTradeAgeSeconds, maxOrdersPerHour, ...decimal } = account.limits;
    expect({ maxOpenPositions, maxTradeAgeSeconds, maxOrdersPerHour }).toEqual({
      maxOpenPositions: 8,
      maxTradeAgeSeconds: 120,
      maxOrdersPerHour: 60,
    });
    expect(Object.fromEntries(Object.entries(decimal).map(([name, value]) => [name, text(value)]))).toEqual({
      maxTradeFraction: '0.1',
      maxSlippageBps: '50',
      maxDailyLoss: '0.05',
      maxDrawdown: '0.15',
      cashReserve: '0.01',
      minimumEquity: '25',
      maxHourlyTurnover: '4',
    });
  });

  it('keep their defaults beside a single one that is given', () => {
    const { limits } = zAccount.parse({ ...given, limits: { maxDailyLoss: '0.02' } });
    expect([text(limits.maxDailyLoss), text(limits.maxDrawdown)]).toEqual(['0.02', '0.15']);
  });

  it('start a master in paper mode', () => {
    const strategy = { name: 'apex', symbols: ['BTC/USD'] };
    expect(zAccount.parse({ ...given, accountId: 'm-apex', role: 'master', strategy }).strategy?.mode).toBe(
      'paper',
    );
  });

  it.each([
    'maxTradeFraction',
    'maxDailyLoss',
    'maxDrawdown',
    'cashReserve',
  ])('take %s as a fraction, and say so to who writes a percentage', (name) => {
    expect(problems(zLimits, { [name]: '0.05' })).toEqual([]);
    expect(problems(zLimits, { [name]: '1' })).toEqual([]);
    expect(problems(zLimits, { [name]: '5' })).toEqual([
      `${name}: ${name} is a fraction between 0 and 1: 0.05 is five percent`,
    ]);
  });

  it.each([
    [
      'a number where a decimal text belongs',
      { maxDrawdown: 0.05 },
      'maxDrawdown: decimals are written as texts, in quotes: "0.05"',
    ],
    [
      'a fraction below zero',
      { maxDrawdown: '-0.1' },
      "maxDrawdown: a fraction must not be negative (given '-0.1')",
    ],
    [
      'what is no decimal',
      { maxDrawdown: '5%' },
      "maxDrawdown: a fraction must be a decimal number (given '5%')",
    ],
    [
      'slippage below zero',
      { maxSlippageBps: '-1' },
      'maxSlippageBps: maxSlippageBps lies between 0 and 1000',
    ],
    [
      'slippage of more than 10 %',
      { maxSlippageBps: '1000.1' },
      'maxSlippageBps: maxSlippageBps lies between 0 and 1000',
    ],
    [
      'a minimum equity below zero',
      { minimumEquity: '-1' },
      'minimumEquity: minimumEquity must not be negative',
    ],
    ['a limit that there is not', { maxDrawdwon: '0.1' }, ': Unrecognized key: "maxDrawdwon"'],
  ])('refuse %s', (_, limits, problem) => {
    expect(problems(zLimits, limits)).toEqual([problem]);
  });

  it('refuse a key that there is not, so that a typing error does not go unseen', () => {
    expect(problems(zAccount, { ...given, exitonly: true })).toEqual([': Unrecognized key: "exitonly"']);
  });

  it.each([
    ['proportional with a multiplier', { mode: 'proportional', multiplier: '0.5' }, true],
    ['proportional without one', { mode: 'proportional' }, true],
    ['a fixed amount', { mode: 'fixed-amount', amount: '50' }, true],
    ['a fixed amount of nothing', { mode: 'fixed-amount', amount: '0' }, false],
    ['a fixed amount below zero', { mode: 'fixed-amount', amount: '-1' }, false],
    ['a fixed amount that is missing', { mode: 'fixed-amount' }, false],
    ['a fixed ratio', { mode: 'fixed-ratio', ratio: '0.01' }, true],
    ['a fixed ratio below zero', { mode: 'fixed-ratio', ratio: '-0.01' }, false],
    ['an option of another mode', { mode: 'fixed-ratio', ratio: '1', multiplier: '2' }, false],
    ['a mode that there is not', { mode: 'all-in' }, false],
  ])('judge a sizing that is %s', (_, sizing, accepted) => {
    expect(zSizing.safeParse(sizing).success).toBe(accepted);
  });
});

describe('the id of an account', () => {
  it('tells a master from a user', () => {
    expect([roleOf('m-apex'), roleOf('u-ann')]).toEqual(['master', 'user']);
    expect(zMasterId.safeParse('m-apex').success && zUserId.safeParse('u-ann').success).toBe(true);
    expect(zMasterId.safeParse('u-ann').success || zUserId.safeParse('m-apex').success).toBe(false);
  });

  it.each([
    '',
    'ann',
    'x-ann',
    'u-',
    'u--ann',
    'U-ann',
    'u-Ann',
    'u-ann#1',
    'u-a/b',
    'u-a b',
    'a#u-ann',
    'mu-ann',
    `u-${'a'.repeat(40)}`,
    'u-ann\n',
  ])('has nothing in it that could reach another key of the table: %j', (id) => {
    expect(zAccountId.safeParse(id).success).toBe(false);
  });

  it('shows how one looks where it is refused', () => {
    expect(problems(zAccountId, 'ann')).toEqual([
      ': an account id looks like m-apex or u-ann: a letter, a dash, then a-z, 0-9 and dashes',
    ]);
  });
});

describe('a market symbol', () => {
  it.each(['BTC/USD', '1INCH/USD', 'USDT/USD'])('looks like %s', (symbol) => {
    expect(zSymbol.parse(symbol)).toBe(symbol);
  });

  it.each([
    'BTCUSD',
    'btc/usd',
    'BTC/',
    '/USD',
    'BTC/USD/X',
    'BTC-USD',
  ])('does not look like %s', (symbol) => {
    expect(problems(zSymbol, symbol)).toEqual([': a market symbol looks like BTC/USD']);
  });
});

describe('the key of an account', () => {
  it.each([
    '0123456789abcdef0',
    'x0123456789abcdef',
    '0123456789abcde',
    '0123456789ABCDEF',
  ])('is no fingerprint that looks like %s', (keyFingerprint) => {
    expect(zAccount.safeParse({ ...given, keyFingerprint }).success).toBe(false);
  });
});

describe('the quote currency of an account', () => {
  it.each(['USD', 'USDT', 'USDC'])('may be %s', (quoteCurrency) => {
    expect(zAccount.parse({ ...given, quoteCurrency }).quoteCurrency).toBe(quoteCurrency);
  });

  it('is no other', () => {
    expect(zAccount.safeParse({ ...given, quoteCurrency: 'EUR' }).success).toBe(false);
  });
});

describe('the strategy of a master', () => {
  const strategy = (facts: object) =>
    zAccount.safeParse({
      ...given,
      accountId: 'm-apex',
      role: 'master',
      strategy: { name: 'apex', symbols: ['BTC/USD'], ...facts },
    });
  const nested = (levels: number): object => (levels === 0 ? {} : { inner: nested(levels - 1), flat: 1 });

  it.each([
    ['in paper mode', { mode: 'paper' }, true],
    ['live', { mode: 'live' }, true],
    ['in a mode that there is not', { mode: '' }, false],
    ['for several symbols', { symbols: ['BTC/USD', 'ETH/USD'] }, true],
    ['for no symbol', { symbols: [] }, false],
    ['without a name', { name: '' }, false],
    ['nested as deep as the ledger can keep', { config: nested(15) }, true],
    ['nested deeper', { config: nested(16) }, false],
    ['nested deeper in one place alone', { config: { flat: 1, lists: [[], [nested(15)]] } }, false],
    ['with nothing at its end', { config: { none: null, text: 'x' } }, true],
  ])('is taken or refused: %s', (_how, facts, accepted) => {
    expect(strategy(facts).success).toBe(accepted);
  });
});
