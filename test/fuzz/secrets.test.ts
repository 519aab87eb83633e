import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../shared/account/credentials.ts';
import { readSecretText } from '../../shared/vault/secrets-manager/secret-text.ts';
import { type LoadedSecret, VaultError } from '../../shared/vault/vault.ts';
import { canaryKey, leaksOf, shownOf } from './canary.ts';
import { openEdgeWorld } from './edge-world.ts';
import { isOwnError } from './judgement.ts';
import { isTable, odd } from './odd-values.ts';
import { runs } from './runs.ts';

const expected = { accountId: 'u-ann', exchange: 'kraken', name: 'nija/test/user/u-ann' } as const;
const key = canaryKey('u-ann');
const valid = { accountId: 'u-ann', exchange: 'kraken', ...key };
const CODES = ['SECRET_MALFORMED', 'SECRET_OF_ANOTHER_ACCOUNT'];

/** A secret where people put it by mistake. */
const MISPLACED: readonly unknown[] = [
  valid,
  { ...valid, accountId: 'u-bob' },
  { ...valid, accountId: 'm-boss' },
  { ...valid, accountId: key.apiKey },
  { ...valid, exchange: key.apiSecret },
  { ...valid, apiKey: key.apiSecret, apiSecret: key.apiKey },
  { ...valid, apiKey: ` ${key.apiKey}` },
  { ...valid, apiSecret: `${key.apiSecret}\n` },
  { ...valid, apiSecret: key.apiSecret.slice(0, -1) },
  { ...valid, apiSecret: key.apiSecret.repeat(200) },
  { ...valid, [key.apiKey]: key.apiSecret },
  { [key.apiKey]: key.apiSecret },
  { accountId: 'u-ann', exchange: 'kraken', key: key.apiKey, secret: key.apiSecret },
  [key.apiKey, key.apiSecret],
  key.apiSecret,
  { secret: valid },
];

const text = fc.oneof(
  { weight: 6, arbitrary: odd(fc.constantFrom(...MISPLACED)).map((value) => JSON.stringify(value)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      `${key.apiKey}:${key.apiSecret}`,
      `apiKey=${key.apiKey}`,
      `'${key.apiSecret}'`,
    ),
  },
  { weight: 1, arbitrary: fc.nat(200).map((length) => JSON.stringify(valid).slice(0, length)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...MISPLACED).map((value) => JSON.stringify(value).replaceAll('"', "'")),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);

const jsonOf = (given: string): unknown => {
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
};

const read = (given: string | undefined): { readonly loaded: LoadedSecret } | { readonly error: unknown } => {
  try {
    return { loaded: readSecretText(given, expected) };
  } catch (error) {
    return { error };
  }
};

describe('a secret that is odd', () => {
  test('is used only as it is, or refused with a code and without a word of it', () => {
    fc.assert(
      fc.property(text, (given) => {
        const end = read(given);

        expect(leaksOf(shownOf(end), [key.apiKey, key.apiSecret], 1)).toEqual([]);
        if ('loaded' in end) {
          const told = jsonOf(given);
          const { apiKey, apiSecret } = end.loaded.credentials;
          expect(
            isTable(told) && [told['accountId'], told['exchange'], told['apiKey'], told['apiSecret']],
          ).toEqual(['u-ann', 'kraken', apiKey.reveal(), apiSecret.reveal()]);
        } else {
          expect(end.error, shownOf(end.error)).toBeInstanceOf(VaultError);
          expect(CODES).toContain(end.error instanceof VaultError ? end.error.code : end.error);
        }
      }),
      runs(1_000),
    );
  });

  test('is refused so by a registration, a balance and a check, and nothing is sent with it', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        const world = openEdgeWorld();
        world.mayNotBeSeen([key.apiKey, key.apiSecret]);
        await world.storeSecret('u-ann', given === '' ? ' ' : given);

        const registered = await world.invoke('register-user', { accountId: 'u-ann', exchange: 'kraken' });
        const balance = await world.invoke('balance', { accountId: 'u-ann' });
        const checked = await world.invoke('account-check', { accountId: 'u-ann' });

        for (const { end, crashes, leaks } of [registered, balance, checked]) {
          if ('error' in end) expect(isOwnError(end.error), shownOf(end.error)).toBe(true);
          expect([crashes, leaks]).toEqual([[], []]);
        }
        expect('error' in registered.end).toBe(true);
        if ('error' in read(given)) expect(registered.keysOf).toEqual([]);
      }),
      runs(40),
    );
  });

  test('shows itself to nobody, however it is printed', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12, unit: 'grapheme-ascii' }), (own) => {
        const secret = new Secret(`${key.apiSecret}${own}`);
        const printed = [
          shownOf({ secret }),
          JSON.stringify({ secret }),
          String(secret),
          `${secret}`,
          shownOf([secret]),
        ];

        expect(leaksOf(printed.join('\n'), [key.apiSecret], 1)).toEqual([]);
      }),
      runs(100),
    );
  });
});
