import { invalid, NotSimulated, WrongForItem } from '../errors.ts';
import { compact, isMap, type StoredItem, typeOf, type Value } from '../value.ts';
import { type Bindings, valueAt } from './bindings.ts';
import type { SetOperand, UpdateAction } from './update.ts';

/**
 * What can be seen to be wrong without an item.
 *
 * @param keys attributes that no update may change
 * @throws ValidationException
 */
export const checkUpdate = (
  actions: readonly UpdateAction[],
  bindings: Bindings,
  keys: readonly string[],
): void => {
  const paths = actions.map(({ path }) => bindings.resolve(path));
  for (const [index, path] of paths.entries()) {
    const [top = ''] = path;
    if (keys.includes(top))
      throw invalid(
        `One or more parameter values were invalid: Cannot update attribute ${top}. This attribute is part of the key`,
      );
    for (let other = 0; other < index; other += 1) {
      if (overlap(path, paths[other] ?? []))
        throw invalid(
          `Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [${path.join(', ')}], path two: [${paths[other]?.join(', ')}]`,
        );
    }
  }
  for (const action of actions) {
    if (action.kind === 'add' && typeof bindings.value(action.value) !== 'number')
      throw invalid(
        `Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: ${typeOf(bindings.value(action.value))}`,
      );
  }
};

const overlap = (one: readonly string[], other: readonly string[]): boolean => {
  for (let at = 0; at < one.length && at < other.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
};

/**
 * The item as it is after the update; what it is set from is read from `before`.
 *
 * @throws WrongForItem where a path or an operand does not suit what is stored
 * @throws NotSimulated where numbers are added that are not whole
 */
export const updated = (
  before: StoredItem,
  actions: readonly UpdateAction[],
  bindings: Bindings,
): StoredItem => {
  const after: Record<string, Value> = { ...before };
  for (const action of actions) {
    const path = bindings.resolve(action.path);
    switch (action.kind) {
      case 'set':
        put(after, path, operandValue(action.to, before, bindings));
        break;
      case 'remove':
        put(after, path, undefined);
        break;
      case 'add':
        put(after, path, sum(valueAt(before, path), bindings.value(action.value), path));
    }
  }
  return compact(after);
};

const sum = (present: Value | undefined, added: Value, path: readonly string[]): number => {
  if (present !== undefined && typeof present !== 'number')
    throw new WrongForItem('An operand in the update expression has an incorrect data type');
  const total = (present ?? 0) + Number(added);
  if (Number.isSafeInteger(total) && Number.isSafeInteger(present ?? 0)) return total;
  throw new NotSimulated(
    `only whole numbers are added exactly (given ${String(present)} and ${String(added)} for '${path.join('.')}')`,
  );
};

const operandValue = (operand: SetOperand, before: StoredItem, bindings: Bindings): Value => {
  if (operand.kind === 'value') return bindings.value(operand.value);
  const found = valueAt(before, bindings.resolve(operand.path));
  if (found !== undefined) return found;
  if (operand.kind === 'if-not-exists') return operandValue(operand.otherwise, before, bindings);
  throw new WrongForItem('The provided expression refers to an attribute that does not exist in the item');
};

/** Maps on the way are copied, since what is stored is shared. */
const put = (target: Record<string, Value>, path: readonly string[], value: Value | undefined): void => {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    if (value === undefined) delete target[name];
    else target[name] = value;
    return;
  }
  const inner = target[name];
  if (!isMap(inner))
    throw new WrongForItem('The document path provided in the update expression is invalid for update');
  const copy = { ...inner };
  put(copy, rest, value);
  target[name] = copy;
};
