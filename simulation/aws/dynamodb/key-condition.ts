import { invalid, NotSimulated } from './errors.ts';
import { type Bindings, bindingsOf, type ExpressionInput } from './expression/bindings.ts';
import { type Condition, type Operand, parseKeyCondition } from './expression/condition.ts';
import { checkCondition } from './expression/evaluate.ts';
import { compareText } from './text-order.ts';

/** The part of a partition that a query looks at, as what lies before it and what lies beyond. */
export interface KeyRange {
  readonly partition: string;
  before(sort: string): boolean;
  beyond(sort: string): boolean;
}

const PARAMETER = 'KeyConditionExpression';
const never = () => false;

/** @throws ValidationException where it is no condition on the partition key, or one on the sort key beside it */
export const keyRange = (
  input: ExpressionInput & { readonly KeyConditionExpression?: string | undefined },
  keys: { readonly partitionKey: string; readonly sortKey: string },
): KeyRange => {
  const parsed = parseKeyCondition(input.KeyConditionExpression ?? '');
  const bindings = bindingsOf(input, [parsed]);
  checkCondition(parsed.tree, bindings, PARAMETER);
  const conditions = conjuncts(parsed.tree);
  if (conditions.length > 2) throw invalid('Conditions can be of length 1 or 2 only');
  const of = (key: string) => conditions.filter((condition) => attributeOf(condition, bindings) === key);
  const [onPartition] = of(keys.partitionKey);
  if (onPartition === undefined)
    throw invalid(`Query condition missed key schema element: ${keys.partitionKey}`);
  if (onPartition.kind !== 'compare' || onPartition.comparator !== '=')
    throw invalid('Query key condition not supported');
  const partition = keyValue(onPartition.right, bindings, keys.partitionKey);
  if (conditions.length === 1) return { partition, before: never, beyond: never };
  const [onSort] = of(keys.sortKey);
  if (onSort === undefined) throw invalid(`Query condition missed key schema element: ${keys.sortKey}`);
  return { partition, ...sortRange(onSort, (operand) => keyValue(operand, bindings, keys.sortKey)) };
};

const conjuncts = (condition: Condition): readonly Condition[] =>
  condition.kind === 'and' ? [...conjuncts(condition.left), ...conjuncts(condition.right)] : [condition];

const attributeOf = (condition: Condition, bindings: Bindings): string | undefined => {
  switch (condition.kind) {
    case 'compare':
      return pathOf(condition.left, bindings);
    case 'between':
      return pathOf(condition.operand, bindings);
    case 'begins-with':
      return bindings.resolve(condition.path).join('.');
    default:
      throw invalid(`Invalid operator used in ${PARAMETER}: ${condition.kind}`);
  }
};

const pathOf = (operand: Operand, bindings: Bindings): string => {
  if (operand.kind === 'path') return bindings.resolve(operand.path).join('.');
  throw new NotSimulated(`a key condition begins with the key's name (given a ${operand.kind})`);
};

const keyValue = (operand: Operand, bindings: Bindings, key: string): string => {
  if (operand.kind !== 'value') throw invalid('Query key condition not supported');
  const value = bindings.value(operand.value);
  if (typeof value !== 'string')
    throw invalid(
      'One or more parameter values were invalid: Condition parameter type does not match schema type',
    );
  if (value === '')
    throw invalid(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${key}`,
    );
  return value;
};

const sortRange = (
  condition: Condition,
  textOf: (operand: Operand) => string,
): Pick<KeyRange, 'before' | 'beyond'> => {
  if (condition.kind === 'begins-with') {
    const prefix = textOf(condition.part);
    return {
      before: (sort) => compareText(sort, prefix) < 0,
      beyond: (sort) => compareText(sort, prefix) > 0 && !sort.startsWith(prefix),
    };
  }
  if (condition.kind === 'between') {
    const low = textOf(condition.low);
    const high = textOf(condition.high);
    return { before: (sort) => compareText(sort, low) < 0, beyond: (sort) => compareText(sort, high) > 0 };
  }
  if (condition.kind !== 'compare') throw invalid('Query key condition not supported');
  const value = textOf(condition.right);
  switch (condition.comparator) {
    case '=':
      return {
        before: (sort) => compareText(sort, value) < 0,
        beyond: (sort) => compareText(sort, value) > 0,
      };
    case '<':
      return { before: never, beyond: (sort) => compareText(sort, value) >= 0 };
    case '<=':
      return { before: never, beyond: (sort) => compareText(sort, value) > 0 };
    case '>':
      return { before: (sort) => compareText(sort, value) <= 0, beyond: never };
    case '>=':
      return { before: (sort) => compareText(sort, value) < 0, beyond: never };
    case '<>':
      throw invalid(`Invalid operator used in ${PARAMETER}: <>`);
  }
};
