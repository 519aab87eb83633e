import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { Host } from '../../functions/host.ts';
import { type FunctionName, SECRET_READERS } from '../../infra/functions/specs.ts';
import { contextOf } from '../../infra/local/aws/lambda.ts';
import { ensureQueuePair } from '../../infra/local/aws/sqs/queue-pair.ts';
import { callerOf, HANDLERS, OPERATOR, secretsPolicy } from '../../infra/local/functions.ts';
import { createKrakenSimulator } from '../../infra/local/kraken/simulator.ts';
import { type LogLine, localHost, seededIds } from '../../infra/local/local-host.ts';
import { roleOf } from '../../shared/account/account.ts';
import type { HttpAnswer, HttpRequest, Transport } from '../../shared/exchange/kraken/transport.ts';
import { dynamoMasterLedger } from '../../shared/ledger/dynamodb/master-ledger.ts';
import { ledgerTable } from '../../shared/ledger/dynamodb/table.ts';
import type { Side } from '../../shared/money/money.ts';
import type { MasterLedger } from '../../shared/strategy/master-ledger.ts';
import { secretName } from '../../shared/vault/vault.ts';
import { memoryDynamoDb } from '../../simulation/aws/dynamodb/memory-dynamodb.ts';
import { memoryQueues } from '../../simulation/aws/queues/memory-queues.ts';
import { memorySecrets } from '../../simulation/aws/secrets/memory-secrets.ts';
import { IN_PROCESS_URL, inProcessTransport } from '../../simulation/exchange/in-process.ts';
import { flatPrices, NOON } from '../local/kraken/exchange.ts';
import { SteppedClock } from '../simulation/stepped-clock.ts';
import { canaryKey, leaksOf, shownOf } from './canary.ts';
import { endpointOf } from './exchange-answers.ts';
import { isOfTheLanguage } from './judgement.ts';

const STAGE = 'test';
export const TABLE = 'ledger';
const INVOCATION_MS = 60_000;
/** Long enough for every rate limit to have forgotten the call before. */
const PAUSE_MS = 120_000;

/** Time passes when somebody sleeps. */
class SleepersClock extends SteppedClock {
  override async sleep(ms: number): Promise<void> {
    this.advance(ms);
  }
}

/** What an invocation did, seen from outside. */
export interface Effects {
  readonly end: { readonly answer: unknown } | { readonly error: unknown };
  /** Whose keys the exchange saw. */
  readonly keysOf: readonly string[];
  /** Partitions of the table that were written. */
  readonly partitions: readonly string[];
  /** Errors that were logged and are a crash, not a refusal. */
  readonly crashes: readonly string[];
  /** Pieces of keys, secrets and signatures in anything that was logged, thrown, answered or stored. */
  readonly leaks: readonly string[];
}

/** What becomes of an answer of the exchange on its way. */
export type Spoil = (endpoint: string, answer: HttpAnswer, request: HttpRequest) => HttpAnswer;

export interface EdgeWorld {
  readonly clock: SteppedClock;
  readonly ledger: MasterLedger;
  /** What the vault holds for an account. */
  storeSecret(accountId: string, text: string): Promise<void>;
  /** From now on. */
  spoilAnswers(how: Spoil): void;
  /** What the exchange finds wrong with its own books. */
  audit(): readonly unknown[];
  /** Of all accounts. */
  ordersAtExchange(): readonly { readonly accountId: string; readonly side: Side }[];
  /** Beside the keys of accounts. */
  mayNotBeSeen(texts: readonly string[]): void;
  /** An account at the exchange, and its key in the vault; not registered yet. */
  openAccount(accountId: string, balances: Readonly<Record<string, string>>): Promise<void>;
  /** A new process of the function and one invocation of it, after a pause. */
  invoke(name: FunctionName, event: unknown): Promise<Effects>;
}

/** Every function over services in this process; each key and secret holds a canary. */
export const openEdgeWorld = (): EdgeWorld => {
  const clock = new SleepersClock(NOON);
  const ids = (stream: string) => seededIds(1, stream);
  const database = memoryDynamoDb({ table: ledgerTable(TABLE), now: () => clock.now() });
  const secrets = memorySecrets({ clock, chance: ids('secrets'), policy: secretsPolicy(STAGE) });
  const sqs = memoryQueues({ clock, chance: ids('queues') });
  for (const name of ['copies', 'checks'])
    ensureQueuePair(sqs.queues, { name, visibilityTimeoutMs: 6 * INVOCATION_MS, maxReceiveCount: 3 });
  const exchange = createKrakenSimulator({ clock, seed: 1, prices: flatPrices });
  const reachExchange = inProcessTransport({ exchange, clock });
  const ownerOf = new Map<string, string>();
  const keyMaterial = new Set<string>();
  let signatures = new Set<string>();
  let keysOf: string[] = [];
  let lines: LogLine[] = [];
  let invocations = 0;
  let spoil: Spoil = (_endpoint, answer) => answer;

  const kraken: Transport = (request) => {
    const { 'API-Key': key, 'API-Sign': signature } = request.headers;
    if (key !== undefined) keysOf.push(ownerOf.get(key) ?? 'a stranger');
    if (signature !== undefined) signatures.add(signature);
    return reachExchange(request).then((answer) => spoil(endpointOf(request.url), answer, request));
  };
  const hostOf = (name: FunctionName): Host => ({
    ...localHost({
      env: {
        NIJA_STAGE: STAGE,
        NIJA_SECRET_READERS: JSON.stringify(SECRET_READERS),
        NIJA_TABLE: TABLE,
        NIJA_EXCHANGE_URL_KRAKEN: IN_PROCESS_URL,
        NIJA_COPY_QUEUE_URL: sqs.urlOf('copies.fifo'),
        NIJA_CHECK_QUEUE_URL: sqs.urlOf('checks.fifo'),
        NIJA_NOTIFY_CHANNELS: JSON.stringify([{ id: 'ops', kind: 'webhook' }]),
      },
      clock,
      chance: ids(name),
      write: (line) => lines.push(line),
    }),
    clients: {
      documents: database.client,
      secrets: secrets.client(callerOf(name)),
      queues: sqs.client(callerOf(name)),
      kraken,
      // Whoever takes notices, takes them all.
      post: async () => ({ status: 204, body: '' }),
    },
  });
  const storeSecret = async (accountId: string, text: string): Promise<void> => {
    await secrets.client(OPERATOR).send(
      new CreateSecretCommand({
        Name: secretName(STAGE, roleOf(accountId), accountId),
        SecretString: text,
      }),
    );
  };

  return {
    clock,
    ledger: dynamoMasterLedger({ client: database.client, table: TABLE, clock, chance: ids('test') }),
    storeSecret,

    spoilAnswers: (how: Spoil): void => {
      spoil = how;
    },

    audit: () => exchange.books.audit(),
    ordersAtExchange: () => exchange.books.orders(),

    mayNotBeSeen: (texts: readonly string[]): void => {
      for (const text of texts) keyMaterial.add(text);
    },

    openAccount: async (accountId: string, balances: Readonly<Record<string, string>>): Promise<void> => {
      exchange.createAccount({ accountId, balances });
      const key = exchange.addKey({ accountId, tier: 'pro', ...canaryKey(accountId) });
      ownerOf.set(key.apiKey, accountId);
      keyMaterial.add(key.apiKey).add(key.apiSecret);
      await storeSecret(accountId, JSON.stringify({ accountId, exchange: 'kraken', ...key }));
    },

    invoke: async (name: FunctionName, event: unknown): Promise<Effects> => {
      clock.advance(PAUSE_MS);
      invocations += 1;
      keysOf = [];
      lines = [];
      signatures = new Set();
      const before = database.stream.last;
      const deadline = clock.now() + INVOCATION_MS;
      const context = contextOf(name, `request-${invocations}`, () => Math.max(0, deadline - clock.now()));
      const end = await HANDLERS[name](hostOf(name))(event, context).then(
        (answer: unknown) => ({ answer }),
        (error: unknown) => ({ error }),
      );
      const changes = database.stream.changesSince(before);
      const shown = [JSON.stringify(lines), shownOf(end), shownOf(changes)].join('\n');
      return {
        end,
        crashes: lines
          .filter(({ fields }) => isOfTheLanguage(fields['error']))
          .map(({ fields }) => shownOf(fields)),
        keysOf: [...new Set(keysOf)],
        partitions: [...new Set(changes.map(({ pk }) => pk))],
        leaks: leaksOf(shown, [...keyMaterial, ...signatures]),
      };
    },
  };
};
