import type { Account, AccountId } from '../../shared/account/account.ts';
import { attestKey } from '../../shared/account/attest.ts';
import { UnknownAccount } from '../../shared/account/errors.ts';
import { noteKeyUsable } from '../../shared/account/key-usable.ts';
import type { CheckFacts } from '../../shared/check/check-facts.ts';
import { noteMasterHealth } from '../../shared/copying/following.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import { UNATTENDED_MS } from '../../shared/exit/patient-session.ts';
import {
  noteUnreached,
  type ProtectionPass,
  type ProtectPorts,
  protect,
} from '../../shared/protection/protect.ts';
import { reconcile } from '../../shared/reconciliation/reconcile.ts';
import { takeSnapshot } from '../../shared/snapshot/take-snapshot.ts';
import { SECOND } from '../../shared/time/clock.ts';
import type { AccountCheckPorts, CheckAftermath, CheckPhase } from './account-check.ts';
import { STEP_NEEDS_MS } from './check-report.ts';

/** Some of what an account has not finished could not even be looked for. */
export class RedriveIncomplete extends Error {
  override readonly name = 'RedriveIncomplete';
}

/** A position could not be protected; the others were. Tried again with the next delivery of the check. */
export class ProtectionIncomplete extends Error {
  override readonly name = 'ProtectionIncomplete';
}

export interface CheckPlan {
  readonly phases: readonly CheckPhase[];
  readonly aftermath: readonly CheckAftermath[];
}

/** A copy or a sale that is owed may wait for the key and for an order in doubt. */
const REDRIVE_NEEDS_MS = 35 * SECOND;
/** A copied SELL that keeps the key waits for one that has asked too often, then for its order. */
const PRICES_WAIT_MS = 40 * SECOND;
/** For several stops at once: what comes after them has less time then. */
const PRICES_PATIENCE_MS = 30 * SECOND;

/**
 * What a check sees to, in this order. Stops come first: they need balances and prices alone, and nothing that takes
 * long or may fail stands before them. Then the ledger is held to the exchange, and the loss limits are moved by
 * deposits and withdrawals before losses are judged. What may be known of a key, and of the master, is looked at
 * whether or not the account's balances can be read.
 */
export const checkPlan = (ports: Omit<AccountCheckPorts, keyof CheckPlan>): CheckPlan => ({
  phases: [
    {
      name: 'prices',
      waitMs: PRICES_WAIT_MS,
      settleMs: 20 * SECOND,
      patienceMs: PRICES_PATIENCE_MS,
      steps: [
        { name: 'protect', run: async (facts) => await protectAll(facts, 'prices', ports) },
        {
          // Its balances were read with it.
          name: 'key-usable',
          run: async ({ account }) => ({ usableAgain: await noteKeyUsable(account.accountId, ports) }),
        },
      ],
      unreached: async (account, why) => await noteUnreached(account, 'prices', why, ports),
    },
    {
      name: 'books',
      // What was in doubt a moment ago has been waited for.
      settleMs: 5 * SECOND,
      steps: [
        { name: 'reconcile', run: async (facts) => await reconcile(facts, ports) },
        { name: 'snapshot', run: async (facts) => await takeSnapshot(facts, ports) },
        { name: 'protect-equity', run: async (facts) => await protectAll(facts, 'equity', ports) },
      ],
      unreached: async (account, why) => await noteUnreached(account, 'equity', why, ports),
    },
  ],
  aftermath: [
    {
      name: 'key',
      run: async (accountId, remainingMs) => {
        const account = await accountOf(accountId, ports);
        // What comes after it is sales; a key that nobody could ask about today is asked about with the next check.
        const spareMs = remainingMs() - STEP_NEEDS_MS - REDRIVE_NEEDS_MS;
        return await attestKey(account, { spareMs }, ports);
      },
    },
    {
      name: 'following',
      run: async (accountId) => await noteMasterHealth(await accountOf(accountId, ports), ports),
    },
    {
      name: 'redrive',
      run: async (accountId, remainingMs) => {
        const mayGoOn = () => remainingMs() > REDRIVE_NEEDS_MS;
        const patienceMs = () => Math.max(0, Math.min(UNATTENDED_MS, remainingMs() - REDRIVE_NEEDS_MS));
        const report = await redriveWork(accountId, { mayGoOn, patienceMs }, ports);
        if (report.failures.length > 0)
          throw new RedriveIncomplete(
            `unfinished work of ${accountId} could not be looked for: ${report.failures.join('; ')}`,
          );
        if (report.outOfTime > 0)
          throw new RedriveIncomplete(
            `there was no time for ${report.outOfTime} unfinished exits, sales or copies of ${accountId}: the check comes again`,
          );
        return report;
      },
    },
  ],
});

/** As it is set now, also where nothing of it could be read at the exchange. */
const accountOf = async (
  accountId: AccountId,
  { ledger }: Pick<AccountCheckPorts, 'ledger'>,
): Promise<Account> => {
  const account = await ledger.accounts.get(accountId);
  if (account === undefined) throw new UnknownAccount(accountId);
  return account;
};

const protectAll = async (facts: CheckFacts, pass: ProtectionPass, ports: ProtectPorts) => {
  const report = await protect(facts, pass, ports);
  const failed = report.symbols.flatMap((one) =>
    one.state === 'FAILED' ? [`${one.symbol}: ${one.why}`] : [],
  );
  if (failed.length > 0)
    throw new ProtectionIncomplete(
      `positions of ${facts.account.accountId} could not be protected, it is tried again (${failed.join('; ')})`,
    );
  return report;
};
