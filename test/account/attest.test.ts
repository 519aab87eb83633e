import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { TRADING_PERMISSIONS } from '../../infra/local/kraken/accounts.ts';
import { type AttestationReport, attestKey } from '../../shared/account/attest.ts';
import { fingerprintOf, Secret } from '../../shared/account/credentials.ts';
import { CHECKED_BY } from '../../shared/account/key-watch.ts';
import { DAY, MINUTE, SECOND } from '../../shared/time/clock.ts';
import type { Leases } from '../../shared/vault/lease.ts';
import { type Lab, type LabPorts, openLab } from '../functions/lab.ts';
import { BTC } from '../local/kraken/exchange.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

const MOVES_MONEY = [...TRADING_PERMISSIONS, 'withdraw-funds'] as const;

const SET_EXIT_ONLY = 'an account was set exit-only by a check';

const attest = async (accountId: string, ports: LabPorts = lab.process()): Promise<AttestationReport> => {
  const account = await lab.ledger.accounts.get(accountId);
  if (account === undefined) throw new Error(`no account ${accountId}`);
  return await attestKey(account, { spareMs: MINUTE }, ports);
};

/** The lines that `act` leaves, as `level message`, without those of a metric's own kind. */
const linesOf = async (act: () => Promise<unknown>) => {
  const before = lab.lines.length;
  await act();
  return lab.lines.slice(before);
};
const figuresOf = async (act: () => Promise<unknown>) =>
  (await linesOf(act)).filter(({ level }) => level === 'metric').map(({ message }) => message);

const asked = (apiKey: string): number =>
  lab.simulator.books
    .requests()
    .filter((request) => request.apiKey === apiKey && request.endpoint === 'GetApiKeyInfo')
    .reduce((sum, { count }) => sum + count, 0);

const codesOf = (report: AttestationReport) =>
  'findings' in report ? report.findings.map(({ code }) => code) : [report.unusable];
const exitOnly = async (accountId: string) => (await lab.ledger.accounts.get(accountId))?.exitOnly;

describe('a key', () => {
  it('is attested once a day, and what was found is remembered in between', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    const begun = lab.clock.now();

    const first = await attest(accountId);
    lab.clock.advance(DAY - 1);
    const remembered = await attest(accountId);
    const after = asked(apiKey);
    lab.clock.advance(1);
    const again = await attest(accountId);

    expect(codesOf(first)).toEqual(['NO_IP_ALLOW_LIST']);
    expect(first).toMatchObject({ asked: true, attestedAt: begun, exitOnlySet: false });
    expect(remembered).toEqual({ ...first, asked: false });
    expect(after).toBe(1);
    expect(again).toMatchObject({ asked: true, attestedAt: begun + DAY });
    expect(asked(apiKey)).toBe(2);
  });

  it('that is another one is attested at once', async () => {
    const { accountId, keyFingerprint } = await lab.openAccount('user');
    await attest(accountId);
    const stored = await lab.ledger.keyWatch.attestation(accountId);
    if (stored === undefined) throw new Error('nothing was stored');
    await lab.ledger.keyWatch.saveAttestation({ ...stored, keyFingerprint: '0'.repeat(16) });

    const report = await attest(accountId);

    expect(report).toMatchObject({ asked: true, keyFingerprint });
  });

  it('that can withdraw sets the account exit-only, with who and why in its trail, and an alarm', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    lab.simulator.setPermissions(apiKey, MOVES_MONEY);
    const at = lab.clock.now();

    const lines = await linesOf(async () => {
      expect(await attest(accountId)).toMatchObject({ exitOnlySet: true });
    });

    const keyFingerprint = fingerprintOf(new Secret(apiKey));
    expect(lines.filter(({ level }) => level === 'metric')).toMatchObject([
      { message: 'KeyCanWithdraw', fields: { account: accountId, keyFingerprint } },
    ]);
    expect(lines.filter(({ message }) => message === SET_EXIT_ONLY)).toMatchObject([
      {
        level: 'warn',
        fields: { account: accountId, keyFingerprint, why: expect.stringContaining(accountId) },
      },
    ]);
    expect(await exitOnly(accountId)).toBe(true);
    expect(await lab.ledger.control.trail(accountId)).toMatchObject([
      { by: CHECKED_BY, switch: 'exitOnly', before: 'off', after: 'on', at, subject: accountId },
    ]);
  });

  it('that can withdraw still sells', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.01');
    lab.simulator.setPermissions(apiKey, MOVES_MONEY);
    await attest(accountId);

    const report = await runExit(zExitInput.parse({ accountId, requestId: 'away' }), lab.process());

    expect(report).toMatchObject({ state: 'FLAT' });
  });

  it('that cannot withdraw any more does not lift exit-only', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    lab.simulator.setPermissions(apiKey, MOVES_MONEY);
    await attest(accountId);
    lab.simulator.setPermissions(apiKey, TRADING_PERMISSIONS);
    lab.clock.advance(DAY);

    const report = await attest(accountId);

    expect(codesOf(report)).not.toContain('CAN_WITHDRAW');
    expect(await exitOnly(accountId)).toBe(true);
    expect(await lab.ledger.control.trail(accountId)).toHaveLength(1);
  });

  it('that still can a day later is told again, and sets what somebody lifted', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    lab.simulator.setPermissions(apiKey, MOVES_MONEY);
    await attest(accountId);
    lab.clock.advance(DAY);
    const still = await figuresOf(async () => {
      expect(await attest(accountId)).toMatchObject({ exitOnlySet: false });
    });
    const lifted = { accountId, switch: 'exitOnly', on: false, by: 'ops', why: 'a test' } as const;
    await lab.ledger.control.setSwitch({ ...lifted, at: lab.clock.now() });
    lab.clock.advance(DAY);

    const report = await attest(accountId);

    expect(still).toEqual(['KeyCanWithdraw']);
    expect(report).toMatchObject({ exitOnlySet: true });
    const trail = await lab.ledger.control.trail(accountId);
    expect(trail.map(({ by }) => by)).toEqual([CHECKED_BY, 'ops', CHECKED_BY]);
  });

  it('of an account that is exit-only already leaves the trail as it is', async () => {
    const { accountId, apiKey } = await lab.openAccount('user', { exitOnly: true });
    lab.simulator.setPermissions(apiKey, MOVES_MONEY);

    const lines = await linesOf(async () => {
      expect(await attest(accountId)).toMatchObject({ exitOnlySet: false });
    });

    expect(await lab.ledger.control.trail(accountId)).toEqual([]);
    expect(lines.map(({ message }) => message)).not.toContain(SET_EXIT_ONLY);
  });

  it('that lost rights is told by a metric once, and again after it had them in between', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    const daily = async (permissions: Parameters<typeof lab.simulator.setPermissions>[1]) => {
      lab.simulator.setPermissions(apiKey, permissions);
      lab.clock.advance(DAY);
      const lines = await linesOf(() => attest(accountId));
      return lines.flatMap(({ level, message, fields }) =>
        level === 'metric' ? [`${message} ${fields?.['account']} ${fields?.['code']}`] : [],
      );
    };

    const lost = await daily(['query-funds']);
    const stillLost = await daily(['query-funds']);
    const back = await daily(TRADING_PERMISSIONS);
    const lostAgain = await daily(['query-funds', 'query-open-trades', 'query-closed-trades']);

    expect([lost, stillLost, back, lostAgain]).toEqual([
      [`KeyUnusable ${accountId} CANNOT_QUERY`, `KeyUnusable ${accountId} CANNOT_TRADE`],
      [],
      [],
      [`KeyUnusable ${accountId} CANNOT_TRADE`],
    ]);
    expect(await exitOnly(accountId)).toBe(false);
  });

  it('says what its owner set of it, in the log and in the report', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    const validUntil = Math.ceil(lab.clock.now() / 1_000) * 1_000 + DAY;
    lab.simulator.setKeyTerms(apiKey, { nonceWindow: 10_000, ipAllowList: ['10.0.0.1'], validUntil });

    const lines = await linesOf(async () => {
      expect(codesOf(await attest(accountId))).toEqual(['EXPIRES_SOON', 'NONCE_WINDOW']);
    });

    expect(lines.map(({ level, fields }) => [level, fields?.['code']])).toEqual([
      ['warn', 'EXPIRES_SOON'],
      ['warn', 'NONCE_WINDOW'],
    ]);
  });

  it('that could not be asked about is a failure, and is asked about again by the next check', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    lab.simulator.setPermissions(apiKey, MOVES_MONEY);
    const fault = { kind: 'HTTP_5XX', endpoint: 'GetApiKeyInfo', accountId } as const;
    lab.simulator.faults.inject(fault);

    await expect(attest(accountId)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const between = await exitOnly(accountId);
    lab.clock.advance(MINUTE);
    const report = await attest(accountId);

    expect(between).toBe(false);
    expect(report).toMatchObject({ asked: true, exitOnlySet: true });
  });

  it('that cannot even be asked with says so, and is attested as soon as it works', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    const fault = {
      kind: 'ERROR_TEXT',
      text: 'EAPI:Invalid key',
      endpoint: 'GetApiKeyInfo',
      accountId,
    } as const;
    lab.simulator.faults.inject(fault);

    const refused = await attest(accountId);
    const answered = await attest(accountId);

    expect(refused).toEqual({ asked: false, unusable: 'INVALID_KEY' });
    expect(answered).toMatchObject({ asked: true });
    expect(asked(apiKey)).toBe(2);
  });

  it.each([
    [MINUTE, 25 * SECOND],
    [10 * SECOND, 10 * SECOND],
    [-5 * SECOND, 0],
  ])('is waited for where others have it: with %i ms to spare, %i ms', async (spareMs, waitMs) => {
    const { apiKey: _, ...account } = await lab.openAccount('user');
    const ports = lab.process();
    const waits: number[] = [];
    const acquire: Leases['acquire'] = async (terms) => {
      waits.push(terms.waitMs);
      return await ports.leases.acquire(terms);
    };

    await attestKey(account, { spareMs }, { ...ports, leases: { acquire } });

    expect(waits).toEqual([waitMs]);
  });
});
