import type { HostClients } from '../../functions/host.ts';
import {
  CHECK_DELIVERIES,
  CHECK_HIDDEN_MS,
  COPY_DELIVERIES,
  COPY_HIDDEN_MS,
  type FunctionName,
} from '../../infra/functions/specs.ts';
import type { Queue } from '../../infra/local/aws/sqs/queue.ts';
import { ensureQueuePair } from '../../infra/local/aws/sqs/queue-pair.ts';
import { callerOf, OPERATOR, secretsPolicy } from '../../infra/local/functions.ts';
import type { KrakenSimulator } from '../../infra/local/kraken/simulator.ts';
import type { LedgerClient } from '../../shared/ledger/dynamodb/document-client.ts';
import { ledgerTable } from '../../shared/ledger/dynamodb/table.ts';
import type { Ids } from '../../shared/time/jitter.ts';
import { type MemoryDynamoDb, memoryDynamoDb } from '../aws/dynamodb/memory-dynamodb.ts';
import { memoryQueues } from '../aws/queues/memory-queues.ts';
import { type MemorySecretsClient, memorySecrets } from '../aws/secrets/memory-secrets.ts';
import { IN_PROCESS_URL, inProcessTransport } from '../exchange/in-process.ts';
import { withPartialBatches } from '../kernel/partial-batches.ts';
import type { Process } from '../kernel/process.ts';
import type { Sim } from '../kernel/sim.ts';
import {
  httpThroughPoints,
  queueCall,
  secretsCall,
  storeCall,
  throughPoints,
} from '../kernel/through-points.ts';
import type { Sightings } from './sightings.ts';
import { withUnreadableSwitches } from './unreadable-switches.ts';
import { through, watchedQueues, watchedSecrets, watchedStore, watchedTransport } from './watched-clients.ts';

export const STAGE = 'simulated';
export const TABLE = 'nija-simulated-ledger';

/** How often a service does only a part of a batch. */
const PARTIAL_BATCHES = 0.01;
/** Global indexes are a little behind, and now and then by more. */
const INDEX_LAG_MS = { from: 0, to: 300 };
const INDEX_LAG_BAD_MS = { from: 300, to: 5_000 };
const INDEX_LAG_BAD = 0.01;
/** To some processes the table gives small pages, so that a list has more than one. */
const SMALL_PAGES = 0.05;
const SMALL_PAGE_ITEMS = { from: 1, to: 5 };
const WHOLE_PAGE_ITEMS = 10_000;

/** How often a read that the switches are part of is refused: everybody reads the same item before each BUY. */
const UNREADABLE_SWITCHES = 0.02;

/** What functions run on: table, vault, queues, as their clients see them. */
export interface Platform {
  readonly database: MemoryDynamoDb;
  readonly copies: Pair;
  readonly checks: Pair;
  readonly lostTrades: Queue;
  readonly env: Readonly<Record<string, string>>;
  /** The operator's own. */
  readonly vault: MemorySecretsClient;
  clientsOf(process: Process, fn: FunctionName): HostClients;
}

interface Pair {
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

export const makePlatform = (sim: Sim, exchange: KrakenSimulator, sightings: Sightings): Platform => {
  /** To whom the table gives small pages right now. */
  let smallFor: Process | undefined;
  const database = memoryDynamoDb({
    table: ledgerTable(TABLE),
    now: () => sim.now(),
    indexLagMs: () =>
      sim.deviates('index', 'far behind', INDEX_LAG_BAD)
        ? sim.between('index far behind', INDEX_LAG_BAD_MS)
        : sim.between('index lag', INDEX_LAG_MS),
    pageItems: () =>
      smallFor === undefined ? WHOLE_PAGE_ITEMS : sim.between(`${smallFor.id} page size`, SMALL_PAGE_ITEMS),
  });
  const calledBy = (process: Process): LedgerClient => {
    if (!sim.deviates(`${process.id} pages`, 'small', SMALL_PAGES)) return database.client;
    return through(database.client, (command, send) => {
      smallFor = process;
      const answer = send(command);
      smallFor = undefined;
      return answer;
    });
  };
  const secrets = memorySecrets({
    clock: sim.clock,
    chance: idsOf(sim, 'secrets'),
    policy: secretsPolicy(STAGE),
  });
  const sqs = memoryQueues({ clock: sim.clock, chance: idsOf(sim, 'queues') });
  const copies = ensureQueuePair(sqs.queues, {
    name: 'nija-simulated-copies',
    visibilityTimeoutMs: COPY_HIDDEN_MS,
    maxReceiveCount: COPY_DELIVERIES,
  });
  const checks = ensureQueuePair(sqs.queues, {
    name: 'nija-simulated-checks',
    visibilityTimeoutMs: CHECK_HIDDEN_MS,
    maxReceiveCount: CHECK_DELIVERIES,
  });
  const lostTrades = sqs.queues.create('nija-simulated-trades-dead-letters');
  const transport = inProcessTransport({ exchange, clock: sim.clock });
  return {
    database,
    copies,
    checks,
    lostTrades,
    vault: secrets.client(OPERATOR),
    env: {
      AWS_REGION: 'us-east-1',
      NIJA_STAGE: STAGE,
      NIJA_TABLE: TABLE,
      NIJA_COPY_QUEUE_URL: sqs.urlOf(copies.queue.settings.name),
      NIJA_CHECK_QUEUE_URL: sqs.urlOf(checks.queue.settings.name),
      NIJA_EXCHANGE_URL_KRAKEN: IN_PROCESS_URL,
    },
    clientsOf: (process, fn) => {
      const partial = (port: string) => (what: string) =>
        sim.deviates(`${process.id} ${port}`, what, PARTIAL_BATCHES);
      const store = watchedStore(calledBy(process), process, fn, sightings);
      const vault = watchedSecrets(secrets.client(callerOf(fn)), process, sightings);
      const readable = withUnreadableSwitches(store, () =>
        sim.deviates(`${process.id} switches`, 'unreadable', UNREADABLE_SWITCHES),
      );
      const sender = watchedQueues(sqs.client(callerOf(fn)), process, sightings);
      const queues = withPartialBatches(sender, partial('queue'));
      return {
        documents: throughPoints(withPartialBatches(readable, partial('store')), process, storeCall),
        secrets: throughPoints(vault, process, secretsCall),
        queues: throughPoints(queues, process, queueCall),
        kraken: watchedTransport(
          httpThroughPoints(watchedTransport(transport, 'request', process, sightings), process),
          'sent',
          process,
          sightings,
        ),
      };
    },
  };
};

/** Ids that depend on the seed, the name, and how many were asked for. */
export const idsOf = (sim: Sim, name: string): Ids => {
  const random = sim.random.split(`ids of ${name}`);
  return { id: () => random.uuid() };
};
