import type { AccountId } from '../account/account.ts';
import type { NonceSource } from '../exchange/exchange.ts';

/** The lease of a key could not be had in time, or is over: nothing was sent after that. */
export class LeaseUnavailable extends Error {
  override readonly name = 'LeaseUnavailable';
}
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** An exit is served next: others give way to it and cannot renew while it waits. */
export type LeasePriority = 'normal' | 'exit';

/** The right to be the only writer with one key, for a while. Its nonces are reserved: they rise above all earlier ones, whatever the clocks say. */
export interface Lease extends NonceSource {
  /** @throws LeaseLost when it is over, an exit waits, or another holder has it */
  renew(): Promise<void>;
  /** Never throws for a lease that is over already. */
  release(): Promise<void>;
}

export interface Leases {
  /**
   * Waits until the key is free, at most `waitMs`.
   * @throws LeaseUnavailable
   */
  acquire(input: {
    readonly accountId: AccountId;
    readonly fingerprint: string;
    readonly holder: string;
    readonly priority: LeasePriority;
    readonly waitMs: number;
  }): Promise<Lease>;
}
