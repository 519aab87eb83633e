import { invalid, NotSimulated, WrongForItem } from './errors.ts';
import { checkUpdate, updated } from './expression/apply-update.ts';
import { type Bindings, bindingsOf, type ExpressionInput } from './expression/bindings.ts';
import { parseCondition } from './expression/condition.ts';
import { checkCondition, holds } from './expression/evaluate.ts';
import { parseUpdate } from './expression/update.ts';
import { exceedsItemSize } from './item-size.ts';
import { type ItemKey, keyOfItem, keyOfRequest, wrongIndexKey } from './keys.ts';
import type { TableDefinition } from './table-definition.ts';
import { copyItemIn, type StoredItem } from './value.ts';

export interface WriteInput extends ExpressionInput {
  readonly ConditionExpression?: string | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
}

/** A write whose parameters are right, whatever the table holds. Asked in this order: `allowed`, then `after`. */
export interface PlannedWrite extends ItemKey {
  /** Whether a refusal shows what is stored. */
  readonly showsOld: boolean;
  allowed(before: StoredItem | undefined): boolean;
  /** The item afterwards; undefined where there is none. @throws WrongForItem */
  after(before: StoredItem | undefined): StoredItem | undefined;
}

export const NOTHING: StoredItem = {};

const showsOld = (input: WriteInput): boolean => {
  const { ReturnValuesOnConditionCheckFailure: asked = 'NONE' } = input;
  if (asked !== 'NONE' && asked !== 'ALL_OLD')
    throw invalid(`ReturnValuesOnConditionCheckFailure is NONE or ALL_OLD (given '${asked}')`);
  return asked === 'ALL_OLD';
};

const planned = (
  key: ItemKey,
  input: WriteInput,
  update: ReturnType<typeof parseUpdate> | undefined,
  after: (before: StoredItem | undefined, bindings: Bindings) => StoredItem | undefined,
): PlannedWrite & { readonly bindings: Bindings } => {
  const text = input.ConditionExpression;
  const condition = text === undefined ? undefined : parseCondition(text);
  const bindings = bindingsOf(
    input,
    [condition, update].filter((one) => one !== undefined),
  );
  if (condition !== undefined) checkCondition(condition.tree, bindings, 'ConditionExpression');
  return {
    ...key,
    bindings,
    showsOld: showsOld(input),
    allowed: (before) => condition === undefined || holds(condition.tree, before ?? NOTHING, bindings),
    after: (before) => after(before, bindings),
  };
};

/** @throws ValidationException */
export const planPut = (
  input: WriteInput & { readonly Item?: Readonly<Record<string, unknown>> | undefined },
  definition: TableDefinition,
): PlannedWrite => {
  const item = copyItemIn(input.Item ?? NOTHING);
  const key = keyOfItem(item, definition);
  const wrong = wrongIndexKey(item, definition);
  if (wrong !== undefined) throw invalid(wrong);
  if (exceedsItemSize(item)) throw invalid('Item size has exceeded the maximum allowed size');
  return planned(key, input, undefined, () => item);
};

/** @throws ValidationException */
export const planUpdate = (
  input: WriteInput & { readonly Key?: unknown; readonly UpdateExpression?: string | undefined },
  definition: TableDefinition,
): PlannedWrite => {
  const { partitionKey, sortKey } = definition;
  const { pk, sk } = keyOfRequest(input.Key, definition);
  if (input.UpdateExpression === undefined)
    throw new NotSimulated('an update without an UpdateExpression is not simulated');
  const update = parseUpdate(input.UpdateExpression);
  const plan = planned({ pk, sk }, input, update, (before, bindings) => {
    const after = updated(before ?? { [partitionKey]: pk, [sortKey]: sk }, update.tree, bindings);
    const wrong = wrongIndexKey(after, definition);
    if (wrong !== undefined) throw new WrongForItem(wrong);
    if (exceedsItemSize(after))
      throw new WrongForItem('Item size to update has exceeded the maximum allowed size');
    return after;
  });
  checkUpdate(update.tree, plan.bindings, [partitionKey, sortKey]);
  return plan;
};

/** @throws ValidationException */
export const planDelete = (
  input: WriteInput & { readonly Key?: unknown },
  definition: TableDefinition,
): PlannedWrite => planned(keyOfRequest(input.Key, definition), input, undefined, () => undefined);

/** A check changes nothing. @throws ValidationException */
export const planCheck = (
  input: WriteInput & { readonly Key?: unknown },
  definition: TableDefinition,
): PlannedWrite => {
  if (input.ConditionExpression === undefined)
    throw invalid('a ConditionCheck needs its ConditionExpression');
  return planned(keyOfRequest(input.Key, definition), input, undefined, (before) => before);
};
