import type { Account, AccountId } from '../account/account.ts';
import type { Instant } from '../time/clock.ts';

/** The switch that stops every BUY, everywhere, and never a SELL. */
export type Halt =
  | { readonly engaged: false }
  | { readonly engaged: true; readonly by: string; readonly why: string; readonly since: Instant };

/** The switches of one account; none of them stops a SELL. */
export const ACCOUNT_SWITCHES = ['enabled', 'copyPaused', 'exitOnly'] as const;
export type AccountSwitch = (typeof ACCOUNT_SWITCHES)[number];
export type AccountSwitches = Pick<Account, 'accountId' | AccountSwitch>;

/** Who asks for a change, why, and when. */
export interface Asked {
  readonly by: string;
  readonly why: string;
  readonly at: Instant;
}

/** What the audit trail keeps of a change, also of one that found everything so already. */
export interface AuditEntry extends Asked {
  /** Unique; tells two changes of one moment apart. */
  readonly id: string;
  /** `halt`, or whose switch it is. */
  readonly subject: 'halt' | AccountId;
  readonly switch: 'halt' | AccountSwitch;
  /** `unreadable`: the item was damaged, and nobody bought. */
  readonly before: 'on' | 'off' | 'unreadable';
  readonly after: 'on' | 'off';
}

export interface ControlStore {
  /** A missing item means not engaged; an unreadable one throws, and the caller must not buy. */
  halt(): Promise<Halt>;
  /**
   * Engages or lifts the halt, together with an entry in the audit trail. A halt that is engaged already keeps
   * who engaged it; a damaged item is replaced.
   *
   * @returns the halt as it is now
   * @throws LedgerError: nothing was written, or it is unknown whether it was; ask again
   */
  setHalt(change: Asked & { readonly engaged: boolean }): Promise<Changed<Halt>>;
  /**
   * Sets one switch of an account, together with an entry in the audit trail, and touches nothing else of it.
   *
   * @returns the account's switches as they are now; undefined where there is no such account
   * @throws LedgerError: nothing was written, or it is unknown whether it was; ask again
   */
  setSwitch(
    change: Asked & { readonly accountId: AccountId; readonly switch: AccountSwitch; readonly on: boolean },
  ): Promise<Changed<AccountSwitches> | undefined>;
  /** Undefined where there is no such account. */
  switches(accountId: AccountId): Promise<AccountSwitches | undefined>;
  /** Every change, oldest first. */
  trail(subject: AuditEntry['subject']): Promise<readonly AuditEntry[]>;
}

export interface Changed<T> {
  readonly now: T;
  readonly entry: AuditEntry;
}
