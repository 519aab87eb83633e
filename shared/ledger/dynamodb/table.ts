import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/**
 * The ledger's one table. Partition keys: an account's id (`u-…`, `m-…`), `key#<fingerprint>`,
 * `status#<masterId>`, `control`, `market#<exchange>`.
 */
export const LEDGER_KEYS = { partitionKey: 'pk', sortKey: 'sk' } as const;

/** Keys only: what is found is read by its key, consistently. */
export const LEDGER_GLOBAL_INDEXES = [
  /** Followers of a master, by the time since when. */
  { name: 'gsi1', partitionKey: 'gsi1pk', sortKey: 'gsi1sk' },
  /** Accounts by role, and unfinished work; both sharded. */
  { name: 'gsi2', partitionKey: 'gsi2pk', sortKey: 'gsi2sk' },
] as const;

/** Whole items; a local index, because orders in doubt and owed sales decide about money and are read consistently. */
export const LEDGER_LOCAL_INDEXES = [
  /** An account's unfinished orders, copies and exits; a user's fills and a master's trades, by their time. */
  { name: 'lsi1', sortKey: 'lsi1sk' },
] as const;

/** Seconds since 1970 after which the table forgets an item by itself. Most items have none. */
export const LEDGER_EXPIRY = 'expiresAt';

export const LEDGER_STREAM_VIEW = 'NEW_AND_OLD_IMAGES';

const texts = (...names: readonly string[]) =>
  names.map((name) => ({ AttributeName: name, AttributeType: 'S' as const }));

const schema = (partitionKey: string, sortKey: string) => [
  { AttributeName: partitionKey, KeyType: 'HASH' as const },
  { AttributeName: sortKey, KeyType: 'RANGE' as const },
];

/** How the table is created where there is no CDK. */
export const ledgerTable = (name: string): CreateTableCommandInput => ({
  TableName: name,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: texts(
    LEDGER_KEYS.partitionKey,
    LEDGER_KEYS.sortKey,
    ...LEDGER_GLOBAL_INDEXES.flatMap((index) => [index.partitionKey, index.sortKey]),
    ...LEDGER_LOCAL_INDEXES.map((index) => index.sortKey),
  ),
  KeySchema: schema(LEDGER_KEYS.partitionKey, LEDGER_KEYS.sortKey),
  GlobalSecondaryIndexes: LEDGER_GLOBAL_INDEXES.map((index) => ({
    IndexName: index.name,
    KeySchema: schema(index.partitionKey, index.sortKey),
    Projection: { ProjectionType: 'KEYS_ONLY' },
  })),
  LocalSecondaryIndexes: LEDGER_LOCAL_INDEXES.map((index) => ({
    IndexName: index.name,
    KeySchema: schema(LEDGER_KEYS.partitionKey, index.sortKey),
    Projection: { ProjectionType: 'ALL' },
  })),
  StreamSpecification: { StreamEnabled: true, StreamViewType: LEDGER_STREAM_VIEW },
});
