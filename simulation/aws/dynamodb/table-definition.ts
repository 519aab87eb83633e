import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { NotSimulated } from './errors.ts';

export interface IndexDefinition {
  readonly name: string;
  readonly scope: 'local' | 'global';
  readonly partitionKey: string;
  readonly sortKey: string;
  readonly projection: 'ALL' | 'KEYS_ONLY';
}

export interface TableDefinition {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
  readonly indexes: readonly IndexDefinition[];
}

type Schema = readonly {
  readonly AttributeName?: string | undefined;
  readonly KeyType?: string | undefined;
}[];

const keysOf = (schema: Schema | undefined, of: string, texts: ReadonlySet<string | undefined>) => {
  const named = (type: string): string => {
    const name = schema?.find(({ KeyType }) => KeyType === type)?.AttributeName;
    if (name !== undefined && texts.has(name)) return name;
    throw new NotSimulated(
      `${of} needs a ${type} key that is a text: tables without a sort key and keys of other types are not simulated (given '${name}')`,
    );
  };
  return { partitionKey: named('HASH'), sortKey: named('RANGE') };
};

const projectionOf = (type: string | undefined, of: string): IndexDefinition['projection'] => {
  if (type === 'ALL' || type === 'KEYS_ONLY') return type;
  throw new NotSimulated(`${of} has a projection that is not simulated (given '${type}')`);
};

/** @throws NotSimulated for keys that are no texts, partial projections, and a table without its name */
export const tableDefinition = (input: CreateTableCommandInput): TableDefinition => {
  const { TableName: name } = input;
  if (name === undefined || name === '') throw new NotSimulated('the table needs a name');
  const texts = new Set(
    (input.AttributeDefinitions ?? [])
      .filter(({ AttributeType }) => AttributeType === 'S')
      .map(({ AttributeName }) => AttributeName),
  );
  const indexesOf = (
    scope: IndexDefinition['scope'],
    indexes: CreateTableCommandInput['LocalSecondaryIndexes'],
  ): readonly IndexDefinition[] =>
    (indexes ?? []).map(({ IndexName = '', KeySchema, Projection }) => ({
      name: IndexName,
      scope,
      ...keysOf(KeySchema, `index ${IndexName}`, texts),
      projection: projectionOf(Projection?.ProjectionType, `index ${IndexName}`),
    }));
  return {
    name,
    ...keysOf(input.KeySchema, `table ${name}`, texts),
    indexes: [
      ...indexesOf('local', input.LocalSecondaryIndexes),
      ...indexesOf('global', input.GlobalSecondaryIndexes),
    ],
  };
};
