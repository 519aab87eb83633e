import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdingOf } from '../../../shared/exchange/kraken/assets.ts';
import { plus, quantity, text, ZERO_QUANTITY } from '../../../shared/money/money.ts';
import { BTC, gives, type Request, rawKraken, sessionAt } from './raw-kraken.ts';

const shown = (balance: { asset: string; total: unknown; free: unknown; held: unknown }) =>
  [balance.asset, String(balance.total), String(balance.free), String(balance.held)] as const;

const balancesOf = async (raw: Readonly<Record<string, readonly [balance: string, hold: string]>>) => {
  const { url } = await rawKraken(() =>
    gives(
      Object.fromEntries(
        Object.entries(raw).map(([code, [balance, hold]]) => [code, { balance, hold_trade: hold }]),
      ),
    ),
  );
  return (await sessionAt(url).balances()).map(shown);
};

describe('balances', () => {
  test('are given by unified asset, what is on hold apart, zeros dropped', async () => {
    const balances = await balancesOf({
      ZUSD: ['100.5000', '40.2500'],
      XXBT: ['0.1234567890', '0.0000000000'],
      XXDG: ['7', '7'],
      XETH: ['0.0000000000', '0.0000000000'],
      USDT: ['3.00000000', '0.00000000'],
    });

    expect(balances).toEqual([
      ['USD', '100.5', '60.25', '40.25'],
      ['BTC', '0.123456789', '0.123456789', '0'],
      ['DOGE', '7', '0', '7'],
      ['USDT', '3', '3', '0'],
    ]);
  });

  test('of a code that every object inherits are of that asset', async () => {
    const inherited = ['constructor', 'toString'];

    const balances = await balancesOf(
      Object.fromEntries(inherited.map((code) => [code, ['1', '0'] as const])),
    );

    expect(balances.map(([asset]) => asset)).toEqual(inherited);
  });

  test('count rewards as the asset, and bonded variants as its held part', async () => {
    const balances = await balancesOf({
      XXBT: ['1', '0.25'],
      'XBT.F': ['2', '0'],
      'XBT.M': ['4', '0'],
      'DOT28.S': ['10', '0'],
      'USD.HOLD': ['5', '0'],
      'USD.F': ['6', '1'],
    });

    expect(balances).toEqual([
      ['BTC', '7', '2.75', '4.25'],
      ['DOT', '10', '0', '10'],
      ['USD', '11', '5', '6'],
    ]);
  });

  test.each<readonly [string, readonly [string, string]]>([
    ['no number', ['', '0']],
    ['no number', ['NaN', '0']],
    ['a negative hold', ['1', '-0.1']],
  ])('with a figure that cannot be (%s) are an error, never zero', async (_what, figures) => {
    const reading = balancesOf({ XXBT: figures, ZUSD: ['1', '0'] });

    await expect(reading).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
  });

  test('that earn rewards are free but for what orders hold, which is booked on the plain code', async () => {
    const balances = await balancesOf({
      ZUSD: ['0.0000', '500.0000'],
      'USD.F': ['1000.0000', '0'],
      XXBT: ['0.1', '0.3'],
      'XBT.F': ['2', '0'],
      'XBT.M': ['4', '0'],
    });

    expect(balances).toEqual([
      ['USD', '1000', '500', '500'],
      ['BTC', '6.1', '1.8', '4.3'],
    ]);
  });

  test('of which more is on hold than there is are there, and none of it is free', async () => {
    const balances = await balancesOf({ XXBT: ['1', '1.00000001'], ZUSD: ['1', '0'] });

    expect(balances).toEqual([
      ['BTC', '1', '0', '1'],
      ['USD', '1', '1', '0'],
    ]);
  });

  test('below zero are told as owed, and hide nothing else', async () => {
    const { url } = await rawKraken(() =>
      gives({
        ZUSD: { balance: '-0.3700', hold_trade: '0.0000' },
        XXBT: { balance: '1', hold_trade: '0' },
        'USD.HOLD': { balance: '5', hold_trade: '0' },
      }),
    );

    const balances = await sessionAt(url).balances();

    expect(balances).toEqual([
      {
        asset: 'USD',
        total: quantity('5'),
        free: quantity('0'),
        held: quantity('5'),
        bonded: quantity('5'),
        owed: quantity('0.37'),
      },
      { asset: 'BTC', total: quantity('1'), free: quantity('1'), held: quantity('0') },
    ]);
  });

  test('read from a JSON number are refused: it went through a binary float', async () => {
    const { url } = await rawKraken(() => gives({ ZUSD: { balance: 0.1, hold_trade: '0' } }));

    const reading = sessionAt(url).balances();

    await expect(reading).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
  });

  test('always satisfy total = free + held, whatever the variants', async () => {
    const units = fc.bigInt({ min: 0n, max: 10n ** 18n });
    const code = fc.constantFrom(
      'XXBT',
      'XBT.F',
      'XBT.M',
      'BTC.B',
      'ZUSD',
      'USD.F',
      'USD.HOLD',
      'ADA',
      'ADA.S',
    );
    const { url, requests } = await rawKraken((request) => gives(answers.get(request.form['nonce'] ?? '')));
    const answers = new Map<string, unknown>();
    const session = sessionAt(url);
    await fc.assert(
      fc.asyncProperty(fc.dictionary(code, fc.tuple(units, units)), async (raw) => {
        const entries = Object.entries(raw).map(([asset, [a, b]]) => {
          const [hold, balance] = a < b ? [a, b] : [b, a];
          return [asset, { balance: `${balance}e-10`, hold_trade: `${hold}e-10` }] as const;
        });
        answers.set(String(requests.length + 1), Object.fromEntries(entries));

        const balances = await session.balances();

        const sum = balances.reduce((total, balance) => plus(total, balance.total), ZERO_QUANTITY);
        const given = entries.reduce(
          (total, [, { balance }]) => plus(total, quantity(balance)),
          ZERO_QUANTITY,
        );
        expect(text(sum)).toBe(text(given));
        for (const { total, free, held } of balances) expect(text(plus(free, held))).toBe(text(total));
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['XXBT', 'BTC', true],
    ['XBT.F', 'BTC', true],
    ['BTC.F', 'BTC', true],
    ['XTZ', 'XTZ', true],
    ['ZETA', 'ZETA', true],
    ['ZUSD', 'USD', true],
    ['ETH2.S', 'ETH', false],
    ['ETH2', 'ETH', true],
    ['ATOM21.S', 'ATOM', false],
    ['USDC.M', 'USDC', false],
    ['AAPLx.T', 'AAPLx.T', false],
    ['SOL.NEW', 'SOL.NEW', false],
  ])('read %s as %s', (balanceCode, asset, sellable) => {
    const holding = holdingOf(balanceCode);

    expect(holding).toEqual({ asset, sellable });
  });
});

describe('a key', () => {
  const infoOf = async (permissions: readonly string[]) => {
    const { url } = await rawKraken(() => gives({ api_key: 'ann-key', permissions }));
    return sessionAt(url).keyInfo();
  };
  const trading = [
    'query-funds',
    'query-open-trades',
    'query-closed-trades',
    'modify-trades',
    'close-trades',
  ];

  test('that may query and trade, and nothing else, is told apart', async () => {
    const info = await infoOf(trading);

    expect(info).toEqual({
      canQuery: true,
      canTrade: true,
      canWithdraw: false,
      permissions: trading.toSorted(),
    });
  });

  test.each([
    'withdraw-funds',
    'withdraw_funds',
    'withdrawFunds',
    'Withdraw_Funds',
    'add-withdraw-address',
    'addWithdrawAddress',
    'update_withdraw_address',
  ])('with %s can withdraw', async (permission) => {
    const info = await infoOf([...trading, permission]);

    expect(info.canWithdraw).toBe(true);
  });

  test.each(trading)('without %s lacks something', async (missing) => {
    const info = await infoOf(
      trading.filter((permission) => permission !== missing).map((p) => p.replaceAll('-', '_')),
    );

    expect(info.canQuery && info.canTrade).toBe(false);
  });

  const told = async (facts: Readonly<Record<string, unknown>>) => {
    const { url } = await rawKraken(() => gives({ permissions: trading, ...facts }));
    const { nonceWindow, ipAllowList, expiresAt } = await sessionAt(url).keyInfo();
    return { nonceWindow, ipAllowList, expiresAt };
  };

  test.each([
    ['in one case', { nonce_window: 5000, ip_allowlist: ['10.0.0.1/32'], valid_until: '1767225600' }],
    ['in the other', { nonceWindow: '5000', ipAllowlist: ['10.0.0.1/32'], validUntil: 1767225600 }],
  ])('shows its nonce window, addresses and end, written %s', async (_, facts) => {
    expect(await told(facts)).toEqual({
      nonceWindow: 5_000,
      ipAllowList: ['10.0.0.1/32'],
      expiresAt: Date.UTC(2026, 0, 1),
    });
  });

  test('without an end or a list of addresses has neither', async () => {
    expect(await told({ nonce_window: 0, ip_allowlist: [], valid_until: '0' })).toEqual({
      nonceWindow: 0,
      ipAllowList: [],
      expiresAt: undefined,
    });
  });

  test.each([
    ['from a moment on', { query_from: '1767225600', query_to: '0' }, false],
    ['up to one', { queryFrom: 0, queryTo: 1767225600 }, false],
    ['all', { query_from: '0', query_to: '0' }, true],
  ])('that sees %s of what was can query: %s', async (_what, facts, expected) => {
    const { url } = await rawKraken(() => gives({ permissions: trading, ...facts }));

    const { canQuery } = await sessionAt(url).keyInfo();

    expect(canQuery).toBe(expected);
  });

  test('is read for what it may do even where the rest is of another form', async () => {
    const facts = { nonce_window: '-1', ip_allowlist: 'none' };
    const nothing = { nonceWindow: undefined, ipAllowList: undefined, expiresAt: undefined };

    expect(await told({ ...facts, valid_until: 'never' })).toEqual(nothing);
    expect(await told({ ...facts, valid_until: '999999999999999' })).toEqual(nothing);
  });

  test('whose permissions are not shown is an error', async () => {
    const { url } = await rawKraken(() => gives({ api_key_name: 'x' }));

    const reading = sessionAt(url).keyInfo();

    await expect(reading).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
  });
});

describe('the taker fee', () => {
  test('is a fraction of what Kraken says in percent for that very market', async () => {
    const { url, requests } = await rawKraken(() =>
      gives({ currency: 'ZUSD', fees: { XXBTZUSD: { fee: '0.4000' } } }),
    );

    const fee = await sessionAt(url).takerFee(BTC);

    expect(text(fee)).toBe('0.004');
    expect(requests[0]?.form['pair']).toBe('XXBTZUSD');
  });

  test('of a market that the answer does not hold is an error', async () => {
    const { url } = await rawKraken(() => gives({ fees: { ADAUSD: { fee: '0.4000' } } }));

    const reading = sessionAt(url).takerFee(BTC);

    await expect(reading).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
  });
});

describe('cancelling', () => {
  test('names the order', async () => {
    const { url, requests } = await rawKraken(() => gives({ count: 1 }));

    await sessionAt(url).cancel('OABC');

    expect(requests.map(({ endpoint, form }: Request) => [endpoint, form['txid']])).toEqual([
      ['CancelOrder', 'OABC'],
    ]);
  });

  test('nothing is an error', async () => {
    const { url } = await rawKraken(() => gives({ count: 0 }));

    const cancelling = sessionAt(url).cancel('OABC');

    await expect(cancelling).rejects.toMatchObject({ code: 'UNKNOWN_ORDER' });
  });
});
