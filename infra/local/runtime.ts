import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { awsClientConfig } from '../../shared/aws/client-config.ts';
import { documentClient } from '../../shared/ledger/dynamodb/document-client.ts';
import { dynamoMasterLedger } from '../../shared/ledger/dynamodb/master-ledger.ts';
import { ledgerTable } from '../../shared/ledger/dynamodb/table.ts';
import { TRADE_INSERTS } from '../../shared/ledger/dynamodb/trade-items.ts';
import { NOTICED_CHANGES } from '../../shared/notification/dynamodb/changes.ts';
import type { MasterLedger } from '../../shared/strategy/master-ledger.ts';
import { HOUR } from '../../shared/time/clock.ts';
import {
  CHECK_DELIVERIES,
  CHECK_HIDDEN_MS,
  COPY_DELIVERIES,
  COPY_HIDDEN_MS,
  FUNCTION_NAMES,
  FUNCTION_SPECS,
  type FunctionName,
  SECRET_READERS,
} from '../functions/specs.ts';
import { startDynamoDb } from './aws/dynamodb.ts';
import { LOCAL_AWS_ACCOUNT, localAwsEnv } from './aws/environment.ts';
import { type Report, settleAll } from './aws/event-sources/event-source.ts';
import { startQueueSource } from './aws/event-sources/queue-source.ts';
import { startStreamSource } from './aws/event-sources/stream-source.ts';
import { invoke, type LocalFunction } from './aws/lambda.ts';
import { Scheduler } from './aws/scheduler.ts';
import { startSecretsManager } from './aws/secrets-manager.ts';
import { ensureQueuePair } from './aws/sqs/queue-pair.ts';
import { startSqs } from './aws/sqs.ts';
import { ensureTable } from './aws/table.ts';
import type { VirtualClock } from './clock/virtual-clock.ts';
import { callerOf, HANDLERS, OPERATOR, secretsPolicy } from './functions.ts';
import type { KrakenSimulator, KrakenSimulatorOptions } from './kraken/simulator.ts';
import { type LogLine, localHost, logFile, seededIds } from './local-host.ts';
import type { LocalChannel } from './notices/local-notices.ts';
import { operatorVault } from './operator-vault.ts';
import { startSimulatedExchange } from './simulated-exchange.ts';
import { openRows } from './state/rows.ts';
import type { StateFolder } from './state/state-folder.ts';

export const STAGE = 'local';
const TABLE = 'nija-local-ledger';
const COPY_QUEUE = 'nija-local-copies';
const CHECK_QUEUE = 'nija-local-checks';
const TRADE_DLQ = 'nija-local-trades-dead-letters';
const NOTIFY_DLQ = 'nija-local-notify-dead-letters';

export interface RuntimeOptions {
  readonly state: StateFolder;
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly simulator: Omit<KrakenSimulatorOptions, 'clock' | 'seed'>;
  /** Copies at once. Default 8. */
  readonly copyConcurrency?: number;
  /** Checks at once. Default 8. */
  readonly checkConcurrency?: number;
  /** Where notices go; none by default, and then nobody looks for any. */
  readonly channels?: readonly LocalChannel[];
  /** Problems that the runtime deals with by itself, for a person who watches. */
  readonly report?: Report;
  /** Every line of every function. */
  readonly onLine?: (line: LogLine) => void;
  /** Who runs a function, given its variables, where not this process: its bundle, or another process. */
  readonly runElsewhere?: (
    name: FunctionName,
    env: Readonly<Record<string, string>>,
  ) => LocalFunction['handler'] | undefined;
}

export interface Runtime {
  readonly simulator: KrakenSimulator;
  readonly scheduler: Scheduler;
  /** The operator's own view, for reports: no function has it. */
  readonly ledger: MasterLedger;
  /** The table itself, for proofs that look at every item. */
  readonly table: { readonly client: DynamoDBDocumentClient; readonly name: string };
  /** Where the vault answers, for the operator: see operatorVault. */
  readonly secretsEndpoint: string;
  functionOf(name: FunctionName): LocalFunction;
  /** Writes out what the functions logged so far. */
  flushLogs(): void;
  /** Runs a function; answers what a caller of Lambda would get. @throws what the function throws */
  call(name: FunctionName, event: unknown): Promise<unknown>;
  /** Stores or replaces an account's key in the vault. */
  storeSecret(
    accountId: string,
    secret: { readonly apiKey: string; readonly apiSecret: string },
  ): Promise<void>;
  deleteSecret(accountId: string): Promise<void>;
  /** Resolves when all that is due now has been delivered and no function runs. */
  settle(): Promise<void>;
  /** Messages that nobody could deal with. */
  deadLetters(): number;
  stop(): Promise<void>;
}

/**
 * Boots everything on 127.0.0.1: database, secrets, queues, event sources, the exchange, and the functions.
 *
 * @throws one clear error of the part that cannot start; what was started before is stopped
 */
export const bootRuntime = async (options: RuntimeOptions): Promise<Runtime> => {
  const started: Stoppable[] = [];
  const stop = async (): Promise<void> => {
    for (const part of started.splice(0).reverse()) await part.stop();
  };
  try {
    return await boot(options, started, stop);
  } catch (error) {
    await stop();
    throw error;
  }
};

interface Stoppable {
  stop(): Promise<void> | void;
}

const boot = async (
  options: RuntimeOptions,
  started: Stoppable[],
  stop: () => Promise<void>,
): Promise<Runtime> => {
  const { state, clock, seed, channels = [] } = options;
  const begun = <T extends Stoppable>(part: T): T => {
    started.push(part);
    return part;
  };
  const log = logFile(state.file('log'));
  begun({ stop: log.flush });
  const database = begun(await startDynamoDb({ file: state.file('ledger') }));
  const positions = openRows(state.file('positions'));
  begun({ stop: () => positions.close() });
  const boots = Number(positions.get('runtime', 'boots') ?? 0) + 1;
  positions.put('runtime', 'boots', String(boots));
  /** After a restart on the same state, too, nobody gets an id again. */
  const idsOf = (stream: string) => seededIds(seed, `${stream} ${boots}`);
  const secrets = begun(
    await startSecretsManager({ file: state.file('secrets'), clock, policy: secretsPolicy(STAGE) }),
  );
  const sqs = begun(await startSqs({ file: state.file('queues'), clock }));
  const exchange = { ...options.simulator, clock, seed };
  const { simulator } = begun(await startSimulatedExchange(exchange, state.file('exchange')));

  const endpoints = { dynamodb: database.endpoint, secretsManager: secrets.endpoint, sqs: sqs.endpoint };
  const operatorEnv = localAwsEnv(endpoints, OPERATOR);
  // A message that failed comes back after the visibility timeout.
  const copies = ensureQueuePair(sqs.queues, {
    name: COPY_QUEUE,
    visibilityTimeoutMs: COPY_HIDDEN_MS,
    maxReceiveCount: COPY_DELIVERIES,
  });
  const checks = ensureQueuePair(sqs.queues, {
    name: CHECK_QUEUE,
    visibilityTimeoutMs: CHECK_HIDDEN_MS,
    maxReceiveCount: CHECK_DELIVERIES,
  });
  const lostTrades = sqs.queues.create(TRADE_DLQ);
  const lostNotices = sqs.queues.create(NOTIFY_DLQ);
  const variables = {
    NIJA_STAGE: STAGE,
    NIJA_TABLE: TABLE,
    NIJA_COPY_QUEUE_URL: `${sqs.endpoint}/${LOCAL_AWS_ACCOUNT}/${COPY_QUEUE}.fifo`,
    NIJA_CHECK_QUEUE_URL: `${sqs.endpoint}/${LOCAL_AWS_ACCOUNT}/${CHECK_QUEUE}.fifo`,
    NIJA_SECRET_READERS: JSON.stringify(SECRET_READERS),
    NIJA_COPY_DEAD_LETTERS_URL: `${sqs.endpoint}/${LOCAL_AWS_ACCOUNT}/${COPY_QUEUE}-dead-letters.fifo`,
    NIJA_CHECK_DEAD_LETTERS_URL: `${sqs.endpoint}/${LOCAL_AWS_ACCOUNT}/${CHECK_QUEUE}-dead-letters.fifo`,
    NIJA_TRADE_DEAD_LETTERS_URL: `${sqs.endpoint}/${LOCAL_AWS_ACCOUNT}/${TRADE_DLQ}`,
    NIJA_EXCHANGE_URL_KRAKEN: simulator.url,
    NIJA_NOTIFY_CHANNELS: JSON.stringify(channels.map(({ channel }) => channel)),
  };
  const write = (line: LogLine): void => {
    log.write(line);
    options.onLine?.(line);
  };
  const functions = new Map<FunctionName, LocalFunction>(
    FUNCTION_NAMES.map((name) => {
      const env = { ...localAwsEnv(endpoints, callerOf(name)), ...variables };
      const handler =
        options.runElsewhere?.(name, env) ??
        HANDLERS[name](localHost({ env, clock, chance: idsOf(name), write }));
      return [name, { name, handler, timeoutMs: FUNCTION_SPECS[name].timeoutMs }];
    }),
  );
  const functionOf = (name: FunctionName): LocalFunction => {
    const found = functions.get(name);
    if (found === undefined) throw new Error(`there is no function of this name (given '${name}')`);
    return found;
  };

  const client = begun(stoppable(new DynamoDBClient(awsClientConfig(operatorEnv, 'DYNAMODB'))));
  const { streamArn } = await ensureTable(client, ledgerTable(TABLE));
  const report: Report = options.report ?? (() => undefined);
  const stream = begun(
    await startStreamSource({
      endpoint: database.endpoint,
      streamArn,
      fn: functionOf('trade-copier'),
      clock,
      rows: positions,
      filters: [TRADE_INSERTS],
      batchSize: 10,
      retry: { maxRetries: 10, maxRecordAgeMs: HOUR },
      onFailure: (record) => {
        lostTrades.send({ body: JSON.stringify(record), sender: 'trade-copier' });
      },
      report,
      writeStamp: database.writeStamp,
    }),
  );
  const queue = begun(
    startQueueSource({
      queue: copies.queue,
      fn: functionOf('copy-worker'),
      maxConcurrency: options.copyConcurrency ?? 8,
      report,
    }),
  );
  const checkQueue = begun(
    startQueueSource({
      queue: checks.queue,
      fn: functionOf('account-check'),
      maxConcurrency: options.checkConcurrency ?? 8,
      report,
    }),
  );
  const vault = begun(operatorVault(operatorEnv, STAGE));
  for (const { channel, address } of channels) await vault.storeAddress(channel.id, address);
  const notices =
    channels.length === 0
      ? []
      : [
          begun(
            await startStreamSource({
              endpoint: database.endpoint,
              streamArn,
              fn: functionOf('notify'),
              clock,
              rows: positions,
              filters: NOTICED_CHANGES,
              batchSize: 100,
              retry: { maxRetries: 10, maxRecordAgeMs: HOUR },
              onFailure: (record) => {
                lostNotices.send({ body: JSON.stringify(record), sender: 'notify' });
              },
              report,
              writeStamp: database.writeStamp,
            }),
          ),
        ];
  const scheduler = new Scheduler();
  begun({ stop: () => scheduler.settle() });

  const documents = begun(stoppable(documentClient(operatorEnv)));
  const ledger = dynamoMasterLedger({ client: documents, table: TABLE, clock, chance: idsOf('operator') });
  return {
    simulator,
    scheduler,
    ledger,
    table: { client: documents, name: TABLE },
    secretsEndpoint: secrets.endpoint,
    functionOf,
    flushLogs: log.flush,
    call: async (name, event) => {
      const result = await invoke(functionOf(name), event);
      return JSON.parse(JSON.stringify(result ?? null));
    },
    storeSecret: vault.store,
    deleteSecret: vault.remove,
    settle: async () => {
      await scheduler.settle();
      await settleAll([stream, queue, checkQueue, ...notices]);
    },
    deadLetters: () =>
      copies.deadLetters.counts().available +
      checks.deadLetters.counts().available +
      lostTrades.counts().available +
      lostNotices.counts().available,
    stop: async () => {
      await stop();
    },
  };
};

const stoppable = <T extends { destroy(): void }>(client: T): T & Stoppable =>
  Object.assign(client, { stop: () => client.destroy() });
