import type { Host } from '../host.ts';
import { onLambda } from '../lambda-host.ts';
import { callable } from '../middleware.ts';
import { accountPlane } from '../plane.ts';
import { alsoFromWidget } from '../widget-event.ts';
import { runExit } from './exit.ts';
import { zExitInput } from './exit-contract.ts';

export const createHandler = (host: Host) => {
  const ports = accountPlane(host, 'exit');
  return callable(alsoFromWidget(zExitInput), ports.log, async (input) => await runExit(input, ports));
};

export const handler = onLambda(createHandler);
