import { expect, test } from 'vitest';
import { FUNCTION_NAMES } from '../../../infra/functions/specs.ts';
import { deployed } from './deployed.ts';
import { expected, lettersAllowed, measured, readTable } from './table.ts';

const STAGE = 'dev';
const { roles, named, tableArn, queueArn, secretArn } = deployed(STAGE);

const ITEM_ACTIONS = {
  G: 'GetItem',
  B: 'BatchGetItem',
  Q: 'Query',
  C: 'ConditionCheckItem',
  P: 'PutItem',
  U: 'UpdateItem',
  D: 'DeleteItem',
} as const;

/** By the letters above: what each function may do with the items of a partition. */
const ITEMS = readTable(`
  function         u-1     m-1      key#x  status#m-1  control  market#kraken     runaway  rate#1#0  notice#ops
  master-tick      .       GBQCPUD  G      P           G        QP                GP       BU        .
  register-master  .       GPU      GPD    .           .        QP                .        .         .
  trade-copier     BP      .        .      .           .        .                 .        .         .
  copy-worker      GBQCPU  .        G      GB          GB       QP                GBP      BU        .
  register-user    GPU     .        GPD    .           .        QP                .        .         .
  balance          GPU     .        G      G           .        QP                .        .         .
  exit             GBQCPU  .        G      .           .        QP                .        .         .
  adopt            GBQCPU  .        G      .           .        QP                .        .         .
  control          GQCU    .        .      .           GQCP     .                 GP       .         .
  check-dispatcher .       .        .      .           .        .                 .        .         .
  account-check    GBQCPU  .        G      GB          GB       QP                GBP      BU        .
  view             BQ      BQ       G      G           GQ       .                 G        .         .
  dashboard        BQ      BQ       G      G           GQ       .                 G        .         .
  statement        GQ      GQ       .      .           .        .                 .        .         .
  notify           .       .        .      .           .        .                 .        .         GBQP
`);

/** Q: may query the index for that key of it. */
const INDEXES = readTable(`
  function         gsi1/followers#m-1  gsi2/accounts#user#0  gsi2/accounts#master#0  gsi2/unfinished#copy#0  lsi1/u-1  lsi1/m-1
  master-tick      .                   .                     .                       .                       .         Q
  register-master  .                   .                     .                       .                       .         .
  trade-copier     Q                   .                     .                       .                       .         Q
  copy-worker      .                   .                     .                       .                       Q         .
  register-user    .                   .                     .                       .                       .         .
  balance          .                   .                     .                       .                       .         .
  exit             .                   .                     .                       .                       Q         .
  adopt            .                   .                     .                       .                       Q         .
  control          .                   .                     .                       .                       .         .
  check-dispatcher .                   Q                     .                       .                       .         .
  account-check    .                   .                     .                       .                       Q         .
  view             Q                   Q                     Q                       .                       Q         Q
  dashboard        Q                   Q                     Q                       .                       Q         Q
  statement        .                   .                     .                       .                       .         .
  notify           .                   .                     .                       .                       .         .
`);

/** V: GetSecretValue. */
const SECRETS = readTable(`
  function         nija/dev/master/m-1  nija/dev/user/u-1  nija/prod/master/m-1  nija/prod/user/u-1  other/secret  nija/dev/notify/ops  nija/prod/notify/ops
  master-tick      V                    .                  .                     .                   .             .                    .
  register-master  V                    .                  .                     .                   .             .                    .
  trade-copier     .                    .                  .                     .                   .             .                    .
  copy-worker      .                    V                  .                     .                   .             .                    .
  register-user    .                    V                  .                     .                   .             .                    .
  balance          .                    V                  .                     .                   .             .                    .
  exit             .                    V                  .                     .                   .             .                    .
  adopt            .                    V                  .                     .                   .             .                    .
  control          .                    .                  .                     .                   .             .                    .
  check-dispatcher .                    .                  .                     .                   .             .                    .
  account-check    .                    V                  .                     .                   .             .                    .
  view             .                    .                  .                     .                   .             .                    .
  dashboard        .                    .                  .                     .                   .             .                    .
  statement        .                    .                  .                     .                   .             .                    .
  notify           .                    .                  .                     .                   .             V                    .
`);

const QUEUE_ACTIONS = { S: 'SendMessage', R: 'ReceiveMessage', D: 'DeleteMessage', X: 'PurgeQueue' } as const;

/** The dead letters of the copier and of notify are sent by their event sources, with their roles. */
const QUEUES = readTable(`
  function         nija-dev-copies.fifo  nija-dev-copies-dead-letters.fifo  nija-dev-trades-dead-letters  nija-dev-schedules-dead-letters  nija-dev-checks.fifo  nija-dev-checks-dead-letters.fifo  nija-dev-notify-dead-letters
  master-tick      .                     .                                  .                             .                                .                     .                                  .
  register-master  .                     .                                  .                             .                                .                     .                                  .
  trade-copier     S                     .                                  S                             .                                .                     .                                  .
  copy-worker      RD                    .                                  .                             .                                .                     .                                  .
  register-user    .                     .                                  .                             .                                .                     .                                  .
  balance          .                     .                                  .                             .                                .                     .                                  .
  exit             .                     .                                  .                             .                                .                     .                                  .
  adopt            .                     .                                  .                             .                                .                     .                                  .
  control          .                     .                                  .                             .                                .                     .                                  .
  check-dispatcher .                     .                                  .                             .                                S                     .                                  .
  account-check    .                     .                                  .                             .                                RD                    .                                  .
  view             .                     .                                  .                             .                                .                     .                                  .
  dashboard        .                     .                                  .                             .                                .                     .                                  .
  statement        .                     .                                  .                             .                                .                     .                                  .
  notify           .                     .                                  .                             .                                .                     .                                  S
`);

const columnsOf = (table: typeof ITEMS): readonly string[] => [...(table.get('balance')?.keys() ?? [])];
const ITEM_KEYS = columnsOf(ITEMS);
const INDEX_KEYS = columnsOf(INDEXES).map((column) => column.slice(column.indexOf('/') + 1));
const EVERY_KEY = [...new Set([...ITEM_KEYS, ...INDEX_KEYS, 'x-1'])];
const INDEX_NAMES = ['gsi1', 'gsi2', 'lsi1'] as const;

test('the tables are about all functions, and the stacks have no others', () => {
  const names = [...FUNCTION_NAMES].sort();

  for (const table of [ITEMS, INDEXES, SECRETS, QUEUES]) expect([...table.keys()].sort()).toEqual(names);
  expect([...roles.functions].sort()).toEqual(names.map((name) => named(name)));
});

test.each(
  FUNCTION_NAMES,
)('%s does with the items of each partition what its line says, and no more', async (name) => {
  const found = await measured(EVERY_KEY, (key) =>
    lettersAllowed(ITEM_ACTIONS, (action) =>
      roles.allowed(named(name), { action: `dynamodb:${action}`, resource: tableArn, leadingKeys: [key] }),
    ),
  );

  expect(found).toEqual(expected(ITEMS, name, EVERY_KEY, ITEM_ACTIONS));
});

test.each(FUNCTION_NAMES)('%s reads a batch if and only if it may read each of its keys so', async (name) => {
  const pairs = EVERY_KEY.flatMap((one) => EVERY_KEY.map((other) => [one, other] as const));
  const readable = (key: string): boolean => (ITEMS.get(name)?.get(key) ?? '').includes('B');

  const found = await Promise.all(
    pairs.map((leadingKeys) =>
      roles.allowed(named(name), { action: 'dynamodb:BatchGetItem', resource: tableArn, leadingKeys }),
    ),
  );

  expect(found).toEqual(pairs.map((pair) => pair.every(readable)));
});

test.each(FUNCTION_NAMES)('%s may do nothing to the table that names no partition', async (name) => {
  const found = await lettersAllowed(ITEM_ACTIONS, (action) =>
    roles.allowed(named(name), { action: `dynamodb:${action}`, resource: tableArn }),
  );

  expect(found).toBe('');
});

test.each(FUNCTION_NAMES)('%s queries an index for the keys of its line, and for no others', async (name) => {
  const places = INDEX_NAMES.flatMap((index) => EVERY_KEY.map((key) => `${index}/${key}`));

  const found = await measured(places, async (place) => {
    const [index, key = ''] = place.split('/');
    return await lettersAllowed({ Q: 'Query' }, (action) =>
      roles.allowed(named(name), {
        action: `dynamodb:${action}`,
        resource: `${tableArn}/index/${index}`,
        leadingKeys: [key],
      }),
    );
  });

  expect(found).toEqual(expected(INDEXES, name, places, { Q: 'Query' }));
});

test.each(
  FUNCTION_NAMES,
)('%s neither scans the table, nor speaks PartiQL to it, nor changes what it is', async (name) => {
  const onTable = [
    'Scan',
    'PartiQLSelect',
    'PartiQLInsert',
    'PartiQLUpdate',
    'PartiQLDelete',
    'BatchWriteItem',
    'DeleteTable',
    'UpdateTable',
    'UpdateTimeToLive',
    'PutResourcePolicy',
    'ExportTableToPointInTime',
  ];
  const asked = [
    ...onTable.map((action) => ({ action, resource: tableArn })),
    ...INDEX_NAMES.flatMap((index) =>
      ['Scan', 'PartiQLSelect'].map((action) => ({ action, resource: `${tableArn}/index/${index}` })),
    ),
  ];

  const allowed = await Promise.all(
    asked.map(({ action, resource }) =>
      roles.allowed(named(name), { action: `dynamodb:${action}`, resource }),
    ),
  );

  expect(asked.filter((_, at) => allowed[at])).toEqual([]);
});

test.each(FUNCTION_NAMES)('%s reads the secrets of its line, and no others', async (name) => {
  const columns = columnsOf(SECRETS);

  const found = await measured(columns, (secret) =>
    lettersAllowed({ V: 'GetSecretValue' }, (action) =>
      roles.allowed(named(name), { action: `secretsmanager:${action}`, resource: secretArn(secret) }),
    ),
  );

  expect(found).toEqual(expected(SECRETS, name, columns, { V: 'GetSecretValue' }));
});

test.each(FUNCTION_NAMES)('%s neither writes, describes, deletes nor lists secrets', async (name) => {
  const onSecret = ['PutSecretValue', 'UpdateSecret', 'DescribeSecret', 'DeleteSecret', 'CreateSecret'];
  const asked = [
    ...columnsOf(SECRETS).flatMap((secret) =>
      onSecret.map((action) => ({ action, resource: secretArn(secret) })),
    ),
    { action: 'ListSecrets', resource: '*' },
  ];

  const allowed = await Promise.all(
    asked.map(({ action, resource }) =>
      roles.allowed(named(name), { action: `secretsmanager:${action}`, resource }),
    ),
  );

  expect(asked.filter((_, at) => allowed[at])).toEqual([]);
});

test.each(
  FUNCTION_NAMES,
)('%s sends to and receives from the queues of its line, and no others', async (name) => {
  const columns = columnsOf(QUEUES);

  const found = await measured(columns, (queue) =>
    lettersAllowed(QUEUE_ACTIONS, (action) =>
      roles.allowed(named(name), { action: `sqs:${action}`, resource: queueArn(queue) }),
    ),
  );

  expect(found).toEqual(expected(QUEUES, name, columns, QUEUE_ACTIONS));
});
