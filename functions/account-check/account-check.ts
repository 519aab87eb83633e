import * as z from 'zod';
import { type Account, type AccountId, zUserId } from '../../shared/account/account.ts';
import { withConnection } from '../../shared/account/connect.ts';
import { UnknownAccount } from '../../shared/account/errors.ts';
import { noteKeyUnusable } from '../../shared/account/key-usable.ts';
import type { CheckFacts } from '../../shared/check/check-facts.ts';
import { ExchangeError } from '../../shared/exchange/exchange.ts';
import type { ExitPorts } from '../../shared/exit/exit-contract.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import { text } from '../../shared/money/money.ts';
import { SECOND } from '../../shared/time/clock.ts';
import { type CheckReport, failureOf, OutOfTime, type StepReport } from './check-report.ts';
import { readFacts } from './read-facts.ts';

/** By hand, for one account. */
export const zCheckRequest = z.strictObject({ accountId: zUserId });

/** Real milliseconds that the function may still run. */
export type RemainingMs = () => number;

/** One thing that a check sees to. It works on the facts; its failure stops no other. The result is shown. */
export interface CheckStep {
  readonly name: string;
  run(facts: CheckFacts, remainingMs: RemainingMs): Promise<unknown>;
}

/** The same with the key's lease given back: it takes its own, for each thing it does. */
export interface CheckAftermath {
  readonly name: string;
  run(accountId: AccountId, remainingMs: RemainingMs): Promise<unknown>;
}

export interface AccountCheckPorts extends ExitPorts {
  /** One after the other. */
  readonly steps: readonly CheckStep[];
  /** Done also where the account could not be reached: a late BUY ends without the exchange. */
  readonly aftermath: readonly CheckAftermath[];
}

const LEASE_WAIT_MS = 25 * SECOND;
/** A step is begun only with this much time left: a request to the exchange, and what is recorded of it. */
const STEP_NEEDS_MS = 15 * SECOND;

/**
 * Checks one user's account: connects once, reads once, runs all steps, then what takes its own lease. Never
 * throws: what failed is in the report, with its code.
 */
export const checkAccount = async (
  accountId: AccountId,
  ports: AccountCheckPorts,
  remainingMs: RemainingMs,
): Promise<CheckReport> => {
  const { clock, log, meter } = ports;
  const at = clock.now();
  const steps: StepReport[] = [];
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
      if (remainingMs() < STEP_NEEDS_MS) throw outOfTime(accountId, step);
      steps.push({ step, state: 'DONE', result: await act() });
    } catch (error) {
      failed(step, error);
      await learnPair(error, accountId, ports);
    }
  };

  const known = await connectAndRun(accountId, ports, remainingMs, { steps, failed, attempt });
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

interface Progress {
  readonly steps: StepReport[];
  /** @param told somebody was told of it before, and nothing has changed since */
  failed(step: string, error: unknown, told?: boolean): void;
  attempt(step: string, act: () => Promise<unknown>): Promise<void>;
}

/** @returns whether there is such an account, as far as the ledger could tell */
const connectAndRun = async (
  accountId: AccountId,
  ports: AccountCheckPorts,
  remainingMs: RemainingMs,
  progress: Progress,
): Promise<boolean> => {
  let account: Account | undefined;
  try {
    account = await ports.ledger.accounts.get(accountId);
    if (account === undefined) throw new UnknownAccount(accountId);
    const of = account;
    const terms = { holder: 'account-check', priority: 'normal', waitMs: LEASE_WAIT_MS } as const;
    await withConnection(of, terms, ports, async (connection) => {
      const facts = await readFacts(of, connection, ports);
      progress.steps.push({ step: 'connect', state: 'DONE', result: seen(facts) });
      for (const { name, run } of ports.steps) {
        await progress.attempt(name, async () => {
          await connection.keep();
          return await run(facts, remainingMs);
        });
      }
    });
  } catch (error) {
    progress.failed('connect', error, account !== undefined && (await isToldOf(accountId, error, ports)));
  }
  return account !== undefined;
};

/** Its owner traded what was listed since the market rules were read: the next check knows it. */
const learnPair = async (error: unknown, accountId: AccountId, ports: AccountCheckPorts): Promise<void> => {
  if (!(error instanceof ExchangeError) || error.code !== 'UNKNOWN_PAIR') return;
  const learnt = await attemptRead(() => ports.marketRules.refresh(error.exchange));
  if (!learnt.readable)
    ports.log.warn('the market rules could not be read again', { account: accountId, why: learnt.why });
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

const outOfTime = (accountId: AccountId, step: string): OutOfTime =>
  new OutOfTime(`the time for a check of ${accountId} ended before '${step}'; the next check begins anew`);

const summaryOf = (steps: readonly StepReport[]): string =>
  steps.map((step) => `${step.step} ${step.state === 'DONE' ? 'done' : step.code}`).join(', ');
