import type { Telemetry } from '../shared/telemetry/telemetry.ts';
import type { Clock } from '../shared/time/clock.ts';
import type { Ids } from '../shared/time/jitter.ts';

/** What a function gets from where it runs: AWS Lambda or the local runtime. The handlers cannot tell. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly chance: Ids;
  telemetry(functionName: string): Telemetry;
}
