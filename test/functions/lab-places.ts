import {
  type CreateSecretCommand,
  type DeleteSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { HostClients } from '../../functions/host.ts';
import { startDynamoDb } from '../../infra/local/aws/dynamodb.ts';
import { localAwsEnv } from '../../infra/local/aws/environment.ts';
import { startSecretsManager } from '../../infra/local/aws/secrets-manager.ts';
import { ensureTable } from '../../infra/local/aws/table.ts';
import type { KrakenSimulator } from '../../infra/local/kraken/simulator.ts';
import { awsClientConfig } from '../../shared/aws/client-config.ts';
import { documentClient, type LedgerClient } from '../../shared/ledger/dynamodb/document-client.ts';
import { ledgerTable } from '../../shared/ledger/dynamodb/table.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Ids } from '../../shared/time/jitter.ts';
import type { SecretsClient } from '../../shared/vault/secrets-manager/vault.ts';
import { memoryDynamoDb } from '../../simulation/aws/dynamodb/memory-dynamodb.ts';
import { memorySecrets } from '../../simulation/aws/secrets/memory-secrets.ts';
import { IN_PROCESS_URL, inProcessTransport } from '../../simulation/exchange/in-process.ts';

/** Where a lab keeps its table and its secrets, and how it reaches its exchange. */
export interface LabPlaces {
  readonly env: Readonly<Record<string, string>>;
  readonly documents: LedgerClient;
  readonly vault: SecretsClient & {
    send(command: CreateSecretCommand | DeleteSecretCommand): Promise<unknown>;
  };
  /** What handlers cannot make as `env` says. */
  readonly brought: Partial<HostClients>;
  stop(): Promise<void>;
}

interface LabPlan {
  readonly table: string;
  readonly simulator: KrakenSimulator;
  readonly clock: Clock;
  readonly chance: Ids;
}

/** Where this is set to `memory`, labs have no sockets. */
const WHERE = 'NIJA_LAB';

export const openPlaces = async (plan: LabPlan): Promise<LabPlaces> =>
  process.env[WHERE] === 'memory' ? inMemory(plan) : await behindSockets(plan);

const behindSockets = async ({ table, simulator, clock }: LabPlan): Promise<LabPlaces> => {
  const database = await startDynamoDb();
  const secrets = await startSecretsManager({ clock });
  await simulator.start();
  const env = {
    ...localAwsEnv({ dynamodb: database.endpoint, secretsManager: secrets.endpoint }),
    NIJA_EXCHANGE_URL_KRAKEN: simulator.url,
  };
  const documents = documentClient(env);
  await ensureTable(documents, ledgerTable(table));
  const vault = new SecretsManagerClient(awsClientConfig(env, 'SECRETS_MANAGER'));
  return {
    env,
    documents,
    vault,
    brought: {},
    stop: async () => {
      vault.destroy();
      documents.destroy();
      await simulator.stop();
      await secrets.stop();
      await database.stop();
    },
  };
};

/** The same code without sockets, as the simulation has it: for whoever runs the same tests thousands of times. */
const inMemory = ({ table, simulator, clock, chance }: LabPlan): LabPlaces => {
  const { client } = memoryDynamoDb({ table: ledgerTable(table), now: () => clock.now() });
  const vault = memorySecrets({ clock, chance }).client('lab');
  // A lab's clock moves when told to; who waits for the exchange waits in real time, as behind a socket.
  const at = (moment: number, run: () => void): (() => void) => {
    const timer = setTimeout(run, moment - clock.now());
    return () => clearTimeout(timer);
  };
  const kraken = inProcessTransport({ exchange: simulator, clock: { now: () => clock.now(), at } });
  return {
    env: { AWS_REGION: 'us-east-1', NIJA_EXCHANGE_URL_KRAKEN: IN_PROCESS_URL },
    documents: client,
    vault,
    brought: { documents: client, secrets: vault, kraken },
    stop: async () => {},
  };
};
