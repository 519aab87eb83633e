import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../../time/clock.ts';
import { type Ids, jittered } from '../../time/jitter.ts';
import { LedgerError } from '../ledger.ts';
import { plainItem } from './attribute-values.ts';
import type { LedgerClient } from './document-client.ts';
import type { Item, Key } from './entity.ts';
import { type Expression, expressionNames, expressionValues, parametersOf, type Write } from './writes.ts';

export interface TableConfig {
  readonly client: LedgerClient;
  readonly table: string;
  readonly clock: Clock;
  readonly chance: Ids;
  /**
   * Reads may miss what was written within the last second, and cost half: for who only looks, so that looking takes
   * nothing from who acts. Nobody may decide by them.
   */
  readonly eventual?: true;
}

/** A write was refused because of what the table holds; `old` is that. Nothing was written. */
export class ConditionFailed extends LedgerError {
  readonly failures: readonly { readonly what: string; readonly index: number; readonly old?: Item }[];

  constructor(failures: ConditionFailed['failures']) {
    super(`changed in between: ${failures.map(({ what }) => what).join(', ')}`);
    this.failures = failures;
  }
}

/** The table stayed busy: other transactions with the same items, or too many requests. Nothing was written. */
export class StillContended extends LedgerError {}

export interface Query {
  readonly what: string;
  readonly index?: string;
  readonly where: Expression;
  /** Global indexes cannot be. */
  readonly consistent: boolean;
  /** By the sort key, the last first; else the first. */
  readonly newestFirst?: true;
  /** Of items in one page, for whoever needs but a few; as many as fit unless told. */
  readonly pageSize?: number;
  /** The attributes that are needed, for whoever reads many large items; all unless told. */
  readonly only?: readonly string[];
}

/** The table, with every failure as a LedgerError. Reads by key are strongly consistent, unless configured otherwise. */
export interface Table {
  /** Of what is only ever added. */
  readonly chance: Ids;
  get(what: string, key: Key): Promise<Item | undefined>;
  /** In as few calls as possible, at most 100 keys each; by `pk / sk`. Keys without an item are absent. */
  getAll(what: string, keys: readonly Key[]): Promise<ReadonlyMap<string, Item>>;
  pages(query: Query): AsyncIterable<readonly Item[]>;
  all(query: Query): Promise<readonly Item[]>;
  /** @throws ConditionFailed, StillContended */
  write(write: Exclude<Write, { type: 'check' }>): Promise<void>;
  /** All or nothing, at most 100. @throws ConditionFailed, StillContended */
  transact(what: string, writes: readonly Write[]): Promise<void>;
}

export const placeOf = (key: Key): string => `${key.pk} / ${key.sk}`;

const BATCH = 100;
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 20;
/** Reasons of a cancelled transaction that pass by themselves. */
const PASSING = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);
const PASSING_ERRORS = new Set(['TransactionConflictException', 'TransactionInProgressException']);

export const tableAccess = ({ client, table, clock, chance, eventual }: TableConfig): Table => {
  const consistent = eventual !== true;
  const guarded = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      if (error instanceof ConditionFailed || error instanceof StillContended) throw error;
      const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      throw new LedgerError(`the ledger could not ${what} (table '${table}'): ${said}`, { cause: error });
    }
  };

  /** Runs `attempt` until it is not in another transaction's way any more. */
  const untilUncontended = async <T>(what: string, attempt: () => Promise<T | 'contended'>): Promise<T> => {
    for (let count = 1, pause = FIRST_PAUSE_MS; ; count += 1, pause *= 2) {
      const result = await attempt();
      if (result !== 'contended') return result;
      if (count === ATTEMPTS)
        throw new StillContended(`the table stayed busy while trying to ${what}: try again`);
      await clock.sleep(jittered(pause, chance));
    }
  };

  const pages = async function* (query: Query): AsyncGenerator<readonly Item[]> {
    const { expression, values } = query.where;
    const only = query.only?.map((name) => `#${name}`).join(', ');
    let start: Item | undefined;
    do {
      const from = start;
      const page = await guarded(query.what, () =>
        client.send(
          new QueryCommand({
            TableName: table,
            ...(query.index === undefined ? {} : { IndexName: query.index }),
            ConsistentRead: query.consistent && consistent,
            ...(query.newestFirst === undefined ? {} : { ScanIndexForward: false }),
            ...(query.pageSize === undefined ? {} : { Limit: query.pageSize }),
            KeyConditionExpression: expression,
            ...(only === undefined ? {} : { ProjectionExpression: only }),
            ExpressionAttributeNames: expressionNames(expression, only ?? ''),
            ExpressionAttributeValues: expressionValues(values),
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        ),
      );
      if (page.Items !== undefined && page.Items.length > 0) yield page.Items;
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  };

  const getBatch = async (what: string, keys: readonly Key[]): Promise<readonly Item[]> => {
    const found: Item[] = [];
    let asked: readonly Item[] = keys.map(({ pk, sk }) => ({ pk, sk }));
    await untilUncontended(what, async () => {
      const answer = await client.send(
        new BatchGetCommand({
          RequestItems: { [table]: { Keys: [...asked], ConsistentRead: consistent } },
        }),
      );
      found.push(...(answer.Responses?.[table] ?? []));
      asked = answer.UnprocessedKeys?.[table]?.Keys ?? [];
      return asked.length === 0 ? 'done' : 'contended';
    });
    return found;
  };

  const sendOne = (write: Exclude<Write, { type: 'check' }>, token: string) => {
    const { type, input } = parametersOf(write, table, token);
    if (type === 'put') return client.send(new PutCommand(input));
    if (type === 'update') return client.send(new UpdateCommand(input));
    return client.send(new DeleteCommand(input));
  };

  return {
    chance,
    get: async (what, key) =>
      await guarded(what, async () => {
        const answer = await client.send(
          new GetCommand({
            TableName: table,
            Key: { pk: key.pk, sk: key.sk },
            ConsistentRead: consistent,
          }),
        );
        return answer.Item;
      }),
    getAll: async (what, keys) => {
      const wanted = [...new Map(keys.map((key) => [placeOf(key), key])).values()];
      const batches = Array.from({ length: Math.ceil(wanted.length / BATCH) }, (_, index) =>
        wanted.slice(index * BATCH, (index + 1) * BATCH),
      );
      const found = await guarded(what, () => Promise.all(batches.map((batch) => getBatch(what, batch))));
      return new Map(
        found.flat().map((item) => [placeOf({ pk: String(item['pk']), sk: String(item['sk']) }), item]),
      );
    },
    pages,
    all: async (query) => {
      const items: Item[] = [];
      for await (const page of pages(query)) items.push(...page);
      return items;
    },
    write: async (write) => {
      const what = `write ${write.what}`;
      const token = chance.id();
      await guarded(what, () =>
        untilUncontended(what, async () => {
          try {
            await sendOne(write, token);
            return 'written';
          } catch (error) {
            if (error instanceof Error && PASSING_ERRORS.has(error.name)) return 'contended';
            if (!(error instanceof ConditionalCheckFailedException)) throw error;
            const old = error.Item === undefined ? undefined : plainItem(error.Item);
            // The answer to the first try was lost, and the SDK's next try met what the first had written.
            if (old?.['written'] === token) return 'written';
            throw new ConditionFailed([
              { what: write.what, index: 0, ...(old === undefined ? {} : { old }) },
            ]);
          }
        }),
      );
    },
    transact: async (what, writes) => {
      const token = chance.id();
      await guarded(what, () =>
        untilUncontended(what, async () => {
          try {
            // The SDK gives each call a token of its own, the same for its retries of that call. One derived
            // from the content would make a later, equal transaction succeed without being judged.
            await client.send(
              new TransactWriteCommand({ TransactItems: writes.map((w) => transactItem(w, table, token)) }),
            );
            return 'written';
          } catch (error) {
            if (error instanceof Error && PASSING_ERRORS.has(error.name)) return 'contended';
            if (!(error instanceof TransactionCanceledException)) throw error;
            return judgeCancellation(error, writes, token);
          }
        }),
      );
    },
  };
};

const transactItem = (write: Write, table: string, token: string) => {
  const { type, input } = parametersOf(write, table, token);
  switch (type) {
    case 'put':
      return { Put: input };
    case 'update':
      return { Update: input };
    case 'delete':
      return { Delete: input };
    case 'check':
      return { ConditionCheck: input };
  }
};

const judgeCancellation = (
  error: TransactionCanceledException,
  writes: readonly Write[],
  token: string,
): 'written' | 'contended' => {
  const reasons = error.CancellationReasons ?? [];
  const failures = reasons.flatMap((reason, index) =>
    reason.Code === 'ConditionalCheckFailed'
      ? [
          {
            what: writes[index]?.what ?? `write ${index}`,
            index,
            ...(reason.Item === undefined ? {} : { old: plainItem(reason.Item) }),
          },
        ]
      : [],
  );
  if (failures.some(({ old }) => old?.['written'] === token)) return 'written';
  if (failures.length > 0) throw new ConditionFailed(failures);
  if (reasons.some((reason) => PASSING.has(reason.Code ?? ''))) return 'contended';
  throw error;
};
