import type { Account, AccountId } from '../account/account.ts';
import type { LimitChanges } from '../account/limits.ts';
import type { Registered } from '../account/registration.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { Instant } from '../time/clock.ts';
import type { ProtectionChanges } from './protection-settings.ts';
import type { RunawayBreaker, RunawayLimitChanges, RunawayLimits, RunawayTrip } from './runaway.ts';

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

/** Which symbols a BUY may be of. */
export interface SymbolLists {
  readonly denied: readonly MarketSymbol[];
  /** Only these; `null`: all that are not denied. */
  readonly allowed: readonly MarketSymbol[] | null;
}

/** What an operator sets of one account, as it is now. */
export type AccountSettings = AccountSwitches &
  Pick<Account, 'limits' | 'sizing' | 'protection' | 'deniedSymbols' | 'allowedSymbols'>;

/** What was changed, from what to what. */
export type Change =
  | {
      readonly switch: 'halt' | AccountSwitch;
      /** `unreadable`: the item was damaged, and nobody bought. */
      readonly before: 'on' | 'off' | 'unreadable';
      readonly after: 'on' | 'off';
    }
  /** Those limits that were named. */
  | { readonly setting: 'limits'; readonly before: LimitChanges; readonly after: LimitChanges }
  /** Those settings that were named. */
  | { readonly setting: 'protection'; readonly before: ProtectionChanges; readonly after: ProtectionChanges }
  | { readonly setting: 'symbols'; readonly before: SymbolLists; readonly after: SymbolLists }
  | {
      readonly setting: 'runaway-limits';
      readonly before: RunawayLimitChanges | 'unreadable';
      readonly after: RunawayLimitChanges;
    }
  /** Before: null where there was no such account; else, and after, what was changed. */
  | { readonly setting: 'registration'; readonly before: Registered | null; readonly after: Registered }
  /** The breaker over all accounts had tripped, or was damaged, and nobody bought. */
  | { readonly setting: 'runaway'; readonly before: RunawayTrip | 'unreadable'; readonly after: 'cleared' };

/** What the audit trail keeps of a change, also of one that found everything so already. */
export type AuditEntry = Asked &
  Change & {
    /** Unique; tells two changes of one moment apart. */
    readonly id: string;
    /** `halt` for what stops all buying, or whose setting it is. */
    readonly subject: 'halt' | AccountId;
  };

type AskedOf = Asked & { readonly accountId: AccountId };

export interface ControlStore {
  /** A missing item means not engaged; an unreadable one throws, and the caller must not buy. */
  halt(): Promise<Halt>;
  /**
   * Engages or lifts the halt, together with an entry in the audit trail. A halt that is engaged already keeps
   * who engaged it; a damaged item is replaced. To lift it also clears the breaker over all accounts, with an entry
   * of its own (`cleared`), and what they buy is counted anew.
   *
   * @returns the halt as it is now
   * @throws LedgerError: nothing was written, or it is unknown whether it was; ask again
   */
  setHalt(
    change: Asked & { readonly engaged: boolean },
  ): Promise<Changed<Halt> & { readonly cleared?: AuditEntry }>;
  /** The breaker over all accounts; throws where it cannot be read, and the caller must not buy. */
  runaway(): Promise<RunawayBreaker>;
  /** Its limits: those that are not named stay as they are. @throws LedgerError: ask again */
  setRunawayLimits(change: Asked & { readonly limits: RunawayLimitChanges }): Promise<Changed<RunawayLimits>>;
  /**
   * Sets one switch of an account, together with an entry in the audit trail, and touches nothing else of it.
   *
   * @returns the account's settings as they are now; undefined where there is no such account
   * @throws LedgerError: nothing was written, or it is unknown whether it was; ask again
   */
  setSwitch(
    change: AskedOf & { readonly switch: AccountSwitch; readonly on: boolean },
  ): Promise<Changed<AccountSettings> | undefined>;
  /** The same for limits: those that are not named stay as they are. */
  setLimits(
    change: AskedOf & { readonly limits: LimitChanges },
  ): Promise<Changed<AccountSettings> | undefined>;
  /** The same for what sells positions by itself: what is not named stays as it is. */
  setProtection(
    change: AskedOf & { readonly protection: ProtectionChanges },
  ): Promise<Changed<AccountSettings> | undefined>;
  /** The same for the lists of symbols: one that is not named stays as it is. */
  setSymbols(change: AskedOf & Partial<SymbolLists>): Promise<Changed<AccountSettings> | undefined>;
  /** Undefined where there is no such account. */
  settings(accountId: AccountId): Promise<AccountSettings | undefined>;
  /** Every change, oldest first. */
  trail(subject: AuditEntry['subject']): Promise<readonly AuditEntry[]>;
}

export interface Changed<T> {
  readonly now: T;
  readonly entry: AuditEntry;
}
