import * as z from 'zod';
import type { StoredItem } from '../../aws/dynamodb/value.ts';
import { jsonOf } from './json.ts';

/** Why an order was made, as its ORDER item says it. */
export type OrderCause =
  | { readonly kind: 'copy'; readonly accountId: string; readonly tradeId: string }
  | { readonly kind: 'owed'; readonly accountId: string; readonly tradeId: string }
  | { readonly kind: 'exit'; readonly accountId: string; readonly requestId: string }
  | { readonly kind: 'protection'; readonly accountId: string; readonly exitId: string }
  | { readonly kind: 'tick'; readonly accountId: string };

const zCause = z.union([
  z.tuple([z.literal('copy'), z.string(), z.string()]),
  z.tuple([z.literal('owed'), z.string(), z.string(), z.int()]),
  z.tuple([z.literal('exit'), z.string(), z.string(), z.string(), z.int()]),
  z.tuple([z.literal('protection'), z.string(), z.string(), z.int()]),
  z.tuple([z.literal('tick'), z.string(), z.string(), z.string(), z.enum(['BUY', 'SELL'])]),
]);

/** Undefined where there is no item, or it names no cause that is known. */
export const causeOf = (item: StoredItem | undefined): OrderCause | undefined => {
  const text = item?.['cause'];
  const parsed = zCause.safeParse(typeof text === 'string' ? jsonOf(text) : undefined);
  if (!parsed.success) return undefined;
  const [kind, accountId, id] = parsed.data;
  switch (kind) {
    case 'copy':
    case 'owed':
      return { kind, accountId, tradeId: id };
    case 'exit':
      return { kind, accountId, requestId: id };
    case 'protection':
      return { kind, accountId, exitId: id };
    case 'tick':
      return { kind, accountId };
  }
};
