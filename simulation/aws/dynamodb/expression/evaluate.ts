import { invalid, NotSimulated } from '../errors.ts';
import { compareText } from '../text-order.ts';
import { isList, isMap, type StoredItem, sameValue, typeOf, type Value } from '../value.ts';
import { type Bindings, valueAt } from './bindings.ts';
import type { Comparator, Condition, Operand } from './condition.ts';

/**
 * Whether the condition holds of an item; one that does not exist is judged as one without attributes.
 *
 * @throws ValidationException where a value that was given is of a type that the operator does not take
 */
export const holds = (condition: Condition, item: StoredItem, bindings: Bindings): boolean => {
  switch (condition.kind) {
    case 'and':
      return holds(condition.left, item, bindings) && holds(condition.right, item, bindings);
    case 'or':
      return holds(condition.left, item, bindings) || holds(condition.right, item, bindings);
    case 'not':
      return !holds(condition.condition, item, bindings);
    case 'exists':
      return valueAt(item, bindings.resolve(condition.path)) !== undefined;
    case 'absent':
      return valueAt(item, bindings.resolve(condition.path)) === undefined;
    case 'begins-with':
    case 'contains': {
      const whole = valueAt(item, bindings.resolve(condition.path));
      const part = operandValue(condition.part, item, bindings);
      return condition.kind === 'contains' ? contains(whole, part) : beginsWith(whole, part);
    }
    case 'in': {
      const value = operandValue(condition.operand, item, bindings);
      return (
        value !== undefined &&
        condition.among.some((one) => sameValue(value, operandValue(one, item, bindings)))
      );
    }
    case 'between': {
      const value = operandValue(condition.operand, item, bindings);
      const low = operandValue(condition.low, item, bindings);
      const high = operandValue(condition.high, item, bindings);
      return isOrdered('>=', value, low) && isOrdered('<=', value, high);
    }
    case 'compare': {
      const left = operandValue(condition.left, item, bindings);
      const right = operandValue(condition.right, item, bindings);
      if (condition.comparator === '=') return left !== undefined && sameValue(left, right);
      if (condition.comparator === '<>') return left === undefined || !sameValue(left, right);
      return isOrdered(condition.comparator, left, right);
    }
  }
};

/**
 * What can be seen to be wrong without an item: DynamoDB judges it before it looks at one.
 *
 * @throws ValidationException
 */
export const checkCondition = (condition: Condition, bindings: Bindings, parameter: string): void => {
  const wrong = (message: string) => invalid(`Invalid ${parameter}: ${message}`);
  const checkOrdered = (operator: string, operand: Operand): void => {
    if (operand.kind !== 'value') return;
    const type = typeOf(bindings.value(operand.value));
    if (type !== 'S' && type !== 'N')
      throw wrong(
        `Incorrect operand type for operator or function; operator: ${operator}, operand type: ${type}`,
      );
  };
  switch (condition.kind) {
    case 'and':
    case 'or':
      checkCondition(condition.left, bindings, parameter);
      checkCondition(condition.right, bindings, parameter);
      return;
    case 'not':
      checkCondition(condition.condition, bindings, parameter);
      return;
    case 'begins-with': {
      const { part } = condition;
      const type = part.kind === 'value' ? typeOf(bindings.value(part.value)) : 'S';
      if (type === 'S') return;
      throw wrong(
        `Incorrect operand type for operator or function; operator or function: begins_with, operand type: ${type}`,
      );
    }
    case 'between': {
      const { low, high } = condition;
      checkOrdered('BETWEEN', low);
      checkOrdered('BETWEEN', high);
      if (low.kind !== 'value' || high.kind !== 'value') return;
      const [from, to] = [bindings.value(low.value), bindings.value(high.value)];
      if (typeOf(from) !== typeOf(to))
        throw wrong('The BETWEEN operator requires same data type for lower and upper bounds;');
      if (isOrdered('>', from, to))
        throw wrong('The BETWEEN operator requires upper bound to be greater than or equal to lower bound;');
      return;
    }
    case 'compare':
      if (condition.comparator === '=' || condition.comparator === '<>') return;
      checkOrdered(condition.comparator, condition.left);
      checkOrdered(condition.comparator, condition.right);
  }
};

const operandValue = (operand: Operand, item: StoredItem, bindings: Bindings): Value | undefined => {
  switch (operand.kind) {
    case 'value':
      return bindings.value(operand.value);
    case 'path':
      return valueAt(item, bindings.resolve(operand.path));
    case 'size':
      return sizeAt(valueAt(item, bindings.resolve(operand.path)));
  }
};

/** Of a text its length, of a list or map its members; of anything else there is none. */
const sizeAt = (value: Value | undefined): number | undefined => {
  if (typeof value === 'string') {
    if (Buffer.byteLength(value) === value.length) return value.length;
    throw new NotSimulated(`the size of a text is simulated for ASCII alone (given '${value}')`);
  }
  if (isList(value)) return value.length;
  return isMap(value) ? Object.keys(value).length : undefined;
};

const contains = (whole: Value | undefined, part: Value | undefined): boolean => {
  if (part === undefined) return false;
  if (typeof whole === 'string') return typeof part === 'string' && whole.includes(part);
  return isList(whole) && whole.some((member) => sameValue(member, part));
};

const beginsWith = (whole: Value | undefined, part: Value | undefined): boolean =>
  typeof whole === 'string' && typeof part === 'string' && whole.startsWith(part);

/** Only texts with texts and numbers with numbers have an order. */
const isOrdered = (
  comparator: Exclude<Comparator, '=' | '<>'>,
  left: Value | undefined,
  right: Value | undefined,
): boolean => {
  const difference =
    typeof left === 'string' && typeof right === 'string'
      ? compareText(left, right)
      : typeof left === 'number' && typeof right === 'number'
        ? left - right
        : Number.NaN;
  switch (comparator) {
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
  }
};
