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

/** Account profiles and key fingerprints. */
export interface AccountStore {
  get(accountId: AccountId): Promise<Account | undefined>;
  /**
   * Profile and fingerprint in one transaction; registering an account again replaces its profile.
   * @param replaces the fingerprint the account is registered with now: a key is rotated by giving the old one
   * @throws RegistrationRefused KEY_IN_USE when another account has the key; ALREADY_REGISTERED when this
   * account is registered with a third key
   */
  register(account: Account, replaces?: string): Promise<void>;
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
