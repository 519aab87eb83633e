import { Decimal } from 'decimal.js';
import type * as z from 'zod';
import { LedgerError } from '../ledger.ts';

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export type IndexKey = 'gsi1pk' | 'gsi1sk' | 'gsi2pk' | 'gsi2sk' | 'lsi1sk';
export type Item = Record<string, unknown>;

/** A kind of item, declared as data: where it lies, where it is found, and what a valid one is. */
export interface Entity<T> {
  readonly kind: string;
  readonly schema: z.ZodType<T>;
  key(value: T): Key;
  indexes?(value: T): Partial<Record<IndexKey, string>>;
}

/** Attributes that the ledger adds to a value. `written` tells one write from another. */
const OWN_ATTRIBUTES = new Set([
  'pk',
  'sk',
  'kind',
  'gsi1pk',
  'gsi1sk',
  'gsi2pk',
  'gsi2sk',
  'lsi1sk',
  'written',
]);

/** A value as it is stored: decimals as exact texts, absent fields left out. */
export const stored = (value: unknown): unknown => {
  if (Decimal.isDecimal(value)) return value.toFixed();
  if (Array.isArray(value)) return value.map(stored);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([name, field]) => [name, stored(field)]),
  );
};

export const toItem = <T extends object>(entity: Entity<T>, value: T): Item => ({
  ...(stored(value) as Item),
  ...entity.key(value),
  ...entity.indexes?.(value),
  kind: entity.kind,
});

/**
 * The value of an item read from the table.
 *
 * @throws LedgerError naming the item and the fields that are wrong, also when it lies under the key of
 * another value
 */
export const fromItem = <T extends object>(entity: Entity<T>, item: Item): T => {
  const place = `${String(item['pk'])} / ${String(item['sk'])}`;
  if (item['kind'] !== entity.kind) {
    throw new LedgerError(
      `the ledger's item ${place} is not of the kind it should be, ${entity.kind} (given '${String(item['kind'])}')`,
    );
  }
  const fields = Object.fromEntries(Object.entries(item).filter(([name]) => !OWN_ATTRIBUTES.has(name)));
  const parsed = entity.schema.safeParse(fields);
  if (!parsed.success) {
    const wrong = parsed.error.issues
      .map((issue) => `${issue.path.join('.') || 'item'}: ${issue.message}`)
      .join('; ');
    throw new LedgerError(
      `the ledger's ${entity.kind} item ${place} is damaged: ${wrong}. Repair or restore that item`,
    );
  }
  const key = entity.key(parsed.data);
  if (key.pk !== item['pk'] || key.sk !== item['sk']) {
    throw new LedgerError(
      `the ledger's ${entity.kind} item ${place} holds the value of ${key.pk} / ${key.sk}: one account's item must never be read as another's`,
    );
  }
  return parsed.data;
};
