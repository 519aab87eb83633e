import type { KeyInfo } from '../exchange/exchange.ts';
import { patientConnection, UNATTENDED_MS } from '../exit/patient-session.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Log, Meter } from '../telemetry/telemetry.ts';
import { DAY, SECOND } from '../time/clock.ts';
import type { Account } from './account.ts';
import { type ConnectPorts, withConnection } from './connect.ts';
import { type KeyFinding, type KeyFindingCode, keyFindings } from './key-findings.ts';
import type { Attestation } from './key-watch.ts';
import { isUnusable } from './unusable.ts';
import type { UnusableCode } from './unusable-codes.ts';

/** The exchange is asked again after this long. */
const ATTEST_EVERY_MS = DAY;

export interface AttestPorts extends ConnectPorts {
  readonly ledger: Ledger;
  readonly meter: Meter;
}

export type AttestationReport =
  | (Attestation & {
      /** Whether the exchange was asked now; else this is what it said at `attestedAt`. */
      readonly asked: boolean;
      /** Whether this attestation has set the account exit-only. */
      readonly exitOnlySet: boolean;
    })
  /** It cannot even be asked with. Whoever connects with it is told so. */
  | { readonly asked: false; readonly unusable: UnusableCode };

const LEASE_WAIT_MS = 25 * SECOND;

/**
 * Asks the exchange, once a day and whenever the key is another one, what the account's key may do: that needs no
 * right, so it is answered also of a key that cannot read a balance. One that can withdraw sets the account
 * exit-only: that stays until somebody lifts it, and comes back a day after where the key has not changed.
 *
 * @param spareMs how long the key may be waited for: whoever asks has other things to do after this
 * @throws ExchangeError, LeaseUnavailable, LeaseLost, LedgerError: the key is not attested then, and the next
 * check asks again
 */
export const attestKey = async (
  account: Account,
  { spareMs }: { readonly spareMs: number },
  ports: AttestPorts,
): Promise<AttestationReport> => {
  const { accountId, keyFingerprint } = account;
  const at = ports.clock.now();
  const last = await ports.ledger.keyWatch.attestation(accountId);
  const known = last?.keyFingerprint === keyFingerprint ? last : undefined;
  if (known !== undefined && at - known.attestedAt < ATTEST_EVERY_MS)
    return { ...known, asked: false, exitOnlySet: false };
  const waitMs = Math.max(0, Math.min(LEASE_WAIT_MS, spareMs));
  const terms = { holder: 'attestation', priority: 'normal', waitMs } as const;
  try {
    const key = await withConnection(account, terms, ports, async (connection) => {
      // What a check does before it may use up the key.
      const mostMs = Math.max(0, Math.min(UNATTENDED_MS, spareMs));
      return await patientConnection(connection, ports.clock, mostMs).session.keyInfo();
    });
    return await attested(account, key, known, ports);
  } catch (error) {
    if (isUnusable(error)) return { asked: false, unusable: error.code };
    throw error;
  }
};

const attested = async (
  { accountId, keyFingerprint }: Account,
  key: KeyInfo,
  known: Attestation | undefined,
  ports: AttestPorts,
): Promise<AttestationReport> => {
  const at = ports.clock.now();
  const findings = keyFindings(accountId, key, at);
  const { permissions } = key;
  const attestation: Attestation = { accountId, keyFingerprint, attestedAt: at, permissions, findings };
  const before = codesOf(known?.findings ?? []);
  const exitOnlySet = await act(findings, before, attestation, ports);
  // Last: where anything before it failed, the next check does it all again.
  await ports.ledger.keyWatch.saveAttestation(attestation);
  return { ...attestation, asked: true, exitOnlySet };
};

const codesOf = (findings: readonly KeyFinding[]): ReadonlySet<KeyFindingCode> =>
  new Set(findings.map(({ code }) => code));

/** @returns whether the account was set exit-only by this */
const act = async (
  findings: readonly KeyFinding[],
  before: ReadonlySet<KeyFindingCode>,
  { accountId, keyFingerprint, attestedAt: at }: Attestation,
  { ledger, log, meter }: AttestPorts,
): Promise<boolean> => {
  const account = { account: accountId, keyFingerprint };
  tellFindings(findings, log, account);
  let exitOnlySet = false;
  for (const { code, level, says } of findings) {
    if (level === 'danger') {
      // Each day anew: as long as it can, somebody has to know.
      meter.count('KeyCanWithdraw', account);
      exitOnlySet = await ledger.keyWatch.setExitOnly({ accountId, why: says, at });
      if (exitOnlySet) log.warn('an account was set exit-only by a check', { ...account, why: says });
    }
    if (level === 'broken' && !before.has(code)) meter.count('KeyUnusable', { ...account, code });
  }
  return exitOnlySet;
};

/** One line for each, with what to do. */
export const tellFindings = (
  findings: readonly KeyFinding[],
  log: Log,
  fields: { readonly account: string; readonly keyFingerprint: string },
): void => {
  for (const { code, level, says: why, todo } of findings) {
    const line = { ...fields, code, why, todo };
    if (level === 'info') log.info('of a key there is something to know', line);
    else log.warn('something is wrong with a key', line);
  }
};
