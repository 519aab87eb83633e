import type { Asked } from '../protection/control.ts';
import type { Meter } from '../telemetry/telemetry.ts';
import { type Clock, SECOND } from '../time/clock.ts';
import { type Account, type Role, roleOf } from './account.ts';
import { tellFindings } from './attest.ts';
import { authoriseKey } from './authorise.ts';
import { type ConnectPorts, withSecret } from './connect.ts';
import { keyFindings } from './key-findings.ts';
import { changedSettings, type Registration, type RegistrationCall, settle } from './registration.ts';
import { type AccountStore, ProfileChanged, type ReadProfile, RegistrationRefused } from './stores.ts';

export interface RegisterPorts extends ConnectPorts {
  readonly accounts: Pick<AccountStore, 'ownerOf' | 'read' | 'register'>;
  readonly clock: Clock;
  readonly meter: Meter;
}

/**
 * Registers an account after asking the exchange what its key may do. Again: what is named of its settings, or
 * a new key; what is not named stays as it is, also what somebody sets meanwhile.
 *
 * @param call who asks and why are kept in the audit trail, together with what was changed
 * @param role the plane this runs in: a user is not registered by the master's function, nor the reverse
 * @returns the account as it is stored now
 * @throws RegistrationRefused, VaultError, ExchangeError: nothing was written
 */
export const registerAccount = async (
  call: RegistrationCall,
  role: Role,
  ports: RegisterPorts,
): Promise<Account> => {
  const { by = `register-${role}`, why = 'no reason was given', ...registration } = call;
  const { accountId, exchange } = registration;
  refuseOtherRole(registration, role);
  // Before the key: whoever registers another one from here on is met below.
  const first = await ports.accounts.read(accountId);
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
  const fields = { account: accountId, keyFingerprint: secret.fingerprint };
  tellFindings(keyFindings(accountId, key, ports.clock.now()), ports.log, fields);
  return await write(registration, { by, why }, first, secret.fingerprint, ports);
};

const refuseOtherRole = ({ accountId, follows, strategy, protection }: Registration, role: Role): void => {
  if (roleOf(accountId) !== role) {
    throw new RegistrationRefused(
      'ROLE_MISMATCH',
      `${accountId} is a ${roleOf(accountId)}: register it with register-${roleOf(accountId)}`,
    );
  }
  if (role === 'master' && follows !== undefined && follows !== null) {
    throw new RegistrationRefused(
      'ROLE_MISMATCH',
      `${accountId} is a master and follows nobody (given follows '${follows}')`,
    );
  }
  if (role === 'master' && protection !== undefined) {
    throw new RegistrationRefused(
      'ROLE_MISMATCH',
      `${accountId} is a master: its strategy has stops of its own, and protection is for users`,
    );
  }
  if (role === 'user' && strategy !== undefined) {
    throw new RegistrationRefused('ROLE_MISMATCH', `${accountId} is a user and runs no strategy of its own`);
  }
};

const ATTEMPTS = 5;

/** Settles the account on what is stored, anew where somebody changed that meanwhile: a switch must not be lost. */
const write = async (
  registration: Registration,
  asks: Pick<Asked, 'by' | 'why'>,
  first: ReadProfile | undefined,
  keyFingerprint: string,
  { accounts, clock, log }: RegisterPorts,
): Promise<Account> => {
  const { accountId } = registration;
  let read = first;
  for (let attempt = 1; ; attempt += 1) {
    const now = clock.now();
    const account = settle(registration, read?.account, { keyFingerprint, now });
    try {
      await accounts.register(account, read, { ...asks, at: now });
      tell(read?.account, account, log);
      return account;
    } catch (error) {
      if (!(error instanceof ProfileChanged)) throw error;
      if (attempt === ATTEMPTS) {
        throw new RegistrationRefused(
          'ALREADY_REGISTERED',
          `${accountId} was not registered, because its settings kept changing meanwhile (given ${ATTEMPTS} attempts): find out who changes them, then register it again`,
        );
      }
    }
    read = await accounts.read(accountId);
    refuseThirdKey(first?.account, read?.account, keyFingerprint);
  }
};

/** Two keys at once: only the vault knows which of them is the last, and this one was read before the other was registered. */
const refuseThirdKey = (
  first: Account | undefined,
  now: Account | undefined,
  keyFingerprint: string,
): void => {
  if (now === undefined) return;
  const { accountId, keyFingerprint: registered } = now;
  if (registered === first?.keyFingerprint || registered === keyFingerprint) return;
  throw new RegistrationRefused(
    'ALREADY_REGISTERED',
    `${accountId} was registered with another API key meanwhile, and is left as it is: see that the vault holds the key that is meant, then register it again (given key fingerprint '${keyFingerprint}', registered '${registered}')`,
  );
};

const tell = (before: Account | undefined, after: Account, log: RegisterPorts['log']): void => {
  const { accountId: account, keyFingerprint } = after;
  if (before === undefined) {
    log.info('an account was registered', { account, keyFingerprint });
    return;
  }
  const changed = changedSettings(before, after);
  if (changed !== undefined) log.warn('a registration changed settings', { account, ...changed });
  if (before.keyFingerprint !== keyFingerprint)
    log.warn('a key was rotated', { account, before: before.keyFingerprint, after: keyFingerprint });
};
