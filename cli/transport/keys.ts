import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type AccountId, roleOf } from '../../shared/account/account.ts';
import type { Credentials } from '../../shared/account/credentials.ts';
import { type AwsEnv, awsClientConfig } from '../../shared/aws/client-config.ts';
import type { ExchangeName } from '../../shared/exchange/market.ts';
import { secretName } from '../../shared/vault/vault.ts';
import { CommandFailed } from '../outcome.ts';
import { codeOfAwsError } from './aws-error.ts';

/** What an operator does with the keys of accounts; nobody reads one. */
export interface Keys {
  /** @returns false where there is a key already, which stays. @throws CommandFailed */
  create(accountId: AccountId, exchange: ExchangeName, key: Credentials): Promise<boolean>;
  /** @returns how to have the one before it back; undefined where there is none to replace. @throws CommandFailed */
  replace(accountId: AccountId, exchange: ExchangeName, key: Credentials): Promise<Replaced | undefined>;
  /** At once and for good. @throws CommandFailed */
  remove(accountId: AccountId): Promise<void>;
  stop(): void;
}

/** A key took the place of another. */
export interface Replaced {
  /** The one before it is current again; false where something else is current by now. @throws CommandFailed */
  undo(): Promise<boolean>;
}

/** Of a stage, in Secrets Manager. */
export const keysOf = (stage: string, env: AwsEnv): Keys => {
  const client = new SecretsManagerClient(awsClientConfig(env, 'SECRETS_MANAGER'));
  const nameOf = (accountId: AccountId): string => secretName(stage, roleOf(accountId), accountId);
  const secretOf = (accountId: AccountId, exchange: ExchangeName, { apiKey, apiSecret }: Credentials) =>
    JSON.stringify({ accountId, exchange, apiKey: apiKey.reveal(), apiSecret: apiSecret.reveal() });
  return {
    create: async (accountId, exchange, key) => {
      const Name = nameOf(accountId);
      const SecretString = secretOf(accountId, exchange, key);
      return await stored(Name, async () => {
        await client.send(new CreateSecretCommand({ Name, SecretString }));
      });
    },
    replace: async (accountId, exchange, key) => {
      const SecretId = nameOf(accountId);
      const SecretString = secretOf(accountId, exchange, key);
      let put: string | undefined;
      const found = await stored(SecretId, async () => {
        put = (await client.send(new PutSecretValueCommand({ SecretId, SecretString }))).VersionId;
      });
      return found ? { undo: async () => await backFrom(put, SecretId, client) } : undefined;
    },
    remove: async (accountId) => {
      const SecretId = nameOf(accountId);
      await stored(SecretId, async () => {
        await client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
      });
    },
    stop: () => client.destroy(),
  };
};

/** Takes the label of the current version back to the one before, without reading either. */
const backFrom = async (
  version: string | undefined,
  SecretId: string,
  client: SecretsManagerClient,
): Promise<boolean> => {
  let moved = false;
  await stored(SecretId, async () => {
    const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }));
    const holderOf = (stage: string): string | undefined =>
      Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes(stage))?.[0];
    const before = holderOf('AWSPREVIOUS');
    if (version === undefined || before === undefined || holderOf('AWSCURRENT') !== version) return;
    const move = { MoveToVersionId: before, RemoveFromVersionId: version };
    await client.send(new UpdateSecretVersionStageCommand({ SecretId, VersionStage: 'AWSCURRENT', ...move }));
    moved = true;
  });
  return moved;
};

/** An error of the vault is told by its name alone: what was sent must not be in it. */
const stored = async (name: string, send: () => Promise<void>): Promise<boolean> => {
  try {
    await send();
    return true;
  } catch (error) {
    if (error instanceof ResourceExistsException || error instanceof ResourceNotFoundException) return false;
    const code = codeOfAwsError(error);
    throw new CommandFailed(
      'VAULT_FAILED',
      `Secrets Manager did not take '${name}' (${code}): see that these credentials may change it, then ask again`,
    );
  }
};
