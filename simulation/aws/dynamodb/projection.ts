import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { invalid, NotSimulated } from './errors.ts';

type Item = Record<string, unknown>;

/** A query without its projection, and what that leaves of an item: attributes of the first level alone. */
export const projected = <T extends Item>(
  input: QueryCommandInput,
): { readonly query: QueryCommandInput; readonly project: (item: T) => T | Item } => {
  const { ProjectionExpression: expression, ExpressionAttributeNames: names = {}, ...rest } = input;
  if (expression === undefined) return { query: input, project: (item) => item };
  const placeholders = expression.split(',').map((part) => part.trim());
  const wanted = placeholders.map((placeholder) => {
    if (!placeholder.startsWith('#') || /[.[]/.test(placeholder))
      throw new NotSimulated(
        `only named attributes of the first level are projected (given '${placeholder}')`,
      );
    const name = names[placeholder];
    if (name === undefined)
      throw invalid(
        `Invalid ProjectionExpression: An expression attribute name used in the document path is not defined; attribute name: ${placeholder}`,
      );
    return name;
  });
  const condition = rest.KeyConditionExpression ?? '';
  const others = Object.entries(names).filter(
    ([name]) => !placeholders.includes(name) || new RegExp(`${name}\\b`).test(condition),
  );
  return {
    query: { ...rest, ExpressionAttributeNames: Object.fromEntries(others) },
    project: (item) => Object.fromEntries(Object.entries(item).filter(([name]) => wanted.includes(name))),
  };
};
