import { NotSimulated } from '../errors.ts';
import { type ExpressionReader, type Path, remembering } from './reader.ts';

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'size'; readonly path: Path };

export type Condition =
  | {
      readonly kind: 'compare';
      readonly comparator: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | { readonly kind: 'between'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly operand: Operand; readonly among: readonly Operand[] }
  | { readonly kind: 'exists' | 'absent'; readonly path: Path }
  | { readonly kind: 'begins-with' | 'contains'; readonly path: Path; readonly part: Operand }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition };

const COMPARATORS: ReadonlySet<string> = new Set<Comparator>(['=', '<>', '<', '<=', '>', '>=']);
const isComparator = (token: string | undefined): token is Comparator => COMPARATORS.has(token ?? '');

const either = (reader: ExpressionReader): Condition => {
  let left = both(reader);
  while (reader.take('OR')) left = { kind: 'or', left, right: both(reader) };
  return left;
};

const both = (reader: ExpressionReader): Condition => {
  let left = negated(reader);
  while (reader.take('AND')) left = { kind: 'and', left, right: negated(reader) };
  return left;
};

const negated = (reader: ExpressionReader): Condition =>
  reader.take('NOT') ? { kind: 'not', condition: negated(reader) } : single(reader);

/** Conditions that stood in parentheses of their own: a second pair around them is refused. */
const grouped = new WeakSet<Condition>();

const single = (reader: ExpressionReader): Condition => {
  if (reader.take('(')) {
    const inner = either(reader);
    reader.expect(')');
    if (grouped.has(inner)) throw reader.wrong('The expression has redundant parentheses;');
    grouped.add(inner);
    return inner;
  }
  return reader.peek(1) === '(' && reader.peek() !== 'size' ? called(reader) : compared(reader);
};

const called = (reader: ExpressionReader): Condition => {
  const name = reader.next() ?? '';
  reader.expect('(');
  const path = reader.path();
  const condition = calledOn(name, path, reader);
  reader.expect(')');
  return condition;
};

const calledOn = (name: string, path: Path, reader: ExpressionReader): Condition => {
  switch (name) {
    case 'attribute_exists':
      return { kind: 'exists', path };
    case 'attribute_not_exists':
      return { kind: 'absent', path };
    case 'begins_with':
    case 'contains':
      reader.expect(',');
      return { kind: name === 'contains' ? name : 'begins-with', path, part: operand(reader) };
  }
  throw new NotSimulated(`that function is not simulated (given '${name}')`);
};

const compared = (reader: ExpressionReader): Condition => {
  const left = operand(reader);
  if (reader.take('BETWEEN')) {
    const low = operand(reader);
    reader.expect('AND');
    return { kind: 'between', operand: left, low, high: operand(reader) };
  }
  if (reader.take('IN')) {
    reader.expect('(');
    const among = [operand(reader)];
    while (reader.take(',')) among.push(operand(reader));
    reader.expect(')');
    if (among.length > MOST_AMONG)
      throw reader.wrong(
        `The IN operator is provided with too many operands; number of operands: ${among.length}`,
      );
    return { kind: 'in', operand: left, among };
  }
  const comparator = reader.next();
  if (!isComparator(comparator)) throw reader.syntaxError(-1);
  const right = operand(reader);
  if (left.kind === 'path' && right.kind === 'path' && left.path.join('.') === right.path.join('.'))
    throw reader.wrong(
      `The first operand must be distinct from the remaining operands for this operator or function; operator: ${comparator}, first operand: [${left.path.join('.')}]`,
    );
  return { kind: 'compare', comparator, left, right };
};

const MOST_AMONG = 100;

const operand = (reader: ExpressionReader): Operand => {
  if (reader.peek()?.startsWith(':') === true) return { kind: 'value', value: reader.value() };
  if (reader.peek() === 'size' && reader.peek(1) === '(') {
    reader.next();
    reader.next();
    const path = reader.path();
    reader.expect(')');
    return { kind: 'size', path };
  }
  return { kind: 'path', path: reader.path() };
};

export const parseCondition = remembering('ConditionExpression', either);
export const parseKeyCondition = remembering('KeyConditionExpression', either);
