import type { Host } from '../host.ts';
import { onLambda } from '../lambda-host.ts';
import { callable } from '../middleware.ts';
import { accountPlane } from '../plane.ts';
import { runAdopt } from './adopt.ts';
import { zAdoptInput } from './adopt-contract.ts';

export const createHandler = (host: Host) => {
  const ports = accountPlane(host, 'adopt');
  return callable(zAdoptInput, ports.log, async (input) => await runAdopt(input, ports));
};

export const handler = onLambda(createHandler);
