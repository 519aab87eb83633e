/** Answers of the exchange about a key that stay the same until its owner or the operator acts. */
const EXCHANGE_CODES = ['INVALID_KEY', 'INVALID_SIGNATURE', 'PERMISSION_DENIED'] as const;
/** The same of the vault about a secret. */
const VAULT_CODES = [
  'SECRET_MISSING',
  'SECRET_MALFORMED',
  'SECRET_OF_ANOTHER_ACCOUNT',
  'KEY_OF_ANOTHER_ACCOUNT',
  'KEY_CHANGED',
] as const;

export const UNUSABLE_CODES = [...EXCHANGE_CODES, ...VAULT_CODES] as const;
export type UnusableCode = (typeof UNUSABLE_CODES)[number];

/** What whoever reads of it has to do. */
export const UNUSABLE_TODO: Readonly<Record<UnusableCode, string>> = {
  INVALID_KEY: 'the key was revoked or has expired: its owner makes another one; store it and register again',
  INVALID_SIGNATURE: 'the secret does not belong to the key: store both anew, as the exchange showed them',
  PERMISSION_DENIED: 'the key may not read balances any more: its owner gives it the query rights again',
  SECRET_MISSING: 'store the secret of the account, or undo its deletion',
  SECRET_MALFORMED: 'store the secret of the account again, in its form',
  SECRET_OF_ANOTHER_ACCOUNT: 'somebody stored it under a wrong name: correct both',
  KEY_OF_ANOTHER_ACCOUNT: 'each account needs a key of its own: store another one and register again',
  KEY_CHANGED: 'was the key rotated? Register again. If not, find out who changed the secret',
};
