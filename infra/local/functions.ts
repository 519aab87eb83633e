import { createHandler as accountCheck } from '../../functions/account-check/handler.ts';
import { createHandler as adopt } from '../../functions/adopt/handler.ts';
import { createHandler as balance } from '../../functions/balance/handler.ts';
import { createHandler as checkDispatcher } from '../../functions/check-dispatcher/handler.ts';
import { createHandler as control } from '../../functions/control/handler.ts';
import { createHandler as copyWorker } from '../../functions/copy-worker/handler.ts';
import { createHandler as dashboard } from '../../functions/dashboard/handler.ts';
import { createHandler as exit } from '../../functions/exit/handler.ts';
import type { Host } from '../../functions/host.ts';
import { createHandler as masterTick } from '../../functions/master-tick/handler.ts';
import type { FunctionHandler } from '../../functions/middleware.ts';
import { createHandler as notify } from '../../functions/notify/handler.ts';
import { createHandler as registerMaster } from '../../functions/register-master/handler.ts';
import { createHandler as registerUser } from '../../functions/register-user/handler.ts';
import { createHandler as statement } from '../../functions/statement/handler.ts';
import { createHandler as tradeCopier } from '../../functions/trade-copier/handler.ts';
import { createHandler as view } from '../../functions/view/handler.ts';
import { FUNCTION_NAMES, FUNCTION_SPECS, type FunctionName } from '../functions/specs.ts';
import { type AccessPolicy, type Grant, grants } from './aws/access-policy.ts';

/** Every function, by what makes its handler. */
export const HANDLERS = {
  'master-tick': masterTick,
  'register-master': registerMaster,
  'trade-copier': tradeCopier,
  'copy-worker': copyWorker,
  'register-user': registerUser,
  balance,
  exit,
  adopt,
  control,
  'check-dispatcher': checkDispatcher,
  'account-check': accountCheck,
  view,
  dashboard,
  statement,
  notify,
} as const satisfies Record<FunctionName, (host: Host) => FunctionHandler<unknown>>;

/** The access key id under which a function calls, and the operator's. */
export const callerOf = (name: FunctionName): string => `nija-${name}`;
export const OPERATOR = 'nija-operator';

/** Who may read which secrets, as the roles of a deployment say it. */
export const secretsPolicy = (stage: string): AccessPolicy => {
  const read = (role: 'master' | 'user' | 'notify'): readonly Grant[] => [
    { actions: ['secretsmanager:GetSecretValue'], prefix: `nija/${stage}/${role}/` },
  ];
  const byCaller: Record<string, readonly Grant[]> = { [OPERATOR]: [{ actions: ['*'], prefix: '' }] };
  for (const name of FUNCTION_NAMES) {
    const { secrets } = FUNCTION_SPECS[name];
    byCaller[callerOf(name)] = secrets === 'none' ? [] : read(secrets);
  }
  return grants(byCaller);
};
