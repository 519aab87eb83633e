/** The ledger knows no such account. */
export class UnknownAccount extends Error {
  override readonly name = 'UnknownAccount';

  constructor(accountId: string) {
    super(`there is no account '${accountId}': check the id, or register it first`);
  }
}

/** A function was asked something that does not have the form it takes. The message names each field. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
}
