import { ExchangeError } from '../exchange/exchange.ts';
import { VaultError } from '../vault/vault.ts';
import { UNUSABLE_CODES, type UnusableCode } from './unusable-codes.ts';

const codes: ReadonlySet<string> = new Set(UNUSABLE_CODES);

/** Answers about an account's key or secret that stay the same until its owner or the operator acts. */
export const isUnusable = (
  error: unknown,
): error is (ExchangeError | VaultError) & { readonly code: UnusableCode } =>
  (error instanceof ExchangeError || error instanceof VaultError) && codes.has(error.code);
