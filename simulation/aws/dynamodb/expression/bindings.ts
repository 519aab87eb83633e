import { invalid } from '../errors.ts';
import { copyIn, isMap, type StoredItem, type Value } from '../value.ts';
import type { Parsed, Path } from './reader.ts';

/** What `#name` and `:value` stand for in one request. */
export interface Bindings {
  /** The attribute names of a path. */
  resolve(path: Path): readonly string[];
  value(name: string): Value;
}

export interface ExpressionInput {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * @param expressions all of the request, parsed
 * @throws ValidationException where one of them uses a name or value that is not given, or one that is given
 * is used by none
 */
export const bindingsOf = (
  { ExpressionAttributeNames: names, ExpressionAttributeValues: values }: ExpressionInput,
  expressions: readonly Parsed<unknown>[],
): Bindings => {
  check(
    'ExpressionAttributeNames',
    names,
    expressions.map((one) => one.names),
    'name',
    'in the document path',
  );
  check(
    'ExpressionAttributeValues',
    values,
    expressions.map((one) => one.values),
    'value',
    'in expression',
  );
  const copies = new Map<string, Value>();
  for (const name in values) copies.set(name, copyIn(values[name], name));
  return {
    resolve: (path) => path.map((step) => names?.[step] ?? step),
    value: (name) => copies.get(name) ?? null,
  };
};

const check = (
  parameter: string,
  given: Readonly<Record<string, unknown>> | undefined,
  used: readonly ReadonlySet<string>[],
  what: string,
  where: string,
): void => {
  if (given !== undefined) {
    if (used.length === 0) throw invalid(`${parameter} can only be specified when using expressions`);
    const keys = Object.keys(given);
    if (keys.length === 0) throw invalid(`${parameter} must not be empty`);
    for (const key of keys)
      if (!used.some((names) => names.has(key)))
        throw invalid(`Value provided in ${parameter} unused in expressions: keys: {${key}}`);
  }
  for (const names of used)
    for (const name of names)
      if (given?.[name] === undefined)
        throw invalid(
          `An expression attribute ${what} used ${where} is not defined; attribute ${what}: ${name}`,
        );
};

/** What lies at the end of a path; undefined where nothing does. */
export const valueAt = (item: StoredItem, path: readonly string[]): Value | undefined => {
  let value: Value | undefined = item;
  for (const name of path) {
    if (!isMap(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
};
