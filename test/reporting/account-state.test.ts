import { describe, expect, it } from 'vitest';
import { quote } from '../../shared/money/money.ts';
import type { AccountFacts, Surroundings } from '../../shared/reporting/account-facts.ts';
import { accountView } from '../../shared/reporting/account-view.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { around, FINGERPRINT, factsOf, hurt, known, NOON, snapshotOf } from './made-facts.ts';

const stateOf = async (facts: AccountFacts, surroundings: Partial<Surroundings> = {}) => {
  const { state, reason } = await accountView(facts, around(surroundings));
  return [state, reason] as const;
};

const halt: Partial<Surroundings> = {
  halt: known({ engaged: true, by: 'ops', why: 'odd fills', since: NOON }),
};
const silent: Partial<Surroundings> = {
  statusOf: async (masterId) =>
    known({ masterId, healthy: true, reason: 'ok', at: NOON - HOUR, periodMs: MINUTE }),
};
const canWithdraw = {
  code: 'CAN_WITHDRAW',
  level: 'danger',
  says: 'the key can withdraw money',
  todo: 'delete it',
} as const;
const attested = (keyFingerprint: string, findings: readonly (typeof canWithdraw)[] = []) =>
  known({ accountId: 'u-ann', keyFingerprint, attestedAt: NOON, permissions: [], findings });

describe('the state of an account', () => {
  it.each([
    ['following', factsOf('u-ann'), {}, 'follows m-boss'],
    ['independent', factsOf('u-ann', { follows: undefined }), {}, 'follows no master'],
    ['paused', factsOf('u-ann', { copyPaused: true }), {}, 'copying is paused'],
    ['standalone', factsOf('u-ann'), silent, 'heartbeat is 3600 s old'],
    ['halted', factsOf('u-ann'), halt, 'halted by ops at 2026-03-02T12:00:00.000Z: odd fills'],
    ['halted', factsOf('u-ann'), { halt: hurt('it is damaged') }, 'could not be read: it is damaged'],
    ['halted', factsOf('u-ann'), { breaker: hurt('it is damaged') }, 'breaker over all accounts'],
    ['exit-only', factsOf('u-ann', { exitOnly: true }), {}, 'set to exit-only'],
    ['disabled', factsOf('u-ann', { enabled: false }), {}, 'disabled by the operator'],
    ['failing', factsOf('u-ann', {}, { profile: hurt('it is damaged') }), {}, 'it is damaged'],
    ['failing', factsOf('u-ann', {}, { profile: known(undefined) }), {}, "(given 'u-ann')"],
    [
      'trading',
      factsOf('m-boss', { strategy: { name: 'apex', symbols: ['BTC/USD'], mode: 'live' } }),
      {},
      'trades',
    ],
    ['paper', factsOf('m-boss', { strategy: { name: 'apex', symbols: ['BTC/USD'] } }), {}, 'sends no order'],
    ['unhealthy', factsOf('m-boss'), silent, 'heartbeat'],
  ] as const)('is %s', async (expected, facts, surroundings, why) => {
    const [state, reason] = await stateOf(facts, surroundings);

    expect(state).toBe(expected);
    expect(reason).toContain(why);
  });

  it('is a key problem where the key does not work, belongs to another, or can withdraw', async () => {
    const revoked = known({
      accountId: 'u-ann',
      since: NOON,
      version: 1,
      usable: false,
      code: 'INVALID_KEY',
    } as const);

    const states = await Promise.all([
      stateOf(factsOf('u-ann', {}, { keyState: revoked })),
      stateOf(factsOf('u-ann', {}, { keyOwner: known('u-bob') })),
      stateOf(factsOf('u-ann', {}, { attestation: attested(FINGERPRINT, [canWithdraw]) })),
    ]);

    expect(states.map(([state]) => state)).toEqual(['key-problem', 'key-problem', 'key-problem']);
    expect(states.map(([, reason]) => reason)).toEqual([
      expect.stringContaining('INVALID_KEY since 2026-03-02T12:00:00.000Z: the key was revoked'),
      expect.stringContaining('belongs to u-bob'),
      'the key can withdraw money',
    ]);
  });

  it('says of another key nothing: what the exchange said of the one before is none of its business', async () => {
    const facts = factsOf('u-ann', {}, { attestation: attested('ffffffffffffffff', [canWithdraw]) });

    expect((await stateOf(facts))[0]).toBe('unattested');
    expect((await accountView(facts, around())).key).not.toHaveProperty('attested');
  });

  it('is exit-only by itself below its minimum equity, and not where its equity is not known', async () => {
    const poor = factsOf('u-ann', {}, { snapshot: known(snapshotOf('u-ann', '24.99')) });
    const unknown = factsOf('u-ann', {}, { snapshot: known(undefined) });

    expect(await stateOf(poor)).toEqual([
      'exit-only',
      'its last known equity 24.99 is below its minimum of 25',
    ]);
    expect((await stateOf(unknown))[0]).toBe('following');
  });

  it('puts what concerns the account before what concerns all', async () => {
    expect((await stateOf(factsOf('u-ann', { enabled: false }), halt))[0]).toBe('disabled');
    expect((await stateOf(factsOf('u-ann', { copyPaused: true }), { ...halt, ...silent }))[0]).toBe('halted');
  });
});

describe('what an account is worth', () => {
  it('is its last snapshot with its age and its profit', async () => {
    const snapshot = { ...snapshotOf('u-ann', '1100'), paidIn: quote('1000') };

    const { worth } = await accountView(factsOf('u-ann', {}, { snapshot: known(snapshot) }), around());

    expect(worth).toMatchObject({
      known: true,
      equity: '1100',
      paidIn: '1000',
      profit: '100',
      ageMs: MINUTE,
    });
  });

  it('is not known where the snapshot is damaged, and says so', async () => {
    const view = await accountView(factsOf('u-ann', {}, { snapshot: hurt('it is damaged') }), around());

    expect(view.worth).toEqual({ known: false, why: expect.stringContaining('it is damaged') });
    expect(view.failing).toEqual([{ part: 'last snapshot', why: 'it is damaged' }]);
    expect(view.state).toBe('following');
  });
});

describe('the last check', () => {
  it('is the last that read all executions or measured the account, and overdue after three periods', async () => {
    const at = (cursor: number) => known({ cursor, pending: [] });
    const old = { ...snapshotOf('u-ann', '1000'), at: NOON - 2 * HOUR };
    const checked = async (cursor: number) =>
      (
        await accountView(
          factsOf('u-ann', {}, { reconciliation: at(cursor), snapshot: known(old) }),
          around(),
        )
      ).lastCheck;

    expect(await checked(NOON - 45 * MINUTE)).toEqual({
      at: NOON - 45 * MINUTE,
      ageMs: 45 * MINUTE,
      overdue: false,
    });
    expect(await checked(NOON - 46 * MINUTE)).toMatchObject({ overdue: true });
    expect(await checked(NOON - 3 * HOUR)).toMatchObject({ at: NOON - 2 * HOUR });
  });

  it('is none where executions are behind and nothing was ever measured', async () => {
    const reconciliation = known({ cursor: NOON, pending: [], behindSince: NOON });
    const facts = factsOf('u-ann', {}, { reconciliation, snapshot: known(undefined) });

    expect(await accountView(facts, around())).not.toHaveProperty('lastCheck');
  });

  it('of a master is its last tick', async () => {
    const { lastCheck } = await accountView(factsOf('m-boss'), around());

    expect(lastCheck).toEqual({ at: NOON - MINUTE, ageMs: MINUTE, overdue: false });
  });
});
