import { randomUUID } from 'node:crypto';
import { powertoolsTelemetry } from '../shared/telemetry/powertools/powertools.ts';
import { systemClock } from '../shared/time/system-clock.ts';
import type { Host } from './host.ts';
import type { FunctionHandler } from './middleware.ts';

/** AWS Lambda, as a function sees it. */
const lambdaHost = (): Host => ({
  env: process.env,
  clock: systemClock,
  chance: { id: () => randomUUID() },
  telemetry: (functionName) => powertoolsTelemetry(functionName, process.env['NIJA_STAGE'] ?? 'unknown'),
});

/**
 * The exported handler of a function: built at the first call, so that importing the module has no effect
 * and needs no environment.
 */
export const onLambda = <Result>(
  create: (host: Host) => FunctionHandler<Result>,
): FunctionHandler<Result> => {
  let handle: FunctionHandler<Result> | undefined;
  return async (event, context) => {
    handle ??= create(lambdaHost());
    return await handle(event, context);
  };
};
