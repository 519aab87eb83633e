import { isDeepStrictEqual } from 'node:util';
import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { type Instant, MINUTE } from '../../../shared/time/clock.ts';
import { invalid, WrongForItem } from './errors.ts';
import type { ItemChange } from './index-entries.ts';
import { itemSize, sizeBound } from './item-size.ts';
import { onlySimulated } from './parameters.ts';
import { type CancellationReason, cancelled, noSuchTable, tokenReused } from './refusals.ts';
import type { TableDefinition } from './table-definition.ts';
import type { TableStore } from './table-store.ts';
import { type PlannedWrite, planCheck, planDelete, planPut, planUpdate } from './write.ts';

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

const MOST_WRITES = 100;
const MOST_BYTES = 4 * 1024 * 1024;
const TOKENS_HOLD_MS = 10 * MINUTE;

/** @throws ValidationException, ResourceNotFoundException */
export const planTransaction = (
  { TransactItems: items = [] }: TransactWriteCommandInput,
  definition: TableDefinition,
): readonly PlannedWrite[] => {
  if (items.length === 0 || items.length > MOST_WRITES)
    throw invalid(`Member must have length between 1 and ${MOST_WRITES} (given ${items.length} writes)`);
  const writes = items.map((item) => planOne(item, definition));
  if (new Set(writes.map(({ pk, sk }) => JSON.stringify([pk, sk]))).size < writes.length)
    throw invalid('Transaction request cannot include multiple operations on one item');
  return writes;
};

const planOne = (item: TransactItem, definition: TableDefinition): PlannedWrite => {
  const { Put, Update, Delete, ConditionCheck, ...others } = item;
  const [write, second] = [Put, Update, Delete, ConditionCheck].filter((one) => one !== undefined);
  if (write === undefined || second !== undefined || Object.keys(others).length > 0)
    throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
  if (write.TableName !== definition.name) throw noSuchTable();
  if (Put !== undefined) {
    onlySimulated('Put of a transaction', Put);
    return planPut(Put, definition);
  }
  if (Update !== undefined) {
    onlySimulated('Update of a transaction', Update);
    return planUpdate(Update, definition);
  }
  if (Delete !== undefined) {
    onlySimulated('Delete of a transaction', Delete);
    return planDelete(Delete, definition);
  }
  onlySimulated('ConditionCheck of a transaction', write);
  return planCheck(write, definition);
};

/**
 * What the transaction changes, all of it.
 *
 * @throws TransactionCanceledException with a reason for each write, in order; nothing has changed then
 */
export const judgeTransaction = (
  writes: readonly PlannedWrite[],
  store: TableStore,
): readonly ItemChange[] => {
  const changes: ItemChange[] = [];
  const reasons = writes.map((write): CancellationReason => {
    const { pk, sk } = write;
    const before = store.get(pk, sk);
    if (!write.allowed(before))
      return {
        code: 'ConditionalCheckFailed',
        ...(write.showsOld && before !== undefined ? { old: before } : {}),
      };
    try {
      changes.push({ pk, sk, before, after: write.after(before) });
      return { code: 'None' };
    } catch (error) {
      if (error instanceof WrongForItem) return { code: 'ValidationError', message: error.message };
      throw error;
    }
  });
  if (reasons.some(({ code }) => code !== 'None')) throw cancelled(reasons);
  const items = changes.map(({ after }) => after ?? {});
  const sum = (size: (item: (typeof items)[number]) => number) =>
    items.reduce((bytes, item) => bytes + size(item), 0);
  if (sum(sizeBound) > MOST_BYTES && sum(itemSize) > MOST_BYTES)
    throw invalid('Collection size has exceeded the maximum allowed size of a transaction');
  return changes;
};

/** Transactions that were done, by the token that their callers gave: asked again, they are not done again. */
export class DoneTransactions {
  readonly #done = new Map<string, { readonly until: Instant; readonly items: unknown }>();

  /** @throws IdempotentParameterMismatchException where the token was another transaction's */
  has({ ClientRequestToken: token, TransactItems: items }: TransactWriteCommandInput, now: Instant): boolean {
    const done = token === undefined ? undefined : this.#done.get(token);
    if (done === undefined || done.until <= now) return false;
    if (isDeepStrictEqual(done.items, items)) return true;
    throw tokenReused();
  }

  add({ ClientRequestToken: token, TransactItems: items }: TransactWriteCommandInput, now: Instant): void {
    if (token !== undefined)
      this.#done.set(token, { until: now + TOKENS_HOLD_MS, items: structuredClone(items) });
  }
}
