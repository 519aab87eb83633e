import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { FunctionName } from '../../infra/functions/specs.ts';
import type { Transport } from '../../shared/exchange/kraken/transport.ts';
import type { LedgerClient } from '../../shared/ledger/dynamodb/document-client.ts';
import type { MemorySqsClient } from '../aws/queues/memory-queues.ts';
import type { MemorySecretsClient } from '../aws/secrets/memory-secrets.ts';
import type { Process } from '../kernel/process.ts';
import type { Sender } from '../kernel/through-points.ts';
import { mayAccess } from './access-rules.ts';
import { accessesOf } from './item-access.ts';
import type { Sightings } from './sightings.ts';

/**
 * The table as the role of a function may use it: what it may not, is refused as DynamoDB does. What it does is
 * told at the moment when the table acts.
 */
export const watchedStore = (
  client: LedgerClient,
  process: Process,
  fn: FunctionName,
  sightings: Sightings,
): LedgerClient =>
  watched(client, (command) => {
    for (const access of accessesOf(command)) {
      const { pk, sk, write } = access;
      if (!mayAccess(fn, access)) {
        sightings.tell({ kind: 'denied', process: process.id, pk, action: access.action });
        throw denied(fn, `dynamodb:${access.action} of ${pk}`);
      }
      sightings.tell({ kind: 'item', process: process.id, pk, sk, write });
    }
  });

/** The vault enforces its own policy. */
export const watchedSecrets = (
  client: MemorySecretsClient,
  process: Process,
  sightings: Sightings,
): MemorySecretsClient =>
  watched(client, (command) => {
    const input: unknown = Reflect.get(command, 'input');
    const secretId = typeof input === 'object' && input !== null ? Reflect.get(input, 'SecretId') : undefined;
    sightings.tell({ kind: 'secret', process: process.id, secretId: String(secretId) });
  });

/** What is sent is told whether or not it ever comes to anybody. */
export const watchedQueues = (
  client: MemorySqsClient,
  process: Process,
  sightings: Sightings,
): MemorySqsClient =>
  watched(client, (command) => {
    if (command instanceof SendMessageBatchCommand)
      for (const { MessageBody = '' } of command.input.Entries ?? [])
        sightings.tell({ kind: 'message', process: process.id, body: MessageBody });
  });

export const watchedTransport =
  (transport: Transport, kind: 'sent' | 'request', process: Process, sightings: Sightings): Transport =>
  (request) => {
    const apiKey = request.headers['API-Key'];
    if (apiKey !== undefined) {
      const endpoint = request.url.slice(request.url.lastIndexOf('/') + 1);
      sightings.tell({ kind, process: process.id, apiKey, endpoint });
    }
    return transport(request);
  };

const watched = <Client extends Sender>(client: Client, before: (command: object) => void): Client =>
  through(client, async (command, send) => {
    before(command);
    return await send(command);
  });

/** The client with another `send`, which is given its own. */
export const through = <Client extends Sender>(
  client: Client,
  changed: (command: object, send: (command: object) => unknown) => unknown,
): Client => {
  const send = (command: object): unknown => changed(command, (same) => client.send(same));
  return new Proxy(client, {
    get: (target, name) => (name === 'send' ? send : Reflect.get(target, name, target)),
  });
};

const denied = (fn: FunctionName, what: string): Error =>
  new DynamoDBServiceException({
    name: 'AccessDeniedException',
    message: `the role of ${fn} is not authorized to perform: ${what}`,
    $fault: 'client',
    $metadata: { httpStatusCode: 400, attempts: 1 },
  });
