import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type BatchGetCommandOutput,
  DeleteCommand,
  type DeleteCommandOutput,
  GetCommand,
  type GetCommandInput,
  type GetCommandOutput,
  PutCommand,
  type PutCommandOutput,
  QueryCommand,
  type QueryCommandOutput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  type TransactWriteCommandOutput,
  UpdateCommand,
  type UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import type { LedgerClient } from '../../../shared/ledger/dynamodb/document-client.ts';
import { type Instant, SECOND } from '../../../shared/time/clock.ts';
import { batchGet } from './batch-get.ts';
import { invalid, NotSimulated, WrongForItem } from './errors.ts';
import type { ItemChange } from './index-entries.ts';
import { keyOfRequest } from './keys.ts';
import { onlySimulated } from './parameters.ts';
import { query } from './query.ts';
import { conditionFailed, noSuchTable } from './refusals.ts';
import { ChangeStream, type MemoryStream } from './stream.ts';
import { tableDefinition } from './table-definition.ts';
import { TableStore } from './table-store.ts';
import { DoneTransactions, judgeTransaction, planTransaction } from './transaction.ts';
import { copyItemOut, type StoredItem, sameItem } from './value.ts';
import { type PlannedWrite, planDelete, planPut, planUpdate } from './write.ts';

export interface MemoryDynamoDbOptions {
  readonly table: CreateTableCommandInput;
  readonly now: () => Instant;
  /** How long a change stays unseen in a global index, in ms; asked for each change. Without it not at all. */
  readonly indexLagMs?: () => number;
  /** How many items a page of a query has at most; asked for each page. Without it as many as fit into 1 MB. */
  readonly pageItems?: () => number;
  /** How many keys of a BatchGet are answered; asked for each call. The others come back as unprocessed. */
  readonly batchKeys?: () => number;
}

export type MemoryCommand =
  | GetCommand
  | BatchGetCommand
  | QueryCommand
  | PutCommand
  | UpdateCommand
  | DeleteCommand
  | TransactWriteCommand;

export type MemoryOutput =
  | GetCommandOutput
  | BatchGetCommandOutput
  | QueryCommandOutput
  | PutCommandOutput
  | UpdateCommandOutput
  | DeleteCommandOutput
  | TransactWriteCommandOutput;

/** One DynamoDB table in memory, with its stream. */
export interface MemoryDynamoDb {
  /** Answers as the SDK's document client does, with its errors. Each call is done at once, before it returns. */
  readonly client: LedgerClient;
  /** The same, and the answer at once. */
  perform(command: MemoryCommand): MemoryOutput;
  readonly stream: MemoryStream;
  /** What is stored there now, shared with the table: never change it. */
  item(pk: string, sk: string): StoredItem | undefined;
  items(): Iterable<StoredItem>;
  /** Deletes each item whose `attribute`, in seconds, is at `until` or before. @returns how many */
  forgetExpired(attribute: string, until: Instant): number;
}

/**
 * A table that behaves as DynamoDB's does, for one process and one thread: reads see all writes, except in
 * global indexes, and no transaction meets another. What it does not simulate it refuses with NotSimulated.
 */
export const memoryDynamoDb = (options: MemoryDynamoDbOptions): MemoryDynamoDb => {
  const { now } = options;
  const definition = tableDefinition(options.table);
  const store = new TableStore(definition, now, options.indexLagMs);
  const stream = new ChangeStream(definition);
  const done = new DoneTransactions();

  const ours = ({ TableName }: { readonly TableName?: string | undefined }): void => {
    if (TableName !== definition.name) throw noSuchTable();
  };

  /** Writes that change nothing leave no record. */
  const commit = (change: ItemChange, expired = false): void => {
    const { before, after } = change;
    if (before === after || (before !== undefined && after !== undefined && sameItem(before, after))) return;
    store.apply(change);
    stream.append(change, now(), expired);
  };

  const write = (plan: PlannedWrite): ItemChange => {
    const { pk, sk } = plan;
    const before = store.get(pk, sk);
    if (!plan.allowed(before)) throw conditionFailed(plan.showsOld ? before : undefined);
    const change = { pk, sk, before, after: afterOf(plan, before) };
    commit(change);
    return change;
  };

  const get = (input: GetCommandInput): GetCommandOutput => {
    onlySimulated('Get', input);
    ours(input);
    const { pk, sk } = keyOfRequest(input.Key, definition);
    const item = store.get(pk, sk);
    return { ...(item === undefined ? {} : { Item: copyItemOut(item) }), $metadata: {} };
  };

  const transact = (input: TransactWriteCommandInput): TransactWriteCommandOutput => {
    onlySimulated('TransactWrite', input);
    const writes = planTransaction(input, definition);
    if (!done.has(input, now())) {
      for (const change of judgeTransaction(writes, store)) commit(change);
      done.add(input, now());
    }
    return { $metadata: {} };
  };

  const perform = (command: MemoryCommand): MemoryOutput => {
    if (command instanceof GetCommand) return get(command.input);
    if (command instanceof UpdateCommand) {
      onlySimulated('Update', command.input);
      ours(command.input);
      return returned(command.input.ReturnValues, write(planUpdate(command.input, definition)), true);
    }
    if (command instanceof PutCommand) {
      onlySimulated('Put', command.input);
      ours(command.input);
      return returned(command.input.ReturnValues, write(planPut(command.input, definition)));
    }
    if (command instanceof TransactWriteCommand) return transact(command.input);
    if (command instanceof QueryCommand) {
      onlySimulated('Query', command.input);
      ours(command.input);
      return query(command.input, definition, store, bound('pageItems', options.pageItems));
    }
    if (command instanceof BatchGetCommand) {
      onlySimulated('BatchGet', command.input);
      return batchGet(command.input, definition, store, bound('batchKeys', options.batchKeys));
    }
    if (command instanceof DeleteCommand) {
      onlySimulated('Delete', command.input);
      ours(command.input);
      return returned(command.input.ReturnValues, write(planDelete(command.input, definition)));
    }
    throw new NotSimulated(`that command is not simulated (given ${nameOf(command)})`);
  };

  return {
    client: { send: sender(perform) },
    perform,
    stream,
    item: (pk, sk) => store.get(pk, sk),
    items: () => store.items(),
    forgetExpired: (attribute, until) => {
      const over = [...store.items()].filter((item) => {
        const at = item[attribute];
        return typeof at === 'number' && at * SECOND <= until;
      });
      for (const before of over) {
        const pk = String(before[definition.partitionKey]);
        commit({ pk, sk: String(before[definition.sortKey]), before, after: undefined }, true);
      }
      return over.length;
    },
  };
};

const sender = (perform: MemoryDynamoDb['perform']): LedgerClient['send'] => {
  function send(command: GetCommand): Promise<GetCommandOutput>;
  function send(command: BatchGetCommand): Promise<BatchGetCommandOutput>;
  function send(command: QueryCommand): Promise<QueryCommandOutput>;
  function send(command: PutCommand): Promise<PutCommandOutput>;
  function send(command: UpdateCommand): Promise<UpdateCommandOutput>;
  function send(command: DeleteCommand): Promise<DeleteCommandOutput>;
  function send(command: TransactWriteCommand): Promise<TransactWriteCommandOutput>;
  async function send(command: MemoryCommand): Promise<MemoryOutput> {
    return perform(command);
  }
  return send;
};

const afterOf = (plan: PlannedWrite, before: StoredItem | undefined): StoredItem | undefined => {
  try {
    return plan.after(before);
  } catch (error) {
    throw error instanceof WrongForItem ? invalid(error.message) : error;
  }
};

const returned = (
  values: string | undefined,
  { before, after }: ItemChange,
  mayShowNew = false,
): { readonly Attributes?: Record<string, unknown>; readonly $metadata: object } => {
  switch (values) {
    case undefined:
    case 'NONE':
      return { $metadata: {} };
    case 'ALL_OLD':
      return { ...(before === undefined ? {} : { Attributes: copyItemOut(before) }), $metadata: {} };
    case 'ALL_NEW':
      if (!mayShowNew) break;
      return { ...(after === undefined ? {} : { Attributes: copyItemOut(after) }), $metadata: {} };
  }
  throw new NotSimulated(`those ReturnValues are not simulated of such a write (given '${values}')`);
};

const bound = (what: string, asked: (() => number) | undefined): number | undefined => {
  const given = asked?.();
  if (given === undefined || (Number.isInteger(given) && given >= 1)) return given;
  throw new NotSimulated(`${what} is a whole number of at least 1 (given ${given})`);
};

const nameOf = (command: object): string => command.constructor.name;
