import type { Instant } from '../time/clock.ts';
import type { AccountId } from './account.ts';
import type { KeyFinding } from './key-findings.ts';
import type { UnusableCode } from './unusable-codes.ts';

/** Who sets a switch where a check does, in the audit trail. */
export const CHECKED_BY = 'account-check';

/** What the exchange last said of an account's key. */
export interface Attestation {
  readonly accountId: AccountId;
  /** Of another key it says nothing. */
  readonly keyFingerprint: string;
  readonly attestedAt: Instant;
  /** The exchange's own names. */
  readonly permissions: readonly string[];
  readonly findings: readonly KeyFinding[];
}

/** Whether an account's key works, since when, and if not, why. */
export type KeyState = {
  readonly accountId: AccountId;
  readonly since: Instant;
  readonly version: number;
} & ({ readonly usable: true } | { readonly usable: false; readonly code: UnusableCode });

/** What is remembered of accounts' keys. */
export interface KeyWatchStore {
  attestation(accountId: AccountId): Promise<Attestation | undefined>;
  saveAttestation(attestation: Attestation): Promise<void>;
  /** Undefined where it was never unusable. */
  keyState(accountId: AccountId): Promise<KeyState | undefined>;
  /**
   * Writes version 1 if absent, else the version after the stored one.
   * @returns false where another check was faster: nothing was written
   */
  saveKeyState(state: KeyState): Promise<boolean>;
  /**
   * Sets an account exit-only, together with an entry in its audit trail.
   * @returns false where it was so already, or there is no such account: nothing was written
   */
  setExitOnly(change: {
    readonly accountId: AccountId;
    readonly why: string;
    readonly at: Instant;
  }): Promise<boolean>;
}
