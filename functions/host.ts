import type { Telemetry } from '../shared/telemetry/telemetry.ts';
import type { Clock } from '../shared/time/clock.ts';

/** Unique ids and jitter, through a port so that one seed replays one run. */
export interface Chance {
  id(): string;
}

/** What a function gets from where it runs: AWS Lambda or the local runtime. The handlers cannot tell. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly chance: Chance;
  telemetry(functionName: string): Telemetry;
}
