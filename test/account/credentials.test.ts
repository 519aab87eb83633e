import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { authoriseKey } from '../../shared/account/authorise.ts';
import { fingerprintOf, Secret } from '../../shared/account/credentials.ts';
import { RegistrationRefused } from '../../shared/account/stores.ts';
import type { KeyInfo } from '../../shared/exchange/exchange.ts';

const HIDDEN = 'kQH5HW/8p1uGOVjbgWA7';

describe('a secret', () => {
  it.each<[string, (secret: Secret) => string]>([
    ['String()', (secret) => String(secret)],
    ['a template', (secret) => `key ${secret}`],
    ['a sum of texts', (secret) => `key ${[secret].join()}`],
    ['JSON', (secret) => JSON.stringify({ nested: { secret } })],
    ['inspection', (secret) => inspect({ nested: [secret] }, { depth: 9, showHidden: true })],
    [
      'inspection without its own say',
      (secret) => inspect(secret, { customInspect: false, showHidden: true }),
    ],
    ['formatting', (secret) => format('%s %o %O %j', secret, secret, secret, secret)],
    [
      'its own keys',
      (secret) => JSON.stringify([Reflect.ownKeys(secret), Object.entries(secret), { ...secret }]),
    ],
    ['a copy', (secret) => inspect(structuredClone(secret))],
    ['an error', (secret) => inspect(new Error(`refused ${secret}`, { cause: secret }))],
  ])('does not show itself through %s', (_, shown) => {
    expect(shown(new Secret(HIDDEN))).not.toContain(HIDDEN);
  });

  it('says that it is one, wherever it is written', () => {
    const secret = new Secret(HIDDEN);

    expect([`${secret}`, JSON.stringify(secret), inspect(secret)]).toEqual([
      '[secret]',
      '"[secret]"',
      '[secret]',
    ]);
  });

  it('gives its text only to who asks by name', () => {
    expect(new Secret(HIDDEN).reveal()).toBe(HIDDEN);
  });
});

describe('the fingerprint of a key', () => {
  it('is the same for the same key, and another for another', () => {
    expect(fingerprintOf(new Secret(HIDDEN))).toBe(fingerprintOf(new Secret(HIDDEN)));
    expect(fingerprintOf(new Secret(HIDDEN))).not.toBe(fingerprintOf(new Secret(`${HIDDEN} `)));
  });

  it('has 16 hex digits that are no part of the key', () => {
    const fingerprint = fingerprintOf(new Secret(HIDDEN));
    expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(HIDDEN).not.toContain(fingerprint);
  });
});

describe('a key that asks to be registered', () => {
  const usable: KeyInfo = {
    canQuery: true,
    canTrade: true,
    canWithdraw: false,
    permissions: ['modify-trades', 'query-funds'],
  };
  const refusal = (key: Partial<KeyInfo>): RegistrationRefused | undefined => {
    try {
      authoriseKey('u-ann', { ...usable, ...key });
      return undefined;
    } catch (error) {
      if (error instanceof RegistrationRefused) return error;
      throw error;
    }
  };

  it('is taken when it can query and trade, and nothing more', () => {
    expect(refusal({})).toBeUndefined();
  });

  it.each([
    ['can withdraw', { canWithdraw: true }, 'KEY_CAN_WITHDRAW'],
    ['cannot query', { canQuery: false }, 'KEY_CANNOT_QUERY'],
    ['cannot trade', { canTrade: false }, 'KEY_CANNOT_TRADE'],
    [
      'can withdraw and nothing else',
      { canQuery: false, canTrade: false, canWithdraw: true },
      'KEY_CAN_WITHDRAW',
    ],
    ['can do nothing', { canQuery: false, canTrade: false }, 'KEY_CANNOT_QUERY'],
  ])('is refused when it %s', (_, key, code) => {
    expect(refusal(key)?.code).toBe(code);
  });

  it('is refused with a sentence that names the account, what the key has, and what to do', () => {
    expect(refusal({ canTrade: false })?.message).toBe(
      'the key of u-ann cannot create and cancel orders: give it the trading rights and register again (it has: modify-trades, query-funds)',
    );
    expect(refusal({ canQuery: false, permissions: [] })?.message).toContain('(it has: none)');
  });
});
