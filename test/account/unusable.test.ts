import { describe, expect, it } from 'vitest';
import { zAsks } from '../../shared/account/asked.ts';
import { isUnusable } from '../../shared/account/unusable.ts';
import { UNUSABLE_CODES, UNUSABLE_TODO } from '../../shared/account/unusable-codes.ts';
import { EXCHANGE_ERROR_CODES } from '../../shared/exchange/exchange.ts';
import { VaultError } from '../../shared/vault/vault.ts';
import { exchangeFails } from '../order/at-the-exchange.ts';

describe('a key', () => {
  it.each(
    EXCHANGE_ERROR_CODES,
  )('that the exchange answers with %s is unusable only where that will not change', (code) => {
    const lasting = ['INVALID_KEY', 'INVALID_SIGNATURE', 'PERMISSION_DENIED'];

    expect(isUnusable(exchangeFails(code))).toBe(lasting.includes(code));
  });

  it.each([
    ['SECRET_MISSING', true],
    ['KEY_OF_ANOTHER_ACCOUNT', true],
    ['VAULT_UNAVAILABLE', false],
    ['ACCESS_DENIED', false],
  ] as const)('of which the vault says %s is unusable: %s', (code, expected) => {
    expect(isUnusable(new VaultError(code, 'u-ann', 'no'))).toBe(expected);
  });

  it('is not judged by what anybody else says', () => {
    expect(isUnusable(Object.assign(new Error('no'), { code: 'INVALID_KEY' }))).toBe(false);
    expect(isUnusable(undefined)).toBe(false);
  });

  it('that is unusable has its remedy told', () => {
    for (const code of UNUSABLE_CODES) expect(UNUSABLE_TODO[code]).toMatch(/\w{3}/);
  });
});

describe('who asks for a change, and why', () => {
  it('is kept without blanks around it', () => {
    expect(zAsks.by.parse('  ann ')).toBe('ann');
  });

  it.each([
    ['nobody', zAsks.by, '', false],
    ['blanks', zAsks.by, '   ', false],
    ['a letter', zAsks.by, 'a', true],
    ['a hundred', zAsks.by, 'a'.repeat(100), true],
    ['more than a hundred', zAsks.by, 'a'.repeat(101), false],
    ['a reason of five hundred', zAsks.why, 'a'.repeat(500), true],
    ['a longer reason', zAsks.why, 'a'.repeat(501), false],
  ])('is taken or not: %s', (_what, schema, value, expected) => {
    expect(schema.safeParse(value).success).toBe(expected);
  });
});
