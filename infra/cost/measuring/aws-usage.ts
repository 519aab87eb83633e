import * as z from 'zod';
import {
  itemBytes,
  readUnits,
  storedBytes,
  unitsOfWrite,
  type WireItem,
  zWireItem,
} from '../dynamodb-units.ts';

/** What requests to AWS took. */
export interface Usage {
  readonly requests: Readonly<Record<string, number>>;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly storedBytes: number;
}

export const NO_USAGE: Usage = { requests: {}, writeUnits: 0, readUnits: 0, storedBytes: 0 };

export const plusUsage = (one: Usage, other: Usage): Usage => ({
  requests: Object.fromEntries(
    [...new Set([...Object.keys(one.requests), ...Object.keys(other.requests)])].map((name) => [
      name,
      (one.requests[name] ?? 0) + (other.requests[name] ?? 0),
    ]),
  ),
  writeUnits: one.writeUnits + other.writeUnits,
  readUnits: one.readUnits + other.readUnits,
  storedBytes: one.storedBytes + other.storedBytes,
});

export interface ItemKey {
  readonly table: string;
  readonly key: WireItem;
}

const zKeyed = z.object({ TableName: z.string(), Key: zWireItem });
const zPut = z.object({ TableName: z.string(), Item: zWireItem });
const zTransaction = z.object({
  TransactItems: z.array(
    z.union([
      z.object({ Put: zPut }),
      z.object({ Update: zKeyed }),
      z.object({ Delete: zKeyed }),
      z.object({ ConditionCheck: zKeyed }),
    ]),
  ),
});

const keyOfPut = ({ TableName, Item }: z.infer<typeof zPut>): ItemKey => ({
  table: TableName,
  key: Object.fromEntries(Object.entries(Item).filter(([name]) => name === 'pk' || name === 'sk')),
});
const keyOf = ({ TableName, Key }: z.infer<typeof zKeyed>): ItemKey => ({ table: TableName, key: Key });

/** The items that a request of DynamoDB writes; none for a read. @throws ZodError for a request it does not know */
export const writtenBy = (operation: string, input: unknown): readonly ItemKey[] => {
  switch (operation) {
    case 'PutItem':
      return [keyOfPut(zPut.parse(input))];
    case 'UpdateItem':
    case 'DeleteItem':
      return [keyOf(zKeyed.parse(input))];
    case 'TransactWriteItems':
      return zTransaction.parse(input).TransactItems.map((one) => {
        if ('Put' in one) return keyOfPut(one.Put);
        if ('Update' in one) return keyOf(one.Update);
        return keyOf('Delete' in one ? one.Delete : one.ConditionCheck);
      });
    default:
      return [];
  }
};

/** What one write request took, given each of its items before and after. */
export const usageOfWrites = (
  operation: string,
  items: readonly { readonly before: WireItem | undefined; readonly after: WireItem | undefined }[],
): Pick<Usage, 'writeUnits' | 'storedBytes'> => ({
  writeUnits: items.reduce(
    (sum, { before, after }) => sum + unitsOfWrite(before, after, operation === 'TransactWriteItems'),
    0,
  ),
  storedBytes: items.reduce((sum, { before, after }) => sum + storedBytes(after) - storedBytes(before), 0),
});

const zConsistency = z.object({ ConsistentRead: z.boolean().default(false) });
const zBatch = z.object({
  RequestItems: z.record(
    z.string(),
    z.object({ Keys: z.array(zWireItem), ConsistentRead: z.boolean().default(false) }),
  ),
});

/** Read units of one answered request: each item of a batch rounds up for itself, a query's items together. */
export const readUnitsOf = (operation: string, input: unknown, answer: unknown): number => {
  switch (operation) {
    case 'GetItem': {
      const { Item } = z.object({ Item: zWireItem.optional() }).parse(answer);
      return readUnits(Item === undefined ? 0 : itemBytes(Item), zConsistency.parse(input).ConsistentRead);
    }
    case 'BatchGetItem': {
      const { Responses } = z.object({ Responses: z.record(z.string(), z.array(zWireItem)) }).parse(answer);
      return Object.entries(zBatch.parse(input).RequestItems).reduce((sum, [table, asked]) => {
        const sizes = (Responses[table] ?? []).map(itemBytes);
        const absent = Array.from({ length: asked.Keys.length - sizes.length }, () => 0);
        return [...sizes, ...absent].reduce(
          (units, bytes) => units + readUnits(bytes, asked.ConsistentRead),
          sum,
        );
      }, 0);
    }
    case 'Query': {
      const { Items } = z.object({ Items: z.array(zWireItem) }).parse(answer);
      const bytes = Items.reduce((sum, item) => sum + itemBytes(item), 0);
      return readUnits(bytes, zConsistency.parse(input).ConsistentRead);
    }
    default:
      return 0;
  }
};

const COUNTED = new Set([
  ...['GetItem', 'BatchGetItem', 'Query'],
  ...['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems'],
]);

/** @throws Error for an operation whose units nobody taught it: better than counting none */
export const mustKnow = (operation: string): void => {
  if (!COUNTED.has(operation))
    throw new Error(`what this operation of DynamoDB costs is not known here (given '${operation}')`);
};
