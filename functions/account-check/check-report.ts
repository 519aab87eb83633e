import type { AccountId } from '../../shared/account/account.ts';
import { UnknownAccount } from '../../shared/account/errors.ts';
import { isUnusable } from '../../shared/account/unusable.ts';
import { ExchangeError } from '../../shared/exchange/exchange.ts';
import { type Instant, SECOND } from '../../shared/time/clock.ts';
import { LeaseLost, LeaseUnavailable } from '../../shared/vault/lease.ts';
import { VaultError } from '../../shared/vault/vault.ts';

export interface Failure {
  /** The exchange's or the vault's code; KEY_BUSY, ACCOUNT_UNKNOWN, OUT_OF_TIME; else the error's name. */
  readonly code: string;
  readonly message: string;
  /** It stays so until the owner or the operator acts: trying again soon is of no use. */
  readonly permanent: boolean;
}

/**
 * How one step of a check ended. The first is `connect`; without it there are no others but the aftermath. A later
 * phase that could not read the account anew is `connect-<phase>`, and its steps are missing. Where there were no
 * prices, `prices`, or `prices-<phase>`, has failed, and the steps do what needs none.
 */
export type StepReport = { readonly step: string } & (
  | { readonly state: 'DONE'; readonly result: unknown }
  | ({ readonly state: 'FAILED' } & Failure)
);

export interface CheckReport {
  readonly accountId: AccountId;
  readonly state: 'COMPLETED' | 'FAILED';
  /** When the check began. */
  readonly at: Instant;
  readonly durationMs: number;
  readonly steps: readonly StepReport[];
}

/** The time of the function is over before that of the check: what is left is done by the next one. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** A step is begun only with this much time left: a request to the exchange, and what is recorded of it. */
export const STEP_NEEDS_MS = 15 * SECOND;

/** @throws OutOfTime */
export const ensureTimeFor = (step: string, accountId: AccountId, remainingMs: () => number): void => {
  if (remainingMs() >= STEP_NEEDS_MS) return;
  throw new OutOfTime(
    `the time for a check of ${accountId} ended before '${step}'; the next check begins anew`,
  );
};

export const failureOf = (error: unknown): Failure => {
  const message = error instanceof Error ? error.message : String(error);
  return { code: codeOf(error), message, permanent: isUnusable(error) || error instanceof UnknownAccount };
};

const codeOf = (error: unknown): string => {
  if (error instanceof ExchangeError || error instanceof VaultError) return error.code;
  if (error instanceof LeaseUnavailable || error instanceof LeaseLost) return 'KEY_BUSY';
  if (error instanceof UnknownAccount) return 'ACCOUNT_UNKNOWN';
  if (error instanceof OutOfTime) return 'OUT_OF_TIME';
  return error instanceof Error ? error.name : 'unknown error';
};

/** Whether another delivery, minutes later, may end better. */
export const maySucceedLater = ({ steps }: CheckReport): boolean =>
  steps.some((step) => step.state === 'FAILED' && !step.permanent);
