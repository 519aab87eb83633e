import type { Host } from '../host.ts';
import { onLambda } from '../lambda-host.ts';
import { callable } from '../middleware.ts';
import { accountPlane } from '../plane.ts';
import { readBalance, zBalanceRequest } from './balance.ts';

export const createHandler = (host: Host) => {
  const ports = accountPlane(host, 'balance');
  return callable(zBalanceRequest, ports.log, async ({ accountId }) => await readBalance(accountId, ports));
};

export const handler = onLambda(createHandler);
