import { describe, expect, it } from 'vitest';
import { UNUSABLE_CODES, UNUSABLE_TODO } from '../../shared/account/unusable-codes.ts';
import type { Copy } from '../../shared/copying/copy.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { fraction, quantity } from '../../shared/money/money.ts';
import type { AccountFacts } from '../../shared/reporting/account-facts.ts';
import { accountView } from '../../shared/reporting/account-view.ts';
import { DAY, MINUTE, SECOND } from '../../shared/time/clock.ts';
import { bossTrade } from '../functions/causes.ts';
import { around, FINGERPRINT, factsOf, hurt, known, NOON } from './made-facts.ts';

const BTC = marketSymbol('BTC/USD');
const findingsOf = async (facts: AccountFacts) => (await accountView(facts, around())).findings;
const codesOf = async (facts: AccountFacts) => (await findingsOf(facts)).map(({ code }) => code);
const withFacts = (changes: Partial<AccountFacts>) => factsOf('u-ann', {}, changes);

it('of an account with which all is well are none', async () => {
  expect(await findingsOf(factsOf('u-ann'))).toEqual([]);
  expect(await findingsOf(factsOf('m-boss'))).toEqual([]);
});

it.each(UNUSABLE_CODES)('tell of a key with %s what to do about it', async (code) => {
  const keyState = known({ accountId: 'u-ann', since: NOON, version: 1, usable: false, code } as const);

  const [finding] = await findingsOf(withFacts({ keyState }));

  expect(finding).toMatchObject({
    severity: 'critical',
    code: 'KEY_UNUSABLE',
    accountId: 'u-ann',
    remedy: UNUSABLE_TODO[code],
  });
  expect(finding?.what).toContain(code);
});

it.each([
  ['danger', 'critical'],
  ['broken', 'critical'],
  ['warning', 'warning'],
  ['info', 'info'],
] as const)('tell what the exchange said of the key: %s is %s', async (level, severity) => {
  const said = {
    code: 'NONCE_WINDOW',
    level,
    says: 'it takes nonces that are too low',
    todo: 'set it to 0',
  } as const;
  const attestation = known({
    accountId: 'u-ann',
    keyFingerprint: FINGERPRINT,
    attestedAt: NOON,
    permissions: [],
    findings: [said],
  });

  expect(await findingsOf(withFacts({ attestation }))).toEqual([
    { severity, code: 'KEY_NONCE_WINDOW', what: said.says, remedy: said.todo, accountId: 'u-ann' },
  ]);
});

it('tell that nobody asked for two days what the key may do, also where nobody ever did', async () => {
  const asked = (attestedAt: number) =>
    known({ accountId: 'u-ann', keyFingerprint: FINGERPRINT, attestedAt, permissions: [], findings: [] });

  expect(await codesOf(withFacts({ attestation: asked(NOON - 2 * DAY) }))).toEqual([]);
  expect(await codesOf(withFacts({ attestation: asked(NOON - 2 * DAY - 1) }))).toEqual([
    'KEY_NOT_ASKED_ABOUT',
  ]);
  expect(await codesOf(withFacts({ attestation: known(undefined) }))).toEqual(['KEY_NOT_ASKED_ABOUT']);
});

it('tell that it was never checked only once checks were due', async () => {
  const never = { reconciliation: known(undefined), snapshot: known(undefined) };
  const registered = (ago: number) => factsOf('u-ann', { registeredAt: NOON - ago }, never);

  expect(await codesOf(registered(45 * MINUTE))).toEqual([]);
  expect(await findingsOf(registered(46 * MINUTE))).toMatchObject([
    {
      code: 'CHECK_OVERDUE',
      what: expect.stringContaining('never checked since it was registered 46 minutes ago'),
    },
  ]);
});

it.each([
  [{ enabled: false }, ['DISABLED']],
  [{ copyPaused: true }, ['COPYING_PAUSED']],
  [{ exitOnly: true }, ['EXIT_ONLY']],
  [{ protection: { enabled: false } }, ['NOT_PROTECTED']],
  [{ protection: { stopLoss: null } }, ['NOT_PROTECTED']],
  [{ protection: { stopLoss: null, maxHoldingHours: 5 } }, []],
] as const)('of the settings %j are %j', async (settings, codes) => {
  expect(await codesOf(factsOf('u-ann', settings))).toEqual(codes);
});

it('tell what is not judged from the second check in a row on', async () => {
  const unjudged = (checks: number) =>
    known({
      accountId: 'u-ann',
      subjects: [{ of: BTC, why: 'no price', since: NOON, checks }],
      version: 1,
    });

  expect(await codesOf(withFacts({ unjudged: unjudged(1) }))).toEqual([]);
  expect(await findingsOf(withFacts({ unjudged: unjudged(2) }))).toMatchObject([
    { severity: 'critical', code: 'UNJUDGED', what: expect.stringContaining('BTC/USD is not protected') },
  ]);
});

it('tell of a drift until it is closed', async () => {
  const drift = {
    accountId: 'u-ann',
    asset: 'BTC',
    symbols: [BTC],
    managed: quantity('2'),
    held: quantity('1.5'),
    missing: quantity('0.5'),
    why: 'nothing explains it',
    told: quantity('0.5'),
    firstSeen: NOON,
    lastSeen: NOON,
    figuresSince: NOON,
    version: 1,
  };

  expect(await findingsOf(withFacts({ drifts: known([drift]) }))).toMatchObject([
    { code: 'DRIFT', what: expect.stringMatching(/^0.5 BTC is missing .* say 2, the exchange 1.5/) },
  ]);
  expect(await codesOf(withFacts({ drifts: known([{ ...drift, closedAt: NOON }]) }))).toEqual([]);
});

it('tell of an exchange that fails while it does', async () => {
  const head = { accountId: 'u-ann', version: 3 };
  const open = { ...head, state: 'OPEN', openings: 2, until: NOON + MINUTE, lastFailure: 'TIMEOUT' } as const;

  expect(await findingsOf(withFacts({ circuit: known(open) }))).toMatchObject([
    { code: 'EXCHANGE_FAILING', what: expect.stringContaining('TIMEOUT') },
  ]);
  expect(await codesOf(withFacts({ circuit: known({ ...head, state: 'CLOSED', failures: 4 }) }))).toEqual([]);
});

it('tell that executions are not read up to now', async () => {
  const reconciliation = known({ cursor: NOON, pending: [], behindSince: NOON - MINUTE });

  expect(await codesOf(withFacts({ reconciliation }))).toEqual(['RECONCILIATION_BEHIND']);
});

describe('of unfinished work', () => {
  const order = (age: number) => ({
    accountId: 'u-ann',
    clientOrderId: 'c-1',
    cause: '["copy","u-ann","t-1"]',
    symbol: BTC,
    side: 'SELL' as const,
    type: 'MARKET' as const,
    quantity: quantity('1'),
    state: 'INTENT' as const,
    attempt: 1,
    createdAt: NOON - age,
    intendedAt: NOON - age,
    deadline: NOON,
  });
  const copy = (age: number, changes: Partial<Copy> = {}): Copy => ({
    accountId: 'u-ann',
    trade: bossTrade(NOON - age),
    createdAt: NOON - age,
    ...changes,
  });
  const working = (changes: object) =>
    withFacts({ unfinished: known({ orders: [], copies: [], exits: [], ...changes }) });

  it('an order in doubt is told when no order is in doubt for so long by itself', async () => {
    expect(await codesOf(working({ orders: [order(MINUTE)] }))).toEqual([]);
    expect(await codesOf(working({ orders: [order(MINUTE + 1)] }))).toEqual(['ORDER_IN_DOUBT']);
  });

  it('a copy is told when it is late', async () => {
    expect(await codesOf(working({ copies: [copy(2 * MINUTE)] }))).toEqual([]);
    expect(await codesOf(working({ copies: [copy(2 * MINUTE + SECOND)] }))).toEqual(['COPY_OPEN']);
  });

  it('a sale that is owed is told at once, with how much and why', async () => {
    const owed = {
      since: NOON,
      remaining: quantity('0.25'),
      share: fraction('1'),
      sold: quantity('0'),
      rounds: 1,
      tries: 3,
      lastReason: 'REJECTED: Insufficient funds',
      version: 4,
    };
    const outcome = { state: 'FAILED', reason: 'REJECTED', detail: 'no' } as const;

    const findings = await findingsOf(working({ copies: [copy(MINUTE, { outcome, owed })] }));

    expect(findings).toMatchObject([{ severity: 'critical', code: 'SALE_OWED' }]);
    expect(findings[0]?.what).toMatch(/0.25 of BTC\/USD .* tried 3 times: REJECTED: Insufficient funds/);
  });

  it('an exit that is not flat is told at once, with the id to go on with', async () => {
    const exit = {
      accountId: 'u-ann',
      requestId: 'away',
      scope: 'managed',
      state: 'RUNNING',
      results: [],
      requestedAt: NOON,
      version: 1,
    } as const;

    expect(await findingsOf(working({ exits: [exit] }))).toMatchObject([
      { severity: 'critical', code: 'EXIT_UNFINISHED', what: expect.stringContaining('away') },
    ]);
  });
});

it('name each part that cannot be read, and hide no other', async () => {
  const facts = factsOf(
    'u-ann',
    { copyPaused: true },
    { drifts: hurt('it is damaged'), keyState: hurt('it is gone') },
  );

  const findings = await findingsOf(facts);

  expect(findings.map(({ code }) => code)).toEqual(['UNREADABLE', 'UNREADABLE', 'COPYING_PAUSED']);
  expect(findings.map(({ what }) => what).join(' ')).toMatch(/key state.*it is gone.*drifts.*it is damaged/);
});
