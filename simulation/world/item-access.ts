import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { TableAction } from '../../infra/functions/ledger-access.ts';

/** One item, or one partition, that a command touches. */
export interface ItemAccess {
  readonly action: TableAction;
  readonly pk: string;
  /** Empty where it is a whole partition. */
  readonly sk: string;
  readonly write: boolean;
  /** Of a query; undefined: the table itself. */
  readonly index?: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Everything that a command of the document client touches, in its order. */
export const accessesOf = (command: object): readonly ItemAccess[] => {
  if (command instanceof GetCommand) return [one('GetItem', command.input.Key)];
  if (command instanceof QueryCommand) return [partition(command)];
  if (command instanceof PutCommand) return [one('PutItem', command.input.Item)];
  if (command instanceof UpdateCommand) return [one('UpdateItem', command.input.Key)];
  if (command instanceof DeleteCommand) return [one('DeleteItem', command.input.Key)];
  if (command instanceof BatchGetCommand)
    return Object.values(command.input.RequestItems ?? {}).flatMap(({ Keys = [] }) =>
      Keys.map((key) => one('BatchGetItem', key)),
    );
  if (command instanceof TransactWriteCommand)
    return (command.input.TransactItems ?? []).map(({ Put, Update, Delete, ConditionCheck }) => {
      if (Put !== undefined) return one('PutItem', Put.Item);
      if (Update !== undefined) return one('UpdateItem', Update.Key);
      if (Delete !== undefined) return one('DeleteItem', Delete.Key);
      return one('ConditionCheckItem', ConditionCheck?.Key);
    });
  throw new TypeError(`no such command is known to touch items (given ${command.constructor.name})`);
};

const READS: ReadonlySet<TableAction> = new Set(['GetItem', 'BatchGetItem', 'Query', 'ConditionCheckItem']);

const one = (action: TableAction, key: Fields | undefined): ItemAccess => ({
  action,
  pk: String(key?.['pk']),
  sk: String(key?.['sk']),
  write: !READS.has(action),
});

/** The condition begins with the partition key, as all conditions of the ledger do. */
const partition = ({ input }: QueryCommand): ItemAccess => {
  const name = /^\S+\s*=\s*(:\w+)/.exec(input.KeyConditionExpression ?? '')?.[1];
  if (name === undefined)
    throw new TypeError(
      `a query names its partition first (given '${input.KeyConditionExpression}'): read it in item-access.ts, too`,
    );
  const pk = String(input.ExpressionAttributeValues?.[name]);
  return { action: 'Query', pk, sk: '', write: false, index: input.IndexName };
};
