import { registerAccount } from '../../shared/account/register.ts';
import { zRegistrationCall } from '../../shared/account/registration.ts';
import type { Host } from '../host.ts';
import { onLambda } from '../lambda-host.ts';
import { callable } from '../middleware.ts';
import { accountPlane } from '../plane.ts';

export const createHandler = (host: Host) => {
  const plane = accountPlane(host, 'register-user');
  const ports = { ...plane, accounts: plane.ledger.accounts };
  return callable(zRegistrationCall, plane.log, async (input) => await registerAccount(input, 'user', ports));
};

export const handler = onLambda(createHandler);
