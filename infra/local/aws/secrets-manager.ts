import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/time/clock.ts';
import { systemClock } from '../../../shared/time/system-clock.ts';
import { type AccessPolicy, allowAll } from './access-policy.ts';
import { type Caller, type Operation, startJsonService } from './json-service.ts';
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
    operations: savedOperations(secrets, options.policy ?? allowAll, clock),
    ...(options.port !== undefined && { port: options.port }),
  });
};

/** Nobody is told of a change before it is on disk. */
const savedOperations = (
  secrets: SecretFile,
  policy: AccessPolicy,
  clock: Clock,
): Readonly<Record<string, Operation>> => {
  const operations = secretOperations(secrets, policy, { clock, chance: { id: () => randomUUID() } });
  return Object.fromEntries(
    Object.entries(operations).map(([name, { run }]) => [
      name,
      {
        run: async (input: unknown, caller: Caller) => {
          // An operation changes what it changes at once: so what is saved here is its own.
          const answering = (async () => run(input, caller))();
          const [answer] = await Promise.all([answering, secrets.saved()]);
          return answer;
        },
      },
    ]),
  );
};
