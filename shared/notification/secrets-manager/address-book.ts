import {
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type AwsEnv, awsClientConfig } from '../../aws/client-config.ts';
import { type Clock, type Instant, MINUTE } from '../../time/clock.ts';
import { type Address, type AddressBook, AddressError, addressName, readAddress } from '../address.ts';
import type { ChannelId } from '../channel.ts';

export interface AddressBookConfig {
  readonly env: AwsEnv;
  /** Made as `env` says where not given. */
  readonly client?:
    | { send(command: GetSecretValueCommand): Promise<GetSecretValueCommandOutput> }
    | undefined;
  readonly stage: string;
  readonly clock: Clock;
}

/** How long an address that was changed meanwhile is still used. */
const KEPT_MS = 5 * MINUTE;

/** The stage of the local runtime. */
const LOCAL = 'local';

/** Addresses from Secrets Manager. A failure is never kept. */
export const secretsManagerAddressBook = (config: AddressBookConfig): AddressBook => {
  const { env, stage, clock } = config;
  const client = config.client ?? new SecretsManagerClient(awsClientConfig(env, 'SECRETS_MANAGER'));
  const kept = new Map<ChannelId, { readonly address: Address; readonly until: Instant }>();
  return {
    addressOf: async (channel) => {
      const known = kept.get(channel.id);
      if (known !== undefined && known.until > clock.now()) return known.address;
      const name = addressName(stage, channel.id);
      const address = readAddress(await textOf(client, name, channel.id), channel, {
        name,
        runsHere: stage === LOCAL,
      });
      kept.set(channel.id, { address, until: clock.now() + KEPT_MS });
      return address;
    },
  };
};

/** Of the SDK's errors only the name is passed on. */
const textOf = async (
  client: NonNullable<AddressBookConfig['client']>,
  name: string,
  channel: ChannelId,
): Promise<string | undefined> => {
  try {
    const answer = await client.send(new GetSecretValueCommand({ SecretId: name }));
    return answer.SecretString;
  } catch (error) {
    const cause = error instanceof Error ? error.name : 'unknown error';
    throw new AddressError(
      cause === 'ResourceNotFoundException' || cause === 'InvalidRequestException'
        ? `channel ${channel} has no address: store it as the secret '${name}' (docs/notices.md)`
        : `the address of channel ${channel}, the secret '${name}', could not be read now (${cause})`,
    );
  }
};
