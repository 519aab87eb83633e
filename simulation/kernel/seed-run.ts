import type { Instant } from '../../shared/time/clock.ts';
import type { Deviation } from './choices.ts';

/** One history to run: the same input has the same result, byte for byte. */
export interface SeedRun {
  readonly seed: number;
  /** How much happens: acts of owners, operators and markets. */
  readonly steps: number;
  /** Only these deviations may happen; without it all that chance brings. */
  readonly allow?: ReadonlySet<string>;
}

/** A guarantee that did not hold. */
export interface Violation {
  /** A stable name: what is made shorter has to break the same one. */
  readonly invariant: string;
  /** What happened, to whom, with the figures. */
  readonly message: string;
  readonly at: Instant;
}

export interface SeedResult {
  readonly simulatedMs: number;
  readonly events: number;
  /** Over everything that happened. */
  readonly hash: string;
  readonly deviations: readonly Deviation[];
  readonly violation?: Violation;
  /** The readable trace; only made when asked for. */
  readonly trace: () => string;
  /** What came about, and how often; only counted when asked for. */
  readonly coverage?: () => Readonly<Record<string, number>>;
}

/** A simulated world. @throws only where the simulation itself is wrong */
export type RunSeed = (run: SeedRun) => Promise<SeedResult>;
