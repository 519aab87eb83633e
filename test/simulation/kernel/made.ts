import type { Call, Port } from '../../../simulation/kernel/call.ts';
import type { Fault } from '../../../simulation/kernel/faults.ts';
import { quietProfiles } from '../../../simulation/kernel/profiles.ts';
import { Sim, type SimOptions } from '../../../simulation/kernel/sim.ts';

export const START = Date.UTC(2026, 0, 5);

export const aSim = (options: Partial<SimOptions> = {}): Sim =>
  new Sim({ seed: 1, startAt: START, profiles: quietProfiles, ...options });

/** Quiet, but for the faults of one port. */
export const aSimWith = (port: Port, faults: readonly Fault[], options: Partial<SimOptions> = {}): Sim =>
  aSim({ profiles: { ...quietProfiles, [port]: { ...quietProfiles[port], faults } }, ...options });

export const aWrite: Call = { port: 'store', name: 'Put', writes: true };

/** How a promise of a simulated process stands. */
export const stateOf = (promise: Promise<unknown>): { now: string } => {
  const state = { now: 'pending' };
  promise.then(
    (value) => {
      state.now = `resolved: ${String(value)}`;
    },
    (error: unknown) => {
      state.now = `rejected: ${error instanceof Error ? error.name : String(error)}`;
    },
  );
  return state;
};

export const FOREVER = Number.POSITIVE_INFINITY;
