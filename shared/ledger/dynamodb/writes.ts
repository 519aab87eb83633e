import type { Item, Key } from './entity.ts';

/**
 * A condition or key condition. `#name` stands for the attribute of that name, `:value` for that entry of
 * `values`.
 */
export interface Expression {
  readonly expression: string;
  readonly values?: Readonly<Record<string, unknown>>;
}

/** One write. `what` names it to people: 'the position BTC/USD of u-ann'. */
export type Write = { readonly what: string } & (
  | { readonly type: 'put'; readonly item: Item; readonly condition?: Expression }
  | {
      readonly type: 'update';
      readonly key: Key;
      readonly set: Readonly<Record<string, unknown>>;
      readonly remove?: readonly string[];
      /** Whole numbers, added to what is there; to nothing where nothing is. */
      readonly add?: Readonly<Record<string, number>>;
      readonly condition?: Expression;
    }
  | { readonly type: 'delete'; readonly key: Key; readonly condition?: Expression }
  | { readonly type: 'check'; readonly key: Key; readonly condition: Expression }
);

export const ABSENT: Expression = { expression: 'attribute_not_exists(#pk)' };
export const PRESENT: Expression = { expression: 'attribute_exists(#pk)' };

export const expressionNames = (...expressions: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    expressions.flatMap((text) => [...text.matchAll(/#(\w+)/g)]).map(([sign, name]) => [sign, name ?? sign]),
  );

export const expressionValues = (
  ...sets: readonly (Readonly<Record<string, unknown>> | undefined)[]
): Record<string, unknown> =>
  Object.fromEntries(
    sets.flatMap((set) => Object.entries(set ?? {})).map(([name, value]) => [`:${name}`, value]),
  );

const orNothing = <K extends string, V extends object>(name: K, value: V): { [P in K]?: V } =>
  (Object.keys(value).length === 0 ? {} : { [name]: value }) as { [P in K]?: V };

/** DynamoDB's parameters of a write; a put or update is marked with `token`. */
export const parametersOf = (write: Write, table: string, token: string) => {
  const condition = write.condition?.expression;
  const common = {
    TableName: table,
    ...(condition === undefined ? {} : { ConditionExpression: condition }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
  if (write.type === 'put') {
    return {
      type: write.type,
      input: {
        ...common,
        Item: { ...write.item, written: token },
        ...orNothing('ExpressionAttributeNames', expressionNames(condition ?? '')),
        ...orNothing('ExpressionAttributeValues', expressionValues(write.condition?.values)),
      },
    };
  }
  if (write.type === 'update') {
    const set = Object.entries({ ...write.set, written: token });
    const add = Object.entries(write.add ?? {});
    const update = [
      `SET ${set.map(([name]) => `#${name} = :set_${name}`).join(', ')}`,
      ...(write.remove === undefined || write.remove.length === 0
        ? []
        : [`REMOVE ${write.remove.map((name) => `#${name}`).join(', ')}`]),
      ...(add.length === 0 ? [] : [`ADD ${add.map(([name]) => `#${name} :add_${name}`).join(', ')}`]),
    ].join(' ');
    return {
      type: write.type,
      input: {
        ...common,
        Key: write.key,
        UpdateExpression: update,
        ExpressionAttributeNames: expressionNames(update, condition ?? ''),
        ExpressionAttributeValues: expressionValues(
          Object.fromEntries(set.map(([name, value]) => [`set_${name}`, value])),
          Object.fromEntries(add.map(([name, value]) => [`add_${name}`, value])),
          write.condition?.values,
        ),
      },
    };
  }
  return {
    type: write.type,
    input: {
      ...common,
      Key: write.key,
      ConditionExpression: condition,
      ...orNothing('ExpressionAttributeNames', expressionNames(condition ?? '')),
      ...orNothing('ExpressionAttributeValues', expressionValues(write.condition?.values)),
    },
  };
};
