import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Host } from '../../functions/host.ts';
import { documentClient } from '../../shared/ledger/dynamodb/document-client.ts';

/** A client that remembers which partition keys were asked for, of the table and of its indexes. */
export const recordedClient = (
  env: Host['env'],
): { readonly client: DynamoDBDocumentClient; readonly partitions: ReadonlySet<string> } => {
  const partitions = new Set<string>();
  const client = documentClient(env);
  client.middlewareStack.add(
    (next) => async (call) => {
      remember(call.input, partitions);
      return await next(call);
    },
    { step: 'initialize', name: 'recordPartitions' },
  );
  return { client, partitions };
};

/** `pk` of keys and items, and every value of a condition: among a query's is its partition. */
const remember = (value: unknown, partitions: Set<string>): void => {
  if (typeof value !== 'object' || value === null) return;
  for (const [field, inner] of Object.entries(value)) {
    if (field === 'pk' && typeof inner === 'string') partitions.add(inner);
    if (field === 'ExpressionAttributeValues')
      for (const one of Object.values(inner ?? {})) if (typeof one === 'string') partitions.add(one);
    remember(inner, partitions);
  }
};
