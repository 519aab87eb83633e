import * as z from 'zod';
import { EXCHANGES } from '../exchange/market.ts';
import type { Meter } from '../telemetry/telemetry.ts';
import { type Clock, type Instant, SECOND } from '../time/clock.ts';
import { type Account, type Role, roleOf, zAccount, zAccountId } from './account.ts';
import { authoriseKey } from './authorise.ts';
import { type ConnectPorts, withSecret } from './connect.ts';
import { type AccountStore, RegistrationRefused } from './stores.ts';

/** What the operator says of an account; the key itself is in the vault already. */
export const zRegistration = z.strictObject({
  accountId: zAccountId,
  exchange: z.enum(EXCHANGES),
  ...zAccount.pick({
    quoteCurrency: true,
    follows: true,
    enabled: true,
    copyPaused: true,
    exitOnly: true,
    limits: true,
    sizing: true,
    deniedSymbols: true,
    allowedSymbols: true,
    strategy: true,
  }).shape,
});
export type Registration = z.infer<typeof zRegistration>;

export interface RegisterPorts extends ConnectPorts {
  readonly accounts: AccountStore;
  readonly clock: Clock;
  readonly meter: Meter;
}

/**
 * Registers an account after asking the exchange what its key may do. Again: new settings, or a new key.
 *
 * @param role the plane this runs in: a user is not registered by the master's function, nor the reverse
 * @throws RegistrationRefused, VaultError, ExchangeError: nothing was written
 */
export const registerAccount = async (
  registration: Registration,
  role: Role,
  ports: RegisterPorts,
): Promise<Account> => {
  const { accountId, exchange } = registration;
  if (roleOf(accountId) !== role) {
    throw new RegistrationRefused(
      'ROLE_MISMATCH',
      `${accountId} is a ${roleOf(accountId)}: register it with register-${roleOf(accountId)}`,
    );
  }
  if (role === 'master' && registration.follows !== undefined) {
    throw new RegistrationRefused(
      'ROLE_MISMATCH',
      `${accountId} is a master and follows nobody (given follows '${registration.follows}')`,
    );
  }
  if (role === 'user' && registration.strategy !== undefined) {
    throw new RegistrationRefused('ROLE_MISMATCH', `${accountId} is a user and runs no strategy of its own`);
  }
  const secret = await ports.vault.read(accountId, exchange);
  const owner = await ports.accounts.ownerOf(secret.fingerprint);
  if (owner !== undefined && owner !== accountId) {
    throw new RegistrationRefused(
      'KEY_IN_USE',
      `the key of ${accountId} is already that of ${owner}: each account needs a key of its own, from its own exchange account`,
    );
  }
  const terms = { holder: `register ${accountId}`, priority: 'normal', waitMs: 25 * SECOND } as const;
  const key = await withSecret(
    registration,
    secret,
    terms,
    ports,
    async ({ session }) => await session.keyInfo(),
  );
  if (key.canWithdraw) ports.meter.count('KeyCanWithdraw', { account: accountId });
  authoriseKey(accountId, key);
  // A key may be another one now; what the account began to be is kept: fills before it are not ours.
  const known = await ports.accounts.get(accountId);
  const account: Account = {
    ...registration,
    role,
    keyFingerprint: secret.fingerprint,
    registeredAt: known?.registeredAt ?? ports.clock.now(),
    ...followingSince(registration, known, ports.clock.now()),
  };
  await ports.accounts.register(account, known?.keyFingerprint);
  return account;
};

const followingSince = (
  { follows }: Registration,
  known: Account | undefined,
  now: Instant,
): Pick<Account, 'followsSince'> => {
  if (follows === undefined) return {};
  return { followsSince: known?.follows === follows ? (known.followsSince ?? known.registeredAt) : now };
};
