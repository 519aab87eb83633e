import {
  CreateSecretCommand,
  DeleteSecretCommand,
  ResourceExistsException,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { roleOf } from '../../shared/account/account.ts';
import { type AwsEnv, awsClientConfig } from '../../shared/aws/client-config.ts';
import { addressName } from '../../shared/notification/address.ts';
import { secretName } from '../../shared/vault/vault.ts';

/** What an operator does with secrets; no function may. */
export interface OperatorVault {
  /** Stores or replaces an account's key. */
  store(accountId: string, key: { readonly apiKey: string; readonly apiSecret: string }): Promise<void>;
  /** Stores or replaces where a channel's notices go. */
  storeAddress(channelId: string, address: Readonly<Record<string, string>>): Promise<void>;
  /** At once and for good. */
  remove(accountId: string): Promise<void>;
  stop(): void;
}

export const operatorVault = (env: AwsEnv, stage: string): OperatorVault => {
  const client = new SecretsManagerClient(awsClientConfig(env, 'SECRETS_MANAGER'));
  const nameOf = (accountId: string): string => secretName(stage, roleOf(accountId), accountId);
  const put = async (name: string, SecretString: string): Promise<void> => {
    try {
      await client.send(new CreateSecretCommand({ Name: name, SecretString }));
    } catch (error) {
      if (!(error instanceof ResourceExistsException)) throw error;
      await client.send(new UpdateSecretCommand({ SecretId: name, SecretString }));
    }
  };
  return {
    store: async (accountId, key) =>
      await put(nameOf(accountId), JSON.stringify({ accountId, exchange: 'kraken', ...key })),
    storeAddress: async (channelId, address) =>
      await put(addressName(stage, channelId), JSON.stringify(address)),
    remove: async (accountId) => {
      const command = new DeleteSecretCommand({
        SecretId: nameOf(accountId),
        ForceDeleteWithoutRecovery: true,
      });
      await client.send(command);
    },
    stop: () => client.destroy(),
  };
};
