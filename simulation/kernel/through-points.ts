import {
  type HttpRequest,
  type Transport,
  TransportFailure,
} from '../../shared/exchange/kraken/transport.ts';
import type { Call, Port } from './call.ts';
import type { Process } from './process.ts';

/** An SDK client, or what stands for it. */
export interface Sender {
  send(command: object): unknown;
}

/** Of an SDK command: what is called and about what. */
export type Describe = (command: object) => Call;

/**
 * The client as that process reaches it: each `send` is a point. Everything else it has stays as it is.
 */
export const throughPoints = <Client extends Sender>(
  client: Client,
  process: Process,
  describe: Describe,
): Client => {
  const send = (command: object): Promise<unknown> =>
    process.point(describe(command), () => client.send(command));
  return new Proxy(client, {
    get: (target, name) => (name === 'send' ? send : Reflect.get(target, name, target)),
  });
};

/** The transport as that process reaches it: each request is a point, given up after its own time limit. */
export const httpThroughPoints =
  (send: Transport, process: Process): Transport =>
  (request) =>
    process.point(httpCall(request), () => send(request));

const PLACES = /\/(?:AddOrder|CancelOrder)/;

/** The last part of the path names the call; the body carries nonces and ids, no secret. */
const httpCall = ({ url, body, timeoutMs }: HttpRequest): Call => {
  const path = url.slice(url.lastIndexOf('/') + 1);
  const query = path.indexOf('?');
  return {
    port: 'exchange',
    name: query < 0 ? path : path.slice(0, query),
    writes: PLACES.test(url),
    about: () => body ?? (query < 0 ? '' : path.slice(query + 1)),
    timeout: { ms: timeoutMs, error: (what) => new TransportFailure('TIMEOUT', what) },
  };
};

const inputOf = (command: object): Readonly<Record<string, unknown>> => {
  const input: unknown = Reflect.get(command, 'input');
  return isRecord(input) ? input : {};
};

const nameOf = (command: object): string => command.constructor.name.replace(/Command$/, '');

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const STORE_READS = new Set(['Get', 'Query', 'BatchGet', 'Scan', 'TransactGet']);

/**
 * Commands of DynamoDB's document client. A transaction is known by the token that the SDK gives it, so it is
 * repeated without being done again.
 */
export const storeCall: Describe = (command) => {
  const name = nameOf(command);
  const items = inputOf(command)['TransactItems'];
  return {
    port: 'store',
    name,
    writes: !STORE_READS.has(name),
    about: () => keysOf(inputOf(command)).join(', '),
    ...(name === 'TransactWrite' && Array.isArray(items) ? { repeatable: true, items: items.length } : {}),
  };
};

/** The keys that are anywhere in it, as `pk / sk`; of a query the values it looks for. */
const keysOf = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (!isRecord(value)) return [];
  if (typeof value['pk'] === 'string' && typeof value['sk'] === 'string')
    return [`${value['pk']} / ${value['sk']}`];
  if (value['KeyConditionExpression'] !== undefined)
    return [`where ${Object.values(value['ExpressionAttributeValues'] ?? {}).join(', ')}`];
  return Object.values(value).flatMap(keysOf);
};

const READS = /^(?:Get|List|Describe|BatchGet)/;

const serviceCall =
  (port: Port, fields: readonly string[]): Describe =>
  (command) => {
    const name = nameOf(command);
    return {
      port,
      name,
      writes: !READS.test(name),
      about: () => {
        const input = inputOf(command);
        return fields
          .flatMap((field) => (input[field] === undefined ? [] : [String(input[field])]))
          .join(' ');
      },
    };
  };

/** Commands of SQS. */
export const queueCall: Describe = serviceCall('queue', ['QueueUrl', 'MessageGroupId', 'MessageBody']);
/** Commands of Secrets Manager; never their values. */
export const secretsCall: Describe = serviceCall('secrets', ['SecretId', 'Name']);
