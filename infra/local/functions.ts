import { createHandler as balance } from '../../functions/balance/handler.ts';
import { createHandler as copyWorker } from '../../functions/copy-worker/handler.ts';
import { createHandler as exit } from '../../functions/exit/handler.ts';
import type { Host } from '../../functions/host.ts';
import { createHandler as masterTick } from '../../functions/master-tick/handler.ts';
import type { FunctionHandler } from '../../functions/middleware.ts';
import { createHandler as registerMaster } from '../../functions/register-master/handler.ts';
import { createHandler as registerUser } from '../../functions/register-user/handler.ts';
import { createHandler as tradeCopier } from '../../functions/trade-copier/handler.ts';
import { SECOND } from '../../shared/time/clock.ts';
import { type AccessPolicy, type Grant, grants } from './aws/access-policy.ts';

interface FunctionSpec {
  readonly create: (host: Host) => FunctionHandler<unknown>;
  readonly timeoutMs: number;
  /** Which secrets it may read: those of masters, of users, or none. */
  readonly secrets: 'master' | 'user' | 'none';
}

/** All functions, with what a deployment decides about each. */
export const FUNCTIONS = {
  'master-tick': { create: masterTick, timeoutMs: 60 * SECOND, secrets: 'master' },
  'register-master': { create: registerMaster, timeoutMs: 60 * SECOND, secrets: 'master' },
  'trade-copier': { create: tradeCopier, timeoutMs: 60 * SECOND, secrets: 'none' },
  'copy-worker': { create: copyWorker, timeoutMs: 60 * SECOND, secrets: 'user' },
  'register-user': { create: registerUser, timeoutMs: 60 * SECOND, secrets: 'user' },
  balance: { create: balance, timeoutMs: 60 * SECOND, secrets: 'user' },
  exit: { create: exit, timeoutMs: 300 * SECOND, secrets: 'user' },
} as const satisfies Record<string, FunctionSpec>;
export type FunctionName = keyof typeof FUNCTIONS;

export const FUNCTION_NAMES = Object.keys(FUNCTIONS).filter((name): name is FunctionName =>
  Object.hasOwn(FUNCTIONS, name),
);

/** The access key id under which a function calls, and the operator's. */
export const callerOf = (name: FunctionName): string => `nija-${name}`;
export const OPERATOR = 'nija-operator';

/** Who may read which secrets, as the roles of a deployment say it. */
export const secretsPolicy = (stage: string): AccessPolicy => {
  const read = (role: 'master' | 'user'): readonly Grant[] => [
    { actions: ['secretsmanager:GetSecretValue'], prefix: `nija/${stage}/${role}/` },
  ];
  const byCaller: Record<string, readonly Grant[]> = { [OPERATOR]: [{ actions: ['*'], prefix: '' }] };
  for (const name of FUNCTION_NAMES) {
    const { secrets } = FUNCTIONS[name];
    byCaller[callerOf(name)] = secrets === 'none' ? [] : read(secrets);
  }
  return grants(byCaller);
};
