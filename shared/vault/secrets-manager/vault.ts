import {
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type Account, type AccountId, roleOf } from '../../account/account.ts';
import type { AccountStore } from '../../account/stores.ts';
import { type AwsEnv, awsClientConfig } from '../../aws/client-config.ts';
import type { ExchangeName } from '../../exchange/market.ts';
import { type Clock, type Instant, MINUTE } from '../../time/clock.ts';
import { type LoadedSecret, secretName, type Vault, VaultError } from '../vault.ts';
import { readSecretText } from './secret-text.ts';

/** What the vault needs of a SecretsManagerClient. */
export interface SecretsClient {
  send(command: GetSecretValueCommand): Promise<GetSecretValueCommandOutput>;
}

export interface SecretsManagerVaultConfig {
  readonly env: AwsEnv;
  /** Made as `env` says where not given. */
  readonly client?: SecretsClient | undefined;
  readonly stage: string;
  readonly accounts: Pick<AccountStore, 'ownerOf'>;
  readonly clock: Clock;
  /** How long a process goes on with credentials whose secret was deleted meanwhile; 15 minutes if not given. */
  readonly cacheMs?: number;
}

interface Cached {
  readonly secret: Promise<LoadedSecret>;
  readonly fingerprint: string;
  readonly exchange: ExchangeName;
  readonly until: Instant;
}

/**
 * Credentials from Secrets Manager, at `nija/<stage>/<role>/<accountId>`.
 *
 * What `credentialsOf` found is kept for `cacheMs`, per account and for one registered key only: another
 * fingerprint in the profile is another key. A failure is never kept.
 */
export const secretsManagerVault = (config: SecretsManagerVaultConfig): Vault => {
  const { env, stage, accounts, clock, cacheMs = 15 * MINUTE } = config;
  const client = config.client ?? new SecretsManagerClient(awsClientConfig(env, 'SECRETS_MANAGER'));
  const cache = new Map<AccountId, Cached>();

  const read = async (accountId: AccountId, exchange: ExchangeName): Promise<LoadedSecret> => {
    const name = secretName(stage, roleOf(accountId), accountId);
    const text = await secretText(client, accountId, name);
    return readSecretText(text, { accountId, exchange, name });
  };

  const load = async (account: Account): Promise<LoadedSecret> => {
    const { accountId, exchange, keyFingerprint } = account;
    const [secret, owner] = await Promise.all([
      read(accountId, exchange),
      ownerOf(accounts, accountId, keyFingerprint),
    ]);
    if (secret.fingerprint !== keyFingerprint) {
      throw new VaultError(
        'KEY_CHANGED',
        accountId,
        `the secret of ${accountId} holds another API key than the registered one. If the key was rotated, register the account again; if not, put the registered key back (given key fingerprint '${secret.fingerprint}', registered '${keyFingerprint}')`,
      );
    }
    if (owner !== accountId) {
      throw new VaultError(
        'KEY_OF_ANOTHER_ACCOUNT',
        accountId,
        `the API key of ${accountId} belongs to ${owner ?? 'no registered account'}. Give each account a key of its own and register it (given key fingerprint '${keyFingerprint}')`,
      );
    }
    return secret;
  };

  return {
    read,
    credentialsOf: async (account) => {
      const { accountId, keyFingerprint: fingerprint, exchange } = account;
      const now = clock.now();
      for (const [id, { until }] of cache) if (until <= now) cache.delete(id);
      const known = cache.get(accountId);
      if (known?.fingerprint === fingerprint && known.exchange === exchange) return await known.secret;
      const fresh: Cached = { secret: load(account), fingerprint, exchange, until: now + cacheMs };
      cache.set(accountId, fresh);
      try {
        return await fresh.secret;
      } catch (error) {
        if (cache.get(accountId) === fresh) cache.delete(accountId);
        throw error;
      }
    },
  };
};

const ownerOf = async (
  accounts: SecretsManagerVaultConfig['accounts'],
  accountId: AccountId,
  fingerprint: string,
): Promise<AccountId | undefined> => {
  try {
    return await accounts.ownerOf(fingerprint);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new VaultError(
      'VAULT_UNAVAILABLE',
      accountId,
      `it could not be checked whose API key ${accountId} has: ${said}. Nothing was sent; try again`,
    );
  }
};

/** Of the SDK's errors only the name is passed on: no text of an answer leaves this file but the secret itself. */
const secretText = async (
  client: SecretsClient,
  accountId: AccountId,
  name: string,
): Promise<string | undefined> => {
  try {
    const answer = await client.send(new GetSecretValueCommand({ SecretId: name }));
    return answer.SecretString;
  } catch (error) {
    const cause = error instanceof Error ? error.name : 'unknown error';
    switch (cause) {
      case 'ResourceNotFoundException':
      // Thrown for a secret that is marked for deletion.
      case 'InvalidRequestException':
        throw new VaultError(
          'SECRET_MISSING',
          accountId,
          `${accountId} has no secret: it was never stored or is deleted. Store its credentials as '${name}'`,
        );
      case 'AccessDeniedException':
        throw new VaultError(
          'ACCESS_DENIED',
          accountId,
          `this function may not read the secret '${name}' of ${accountId}: check the role it runs with, and whether it is the right function for this account`,
        );
      default:
        throw new VaultError(
          'VAULT_UNAVAILABLE',
          accountId,
          `the secret '${name}' of ${accountId} could not be read now (${cause}). Nothing was sent; try again`,
        );
    }
  }
};
