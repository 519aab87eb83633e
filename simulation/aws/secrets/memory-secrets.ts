import {
  type $Command,
  type SecretsManagerClientResolvedConfig,
  SecretsManagerServiceException,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-secrets-manager';
import { type AccessPolicy, allowAll } from '../../../infra/local/aws/access-policy.ts';
import { secretOperations } from '../../../infra/local/aws/secrets/operations.ts';
import { SecretFile } from '../../../infra/local/aws/secrets/secret-file.ts';
import { type Clock, SECOND } from '../../../shared/time/clock.ts';
import type { Ids } from '../../../shared/time/jitter.ts';
import { inProcessService, serviceError } from '../in-process-service.ts';

/** What a SecretsManagerClient can do here. */
export interface MemorySecretsClient {
  /** @throws SecretsManagerServiceException as Secrets Manager does */
  send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: $Command<
      Input,
      Output,
      SecretsManagerClientResolvedConfig,
      ServiceInputTypes,
      ServiceOutputTypes
    >,
  ): Promise<Output>;
}

export interface MemorySecrets {
  /** @param caller by whom the policy decides what the client may do */
  client(caller: string): MemorySecretsClient;
}

/**
 * Secrets Manager in memory, by the code of the local endpoint, in the time of `clock`, with version ids from
 * `chance`. Without a policy everybody may do everything.
 */
export const memorySecrets = ({
  clock,
  chance,
  policy = allowAll,
}: {
  readonly clock: Pick<Clock, 'now'>;
  readonly chance: Ids;
  readonly policy?: AccessPolicy;
}): MemorySecrets => {
  const operations = secretOperations(SecretFile.inMemory(), policy, { clock, chance });
  return {
    client: (caller) => {
      const run = inProcessService({
        service: 'Secrets Manager',
        operations,
        caller,
        refusal: (error) => new SecretsManagerServiceException(serviceError(error)),
      });
      return {
        // Which output belongs to which input, only the SDK's types know.
        send: async <Output extends ServiceOutputTypes>(command: object & { readonly input: object }) =>
          withDates(await run(command, command.input)) as Output,
      };
    },
  };
};

/** On the wire a date is seconds; the SDK makes a Date of it. */
const withDates = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withDates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name.endsWith('Date') && typeof inner === 'number' ? new Date(inner * SECOND) : withDates(inner),
    ]),
  );
};
