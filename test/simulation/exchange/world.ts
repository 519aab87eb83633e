import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import type { Host } from '../../../functions/host.ts';
import type { FunctionHandler } from '../../../functions/middleware.ts';
import type { FunctionName } from '../../../infra/functions/specs.ts';
import { contextOf } from '../../../infra/local/aws/lambda.ts';
import { ensureQueuePair } from '../../../infra/local/aws/sqs/queue-pair.ts';
import { callerOf, OPERATOR, secretsPolicy } from '../../../infra/local/functions.ts';
import { createKrakenSimulator } from '../../../infra/local/kraken/simulator.ts';
import { type LogLine, localHost, seededIds } from '../../../infra/local/local-host.ts';
import { roleOf } from '../../../shared/account/account.ts';
import { dynamoMasterLedger } from '../../../shared/ledger/dynamodb/master-ledger.ts';
import { ledgerTable } from '../../../shared/ledger/dynamodb/table.ts';
import { secretName } from '../../../shared/vault/vault.ts';
import { memoryDynamoDb } from '../../../simulation/aws/dynamodb/memory-dynamodb.ts';
import { memoryQueues } from '../../../simulation/aws/queues/memory-queues.ts';
import { memorySecrets } from '../../../simulation/aws/secrets/memory-secrets.ts';
import { IN_PROCESS_URL, inProcessTransport } from '../../../simulation/exchange/in-process.ts';
import { flatPrices, NOON } from '../../local/kraken/exchange.ts';
import { SteppedClock } from '../stepped-clock.ts';

const STAGE = 'test';
const TABLE = 'ledger';
const INVOCATION_MS = 60_000;

/** Time passes when somebody sleeps, for everybody: enough for one process at a time. */
class SleepersClock extends SteppedClock {
  override async sleep(ms: number): Promise<void> {
    this.advance(ms);
  }
}

/** All that functions need, in this process: table, queue, vault and exchange. */
export const openWorld = (seed: number) => {
  const clock = new SleepersClock(NOON);
  const ids = (stream: string) => seededIds(seed, stream);
  const database = memoryDynamoDb({ table: ledgerTable(TABLE), now: () => clock.now() });
  const secrets = memorySecrets({ clock, chance: ids('secrets'), policy: secretsPolicy(STAGE) });
  const sqs = memoryQueues({ clock, chance: ids('queues') });
  for (const name of ['copies', 'checks'])
    ensureQueuePair(sqs.queues, { name, visibilityTimeoutMs: 6 * INVOCATION_MS, maxReceiveCount: 3 });
  const simulator = createKrakenSimulator({ clock, seed, prices: flatPrices });
  const lines: LogLine[] = [];
  let invocations = 0;

  const hostOf = (name: FunctionName): Host => ({
    ...localHost({
      env: {
        NIJA_STAGE: STAGE,
        NIJA_TABLE: TABLE,
        NIJA_EXCHANGE_URL_KRAKEN: IN_PROCESS_URL,
        NIJA_COPY_QUEUE_URL: sqs.urlOf('copies.fifo'),
        NIJA_CHECK_QUEUE_URL: sqs.urlOf('checks.fifo'),
      },
      clock,
      chance: ids(name),
      write: (line) => lines.push(line),
    }),
    clients: {
      documents: database.client,
      secrets: secrets.client(callerOf(name)),
      queues: sqs.client(callerOf(name)),
      kraken: inProcessTransport({ exchange: simulator, clock }),
    },
  });
  const ledger = dynamoMasterLedger({ client: database.client, table: TABLE, clock, chance: ids('test') });

  return {
    clock,
    simulator,
    ledger,
    lines,
    database,

    /** A new process of the function, and one invocation of it. */
    invoke: async <Result>(
      name: FunctionName,
      create: (host: Host) => FunctionHandler<Result>,
      event: unknown,
    ): Promise<Result> => {
      invocations += 1;
      const deadline = clock.now() + INVOCATION_MS;
      const context = contextOf(name, `request-${invocations}`, () => Math.max(0, deadline - clock.now()));
      return await create(hostOf(name))(event, context);
    },

    /** An account at the exchange and the secret of its key; not registered yet. */
    openAccount: async (accountId: string, balances: Readonly<Record<string, string>>): Promise<void> => {
      simulator.createAccount({ accountId, balances });
      const key = simulator.addKey({ accountId, tier: 'pro' });
      await secrets.client(OPERATOR).send(
        new CreateSecretCommand({
          Name: secretName(STAGE, roleOf(accountId), accountId),
          SecretString: JSON.stringify({ accountId, exchange: 'kraken', ...key }),
        }),
      );
    },

    /** What waits in a queue, as Lambda delivers it. */
    received: async (queueName: string): Promise<SQSEvent> => {
      const QueueUrl = sqs.urlOf(queueName);
      const answer = await sqs
        .client('lambda')
        .send(new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['All'] }));
      return {
        Records: (answer.Messages ?? []).map((message) => ({
          messageId: message.MessageId ?? '',
          receiptHandle: message.ReceiptHandle ?? '',
          body: message.Body ?? '',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: '',
            SenderId: '',
            ApproximateFirstReceiveTimestamp: '',
            MessageGroupId: message.Attributes?.MessageGroupId ?? '',
          },
          messageAttributes: {},
          md5OfBody: message.MD5OfBody ?? '',
          eventSource: 'aws:sqs',
          eventSourceARN: sqs.queues.get(queueName).settings.arn,
          awsRegion: 'us-east-1',
        })),
      };
    },
  };
};
