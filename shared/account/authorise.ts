import type { KeyInfo } from '../exchange/exchange.ts';
import { RegistrationRefused } from './stores.ts';

/**
 * Whether a key may be used at all: it must query and trade, and must not be able to move money out.
 * @throws RegistrationRefused
 */
export const authoriseKey = (accountId: string, key: KeyInfo): void => {
  if (key.canWithdraw) {
    throw new RegistrationRefused(
      'KEY_CAN_WITHDRAW',
      `the key of ${accountId} can withdraw funds: make a key without any withdrawal right at the exchange, store it, and register again`,
    );
  }
  if (!key.canQuery) {
    throw new RegistrationRefused(
      'KEY_CANNOT_QUERY',
      `the key of ${accountId} cannot read all balances and orders: give it the query rights, without limits of time, and register again (it has: ${key.permissions.join(', ') || 'none'})`,
    );
  }
  if (!key.canTrade) {
    throw new RegistrationRefused(
      'KEY_CANNOT_TRADE',
      `the key of ${accountId} cannot create and cancel orders: give it the trading rights and register again (it has: ${key.permissions.join(', ') || 'none'})`,
    );
  }
};
