import * as z from 'zod';
import { type Account, type AccountId, zUserId } from '../../shared/account/account.ts';
import type { CheckFacts } from '../../shared/check/check-facts.ts';
import { ExchangeError } from '../../shared/exchange/exchange.ts';
import type { ExitPorts } from '../../shared/exit/exit-contract.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import { type CheckReport, ensureTimeFor, failureOf, type StepReport } from './check-report.ts';
import { runPhases } from './run-phases.ts';

/** By hand, for one account. */
export const zCheckRequest = z.strictObject({ accountId: zUserId });

/** Real milliseconds that the function may still run. */
export type RemainingMs = () => number;

/** One thing that a check sees to. It works on the facts of its phase; its failure stops no other. The result is shown. */
export interface CheckStep {
  readonly name: string;
  run(facts: CheckFacts, remainingMs: RemainingMs): Promise<unknown>;
}

/**
 * Steps that have the key together. Between two phases it is given back, so that whoever waits for it gets it: then
 * anything may have changed, and the next phase reads all anew.
 */
export interface CheckPhase {
  readonly name: string;
  /** For the key; 25 s where not given. */
  readonly waitMs?: number;
  /** For orders in doubt, all together, before anything is read. */
  readonly settleMs: number;
  /** Of all pauses for a key that has asked too often; 20 s where not given. */
  readonly patienceMs?: number;
  readonly steps: readonly CheckStep[];
  /** Told why the account could not be read for this phase, so that none of its steps was begun. Never throws. */
  readonly unreached?: (account: Account, why: string) => Promise<void>;
}

/** The same with the key's lease given back: it takes its own, for each thing it does. */
export interface CheckAftermath {
  readonly name: string;
  run(accountId: AccountId, remainingMs: RemainingMs): Promise<unknown>;
}

export interface AccountCheckPorts extends ExitPorts {
  /** How often accounts are checked: see takeSnapshot. */
  readonly checkEveryMs?: number;
  /** One after the other. */
  readonly phases: readonly CheckPhase[];
  /** Done also where the account could not be reached: a late BUY ends without the exchange. */
  readonly aftermath: readonly CheckAftermath[];
}

/**
 * Checks one user's account: connects, reads once and runs all steps, phase by phase, then what takes its own lease.
 * Never throws: what failed is in the report, with its code.
 */
export const checkAccount = async (
  accountId: AccountId,
  ports: AccountCheckPorts,
  remainingMs: RemainingMs,
): Promise<CheckReport> => {
  const { clock, log, meter } = ports;
  const at = clock.now();
  const steps: StepReport[] = [];
  const done = (step: string, result: unknown): void => {
    steps.push({ step, state: 'DONE', result });
  };
  const failed = (step: string, error: unknown, told = false): void => {
    const failure = failureOf(error);
    const fields = { account: accountId, step, code: failure.code };
    steps.push({ step, state: 'FAILED', ...failure });
    if (told) {
      log.warn('an account is not checked, as was told before', { ...fields, why: failure.message });
      return;
    }
    log.error('a step of a check failed', error, fields);
    meter.count('CheckFailed', fields);
  };
  const attempt = async (step: string, act: () => Promise<unknown>): Promise<void> => {
    try {
      ensureTimeFor(step, accountId, remainingMs);
      done(step, await act());
    } catch (error) {
      failed(step, error);
      await learnPair(error, accountId, ports);
    }
  };
  const known = await runPhases(accountId, ports, remainingMs, { done, failed, attempt });
  if (known) {
    for (const { name, run } of ports.aftermath)
      await attempt(name, async () => await run(accountId, remainingMs));
  }

  const durationMs = clock.now() - at;
  const state = steps.every((step) => step.state === 'DONE') ? 'COMPLETED' : 'FAILED';
  const fields = { account: accountId, state, steps: summaryOf(steps), durationMs };
  log.info('account checked', fields);
  meter.milliseconds('CheckDuration', durationMs, { account: accountId, state });
  if (state === 'COMPLETED') meter.count('CheckCompleted', { account: accountId });
  return { accountId, state, at, durationMs, steps };
};

/** Its owner traded what was listed since the market rules were read: the next check knows it. */
const learnPair = async (error: unknown, accountId: AccountId, ports: AccountCheckPorts): Promise<void> => {
  if (!(error instanceof ExchangeError) || error.code !== 'UNKNOWN_PAIR') return;
  const learnt = await attemptRead(() => ports.marketRules.refresh(error.exchange));
  if (!learnt.readable)
    ports.log.warn('the market rules could not be read again', { account: accountId, why: learnt.why });
};

const summaryOf = (steps: readonly StepReport[]): string =>
  steps.map((step) => `${step.step} ${step.state === 'DONE' ? 'done' : step.code}`).join(', ');
