import type { Asked } from '../protection/control.ts';
import type { Instant } from '../time/clock.ts';
import type { Account, AccountId } from './account.ts';

/** Registration refused: the message names both what clashes and what to do. */
export class RegistrationRefused extends Error {
  override readonly name = 'RegistrationRefused';
  readonly code:
    | 'KEY_IN_USE'
    | 'ALREADY_REGISTERED'
    | 'KEY_CAN_WITHDRAW'
    | 'KEY_CANNOT_TRADE'
    | 'KEY_CANNOT_QUERY'
    | 'ROLE_MISMATCH';

  constructor(code: RegistrationRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The profile is not any more what was read: read it again and decide anew. Nothing was written. */
export class ProfileChanged extends Error {
  override readonly name = 'ProfileChanged';
}

/** A profile as it was read, to be replaced only while it is that. */
export interface ReadProfile {
  readonly account: Account;
  /** Tells one write of the profile from another; undefined where it was written by nobody's code. */
  readonly revision: string | undefined;
}

/** Account profiles and key fingerprints. */
export interface AccountStore {
  get(accountId: AccountId): Promise<Account | undefined>;
  /** The same, for whoever is to write it. */
  read(accountId: AccountId): Promise<ReadProfile | undefined>;
  /**
   * Writes profile and fingerprint in one transaction; a key that the account had before becomes nobody's.
   *
   * @param replaces the profile as it was read; absent: the account is new
   * @param asked who registers it, and why: kept in its audit trail, in the same transaction. Absent only for accounts
   * that nobody registers, of a measurement
   * @throws RegistrationRefused KEY_IN_USE when another account has the key
   * @throws ProfileChanged when the profile is not what was read, by whatever change
   */
  register(account: Account, replaces?: ReadProfile, asked?: Asked): Promise<void>;
  /** The account a key fingerprint belongs to. */
  ownerOf(fingerprint: string): Promise<AccountId | undefined>;
  /**
   * Users that follow a master, in pages, the longest-standing first.
   * @param by only those who followed it then already: a trade is nothing to who joined after it
   */
  followersOf(masterId: AccountId, by?: Instant): AsyncIterable<readonly AccountId[]>;
  /** All accounts of a role. */
  list(role: Account['role']): AsyncIterable<readonly AccountId[]>;
}
