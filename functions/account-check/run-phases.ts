import type { Account, AccountId } from '../../shared/account/account.ts';
import { withConnection } from '../../shared/account/connect.ts';
import { UnknownAccount } from '../../shared/account/errors.ts';
import { noteKeyUnusable } from '../../shared/account/key-usable.ts';
import { isUnusable } from '../../shared/account/unusable.ts';
import type { CheckFacts } from '../../shared/check/check-facts.ts';
import { patience, patientConnection, UNATTENDED_MS } from '../../shared/exit/patient-session.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import { text } from '../../shared/money/money.ts';
import { SECOND } from '../../shared/time/clock.ts';
import { giveWay } from '../../shared/vault/give-way.ts';
import type { AccountCheckPorts, CheckPhase, RemainingMs } from './account-check.ts';
import { ensureTimeFor, failureOf, STEP_NEEDS_MS } from './check-report.ts';
import { readFacts } from './read-facts.ts';

/** How a check is told what became of its parts. */
export interface Progress {
  done(step: string, result: unknown): void;
  /** @param told somebody was told of it before, and nothing has changed since */
  failed(step: string, error: unknown, told?: boolean): void;
  attempt(step: string, act: () => Promise<unknown>): Promise<void>;
}

const LEASE_WAIT_MS = 25 * SECOND;
/** The same for prices, which are asked for without a key: what they wait must not be missing for a sale. */
const PRICE_PATIENCE_MS = 10 * SECOND;

/**
 * Runs the phases of a check, each with facts of its own. Where the first one cannot connect, there are no others.
 *
 * @returns whether there is such an account, as far as the ledger could tell
 */
export const runPhases = async (
  accountId: AccountId,
  ports: AccountCheckPorts,
  remainingMs: RemainingMs,
  progress: Progress,
): Promise<boolean> => {
  const { clock } = ports;
  let account: Account | undefined;
  let connected = false;
  for (const [index, phase] of ports.phases.entries()) {
    const isFirst = index === 0;
    const step = isFirst ? 'connect' : `connect-${phase.name}`;
    const begunAt = clock.now();
    let isRead = false;
    try {
      ensureTimeFor(step, accountId, remainingMs);
      // Read for each phase: its owner may have changed it meanwhile.
      account = await accountOf(accountId, ports);
      await runPhase(phase, account, ports, remainingMs, progress, (facts) => {
        connected = true;
        isRead = true;
        if (isFirst) progress.done(step, seen(facts));
        const { pricesUnread } = facts;
        if (pricesUnread !== undefined)
          progress.failed(isFirst ? 'prices' : `prices-${phase.name}`, pricesUnread);
      });
    } catch (error) {
      progress.failed(step, error, account !== undefined && (await isToldOf(accountId, error, ports)));
      // What is told of the key is not told of the positions, too.
      if (!isRead && account !== undefined && !isUnusable(error)) {
        const { code, message } = failureOf(error);
        const missed = connected ? [phase] : ports.phases;
        for (const { unreached } of missed) await unreached?.(account, `${code}: ${message}`);
      }
      if (!connected) break;
    }
    await giveWay(begunAt, clock);
  }
  return account !== undefined;
};

/** @throws VaultError, LeaseUnavailable, LeaseLost, ExchangeError, LedgerError where nothing could be read */
const runPhase = async (
  { waitMs = LEASE_WAIT_MS, settleMs, patienceMs = UNATTENDED_MS, steps }: CheckPhase,
  account: Account,
  ports: AccountCheckPorts,
  remainingMs: RemainingMs,
  { attempt }: Progress,
  onFacts: (facts: CheckFacts) => void,
): Promise<void> => {
  // Waiting must leave the time that is waited for.
  const atMost = (ms: number, needs = STEP_NEEDS_MS): number =>
    Math.max(0, Math.min(ms, remainingMs() - needs));
  const terms = { holder: 'account-check', priority: 'normal', waitMs: atMost(waitMs) } as const;
  await withConnection(account, terms, ports, async (bare) => {
    const connection = patientConnection(bare, ports.clock, atMost(patienceMs));
    const reading = {
      settleMs: atMost(settleMs, STEP_NEEDS_MS + UNATTENDED_MS / 2),
      patiently: patience(bare, ports.clock, atMost(PRICE_PATIENCE_MS)),
    };
    const facts = await readFacts(account, connection, reading, ports);
    onFacts(facts);
    for (const { name, run } of steps) {
      await attempt(name, async () => {
        await connection.keep();
        return await run(facts, remainingMs);
      });
    }
  });
};

const accountOf = async (
  accountId: AccountId,
  { ledger }: Pick<AccountCheckPorts, 'ledger'>,
): Promise<Account> => {
  const account = await ledger.accounts.get(accountId);
  if (account === undefined) throw new UnknownAccount(accountId);
  return account;
};

/** A key that cannot be used is told once, not with every check. */
const isToldOf = async (accountId: AccountId, error: unknown, ports: AccountCheckPorts): Promise<boolean> => {
  const noted = await attemptRead(() => noteKeyUnusable(accountId, error, ports));
  if (noted.readable) return noted.value.note === 'CONTINUES';
  ports.log.warn('a key that cannot be used was not noted', { account: accountId, why: noted.why });
  return false;
};

const seen = ({ valuation, doubtful }: CheckFacts) => ({
  equity: text(valuation.equity),
  cash: text(valuation.cash),
  complete: valuation.complete,
  doubtful: Object.fromEntries(doubtful),
});
