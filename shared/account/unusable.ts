import { ExchangeError, type ExchangeErrorCode } from '../exchange/exchange.ts';
import { VaultError } from '../vault/vault.ts';

const FINAL_EXCHANGE_CODES: ReadonlySet<ExchangeErrorCode> = new Set([
  'INVALID_KEY',
  'INVALID_SIGNATURE',
  'PERMISSION_DENIED',
]);
const FINAL_VAULT_CODES: ReadonlySet<VaultError['code']> = new Set([
  'SECRET_MISSING',
  'SECRET_MALFORMED',
  'SECRET_OF_ANOTHER_ACCOUNT',
  'KEY_OF_ANOTHER_ACCOUNT',
  'KEY_CHANGED',
]);

/** Answers about an account's key or secret that stay the same until its owner or the operator acts. */
export const isUnusable = (error: unknown): error is ExchangeError | VaultError =>
  (error instanceof ExchangeError && FINAL_EXCHANGE_CODES.has(error.code)) ||
  (error instanceof VaultError && FINAL_VAULT_CODES.has(error.code));
