import * as z from 'zod';
import {
  LEDGER_GLOBAL_INDEXES,
  LEDGER_KEYS,
  LEDGER_LOCAL_INDEXES,
} from '../../../shared/ledger/dynamodb/table.ts';

/** What AWS authorises of a request: one or, for a transaction, one for each kind of item in it. */
export interface Asked {
  readonly action: string;
  readonly on: AskedResource;
  /** The partition keys it names, each once; absent where the request names none. */
  readonly leadingKeys?: readonly string[];
}

export type AskedResource =
  | { readonly kind: 'table'; readonly name: string; readonly index?: string }
  | { readonly kind: 'secret'; readonly name: string }
  | { readonly kind: 'queue'; readonly name: string }
  | { readonly kind: 'all' };

const zText = z.object({ S: z.string() });
const zAttributes = z.record(z.string(), z.unknown());
const zItemWrite = z.looseObject({
  TableName: z.string(),
  Item: zAttributes.optional(),
  Key: zAttributes.optional(),
});
const zQuery = z.looseObject({
  TableName: z.string(),
  IndexName: z.string().optional(),
  KeyConditionExpression: z.string(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).default({}),
  ExpressionAttributeValues: z.record(z.string(), z.unknown()),
});
const zBatchGet = z.looseObject({
  RequestItems: z.record(z.string(), z.looseObject({ Keys: z.array(zAttributes) })),
});
const zTransaction = z.looseObject({ TransactItems: z.array(z.record(z.string(), zItemWrite)) });

/** @param target of the header `x-amz-target`: `DynamoDB_20120810.GetItem` */
export const askedBy = (target: string, body: unknown): readonly Asked[] => {
  const [service = '', operation = ''] = target.split('.');
  switch (service) {
    case 'DynamoDB_20120810':
      return ofDynamoDb(operation, body);
    case 'secretsmanager':
      return [{ action: `secretsmanager:${operation}`, on: secretOf(body) }];
    case 'AmazonSQS':
      return [{ action: `sqs:${operation.replace(/Batch$/, '')}`, on: queueOf(body) }];
    default:
      throw new Error(`it is not known what AWS authorises here (given '${target}')`);
  }
};

const ofDynamoDb = (operation: string, body: unknown): readonly Asked[] => {
  switch (operation) {
    case 'GetItem':
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem': {
      const item = zItemWrite.parse(body);
      return [onItems(operation, item.TableName, [item])];
    }
    case 'BatchGetItem':
      return Object.entries(zBatchGet.parse(body).RequestItems).map(([table, { Keys }]) =>
        onItems(
          operation,
          table,
          Keys.map((Key) => ({ Key })),
        ),
      );
    case 'TransactWriteItems':
      return ofTransaction(zTransaction.parse(body).TransactItems);
    case 'Query':
      return [ofQuery(zQuery.parse(body))];
    default: {
      const { TableName } = z.looseObject({ TableName: z.string().optional() }).parse(body);
      const on: AskedResource =
        TableName === undefined ? { kind: 'all' } : { kind: 'table', name: TableName };
      return [{ action: `dynamodb:${operation}`, on }];
    }
  }
};

interface Keyed {
  readonly Item?: Readonly<Record<string, unknown>> | undefined;
  readonly Key?: Readonly<Record<string, unknown>> | undefined;
}

const onItems = (action: string, table: string, items: readonly Keyed[]): Asked => ({
  action: `dynamodb:${action}`,
  on: { kind: 'table', name: table },
  leadingKeys: [
    ...new Set(items.map(({ Item, Key }) => zText.parse((Key ?? Item)?.[LEDGER_KEYS.partitionKey]).S)),
  ],
});

const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

/** All items of one kind at once: what allows their keys together allows each alone, too. */
const ofTransaction = (
  items: readonly Readonly<Record<string, z.infer<typeof zItemWrite>>>[],
): readonly Asked[] => {
  const groups = new Map<string, { action: string; table: string; items: Keyed[] }>();
  for (const [kind, item] of items.flatMap((entry) => Object.entries(entry))) {
    const action = TRANSACTION_ACTIONS[kind];
    if (action === undefined)
      throw new Error(`a transaction has an item of a kind that is not known (given '${kind}')`);
    const id = `${action} ${item.TableName}`;
    const group = groups.get(id) ?? { action, table: item.TableName, items: [] };
    group.items.push(item);
    groups.set(id, group);
  }
  return [...groups.values()].map((group) => onItems(group.action, group.table, group.items));
};

const ofQuery = (query: z.infer<typeof zQuery>): Asked => {
  const { IndexName: index, KeyConditionExpression: expression } = query;
  const attribute = partitionKeyOf(index);
  const equalities = [...expression.matchAll(/([#\w]+)\s*=\s*(:\w+)/g)].map(([, name = '', value = '']) => ({
    name: query.ExpressionAttributeNames[name] ?? name,
    value: query.ExpressionAttributeValues[value],
  }));
  const found = equalities.find(({ name }) => name === attribute);
  if (found === undefined)
    throw new Error(`a query does not say which ${attribute} it is about (given '${expression}')`);
  return {
    action: 'dynamodb:Query',
    on: { kind: 'table', name: query.TableName, ...(index === undefined ? {} : { index }) },
    leadingKeys: [zText.parse(found.value).S],
  };
};

const partitionKeyOf = (index: string | undefined): string => {
  if (index === undefined || LEDGER_LOCAL_INDEXES.some(({ name }) => name === index))
    return LEDGER_KEYS.partitionKey;
  const found = LEDGER_GLOBAL_INDEXES.find(({ name }) => name === index);
  if (found === undefined) throw new Error(`the ledger has no such index (given '${index}')`);
  return found.partitionKey;
};

const secretOf = (body: unknown): AskedResource => {
  const { SecretId, Name } = z
    .looseObject({ SecretId: z.string().optional(), Name: z.string().optional() })
    .parse(body);
  const name = SecretId ?? Name;
  return name === undefined ? { kind: 'all' } : { kind: 'secret', name };
};

const queueOf = (body: unknown): AskedResource => {
  const { QueueUrl } = z.looseObject({ QueueUrl: z.string().optional() }).parse(body);
  return QueueUrl === undefined
    ? { kind: 'all' }
    : { kind: 'queue', name: QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1) };
};
