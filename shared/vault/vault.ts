import type { Account, AccountId } from '../account/account.ts';
import type { Credentials } from '../account/credentials.ts';
import type { ExchangeName } from '../exchange/market.ts';

export { secretName } from '../account/secret-name.ts';

/** A vault refusal or failure: says which account and what to do; never holds a part of a secret. */
export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly code:
    | 'SECRET_MISSING'
    | 'SECRET_MALFORMED'
    | 'SECRET_OF_ANOTHER_ACCOUNT'
    | 'KEY_OF_ANOTHER_ACCOUNT'
    | 'KEY_CHANGED'
    | 'VAULT_UNAVAILABLE'
    | 'ACCESS_DENIED';
  readonly accountId: AccountId;

  constructor(code: VaultError['code'], accountId: AccountId, message: string) {
    super(message);
    this.code = code;
    this.accountId = accountId;
  }
}

export interface LoadedSecret {
  readonly credentials: Credentials;
  readonly fingerprint: string;
}

export interface Vault {
  /**
   * For registration: reads and validates the secret, and that it names this account and exchange.
   * @throws VaultError
   */
  read(accountId: AccountId, exchange: ExchangeName): Promise<LoadedSecret>;
  /**
   * For use: as `read`, and the fingerprint must be the registered one (KEY_CHANGED) and belong to this
   * account (KEY_OF_ANOTHER_ACCOUNT).
   * @throws VaultError
   */
  credentialsOf(account: Account): Promise<LoadedSecret>;
}
