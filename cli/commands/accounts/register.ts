import { type AccountId, roleOf } from '../../../shared/account/account.ts';
import type { ExchangeName } from '../../../shared/exchange/market.ts';
import { type RegisteredAnswer, zRegisteredAnswer } from '../../answers/registered-answer.ts';
import type { Context } from '../../context.ts';
import { call } from '../../transport/functions.ts';
import type { Settings } from './settings.ts';

/** What a registration says: what it does not name stays as it is. */
export interface Registration extends Settings {
  readonly accountId: AccountId;
  readonly exchange: ExchangeName;
  readonly enabled?: boolean;
  readonly by: string;
  readonly why: string;
}

/** By the function of its plane: a user's knows no master, and the reverse. @throws CallFailed */
export const register = async (
  { functions, progress }: Context,
  registration: Registration,
): Promise<RegisteredAnswer> =>
  await progress.during(
    () => `asking ${registration.exchange} what the key of ${registration.accountId} may do`,
    call(functions, `register-${roleOf(registration.accountId)}`, registration, zRegisteredAnswer),
  );

/** Functions that failed with one of these have written nothing, for sure. */
const REFUSALS = new Set([
  'RegistrationRefused',
  'InvalidInput',
  'VaultError',
  'ExchangeError',
  'LeaseUnavailable',
]);

export const wasRefused = (code: string): boolean => REFUSALS.has(code);
