import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXPIRY_NOTICE_MS, KEY_FINDING_CODES, keyFindings } from '../../shared/account/key-findings.ts';
import type { KeyInfo } from '../../shared/exchange/exchange.ts';
import { DAY, MINUTE } from '../../shared/time/clock.ts';
import { NOON } from '../local/kraken/exchange.ts';

const sound: KeyInfo = {
  canQuery: true,
  canTrade: true,
  canWithdraw: false,
  permissions: ['close-trades', 'modify-trades', 'query-funds'],
};
const codes = (key: Partial<KeyInfo>) =>
  keyFindings('u-ann', { ...sound, ...key }, NOON).map(({ code }) => code);

describe('of a key', () => {
  it('that may query and trade, and of which no more is told, there is nothing to say', () => {
    expect(codes({})).toEqual([]);
  });

  it.each([
    ['CAN_WITHDRAW', { canWithdraw: true }],
    ['CANNOT_QUERY', { canQuery: false }],
    ['CANNOT_TRADE', { canTrade: false }],
    ['NONCE_WINDOW', { nonceWindow: 1 }],
    ['NO_IP_ALLOW_LIST', { ipAllowList: [] }],
    ['EXPIRES_SOON', { expiresAt: NOON + EXPIRY_NOTICE_MS }],
    ['EXPIRES_SOON', { expiresAt: NOON - MINUTE }],
  ] as const)('%s is said for %j', (code, key) => {
    expect(codes(key)).toEqual([code]);
  });

  it.each([
    { nonceWindow: 0 },
    { ipAllowList: ['10.0.0.1/32'] },
    { expiresAt: NOON + 14 * DAY + 1 },
  ])('nothing is said for %j', (key) => {
    expect(codes(key)).toEqual([]);
  });

  it.each([
    ['danger', { canWithdraw: true }],
    ['broken', { canQuery: false }],
    ['broken', { canTrade: false }],
    ['warning', { nonceWindow: 1 }],
    ['warning', { expiresAt: NOON }],
    ['info', { ipAllowList: [] }],
  ] as const)('%s is the level of %j', (level, key) => {
    expect(keyFindings('u-ann', { ...sound, ...key }, NOON)).toMatchObject([{ level }]);
  });

  it('the rights that it has are named, or that there are none', () => {
    const says = (permissions: readonly string[]) =>
      keyFindings('u-ann', { ...sound, canTrade: false, permissions }, NOON)[0]?.says;

    expect(says(['close-trades', 'query-funds'])).toContain('(it has: close-trades, query-funds)');
    expect(says([])).toContain('(it has: none)');
  });

  it('each finding says whose key it is, what is wrong and what to do, the dangerous one first', () => {
    const findings = keyFindings(
      'u-ann',
      {
        canQuery: false,
        canTrade: false,
        canWithdraw: true,
        permissions: ['withdraw-funds'],
        nonceWindow: 15_000,
        ipAllowList: [],
        expiresAt: NOON + DAY,
      },
      NOON,
    );

    expect(findings.map(({ code }) => code)).toEqual(KEY_FINDING_CODES);
    for (const { says, todo } of findings) {
      expect(says).toContain('u-ann');
      expect(todo.length).toBeGreaterThan(20);
    }
    expect(findings[0]?.says).toContain('(it has: withdraw-funds)');
    expect(findings[3]?.says).toContain('2026-03-03T12:00:00.000Z');
    expect(findings[4]?.says).toContain('up to 15000 (15 ms of ours)');
  });

  it('that can withdraw the danger is always said, whatever else is told of it', () => {
    const anyKey = fc.record(
      {
        canQuery: fc.boolean(),
        canTrade: fc.boolean(),
        permissions: fc.array(fc.string()),
        nonceWindow: fc.nat(),
        ipAllowList: fc.array(fc.string()),
        expiresAt: fc.nat(),
      },
      { requiredKeys: ['canQuery', 'canTrade', 'permissions'] },
    );
    fc.assert(
      fc.property(anyKey, fc.boolean(), (key, canWithdraw) => {
        const found = codes({ ...key, canWithdraw }).includes('CAN_WITHDRAW');

        expect(found).toBe(canWithdraw);
      }),
    );
  });
});
