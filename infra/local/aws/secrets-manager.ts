import type { Clock } from '../../../shared/time/clock.ts';
import { systemClock } from '../../../shared/time/system-clock.ts';
import { type AccessPolicy, allowAll } from './access-policy.ts';
import { startJsonService } from './json-service.ts';
import { secretOperations } from './secrets/operations.ts';
import { SecretFile } from './secrets/secret-file.ts';

export interface LocalSecretsManager {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Secrets Manager on 127.0.0.1, for the real SDK client.
 *
 * @throws SecretFileError when the file is damaged; Error when the port is taken
 */
export const startSecretsManager = async (
  options: {
    /** Where secrets are kept, readable by its owner alone; without it in memory. */
    readonly file?: string;
    readonly port?: number;
    readonly clock?: Clock;
    /** Who may do what; without it everybody everything. */
    readonly policy?: AccessPolicy;
  } = {},
): Promise<LocalSecretsManager> => {
  const clock = options.clock ?? systemClock;
  const secrets = await SecretFile.open(options.file);
  return startJsonService({
    prefix: 'secretsmanager',
    version: '1.1',
    operations: secretOperations(secrets, options.policy ?? allowAll, () => clock.now()),
    ...(options.port !== undefined && { port: options.port }),
  });
};
