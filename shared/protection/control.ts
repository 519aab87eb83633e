import type { Instant } from '../time/clock.ts';

/** The switch that stops every BUY, everywhere, and never a SELL. */
export type Halt =
  | { readonly engaged: false }
  | { readonly engaged: true; readonly by: string; readonly why: string; readonly since: Instant };

export interface ControlStore {
  /** A missing item means not engaged; an unreadable one throws, and the caller must not buy. */
  halt(): Promise<Halt>;
  /** Also appends to the audit trail. */
  setHalt(change: {
    readonly engaged: boolean;
    readonly by: string;
    readonly why: string;
    readonly at: Instant;
  }): Promise<void>;
}
