import type { Value } from '../aws/dynamodb/value.ts';
import { guarantee } from './guarantee.ts';

/** Attributes that are money, wherever they stand. */
const MONEY: ReadonlySet<string> = new Set([
  'quantity',
  'asked',
  'limitPrice',
  'filledQuantity',
  'price',
  'cost',
  'costBasis',
  'notional',
  'masterEquityBefore',
  'soldFraction',
  'fees',
  'slippageBps',
  'short',
  'remaining',
  'sold',
  'proceeds',
  'left',
  'most',
  'bestPrice',
  'bestGain',
  'managed',
  'held',
  'missing',
  'told',
  'quantityBefore',
  'quantityAfter',
  'costBefore',
  'costAfter',
  'ownSold',
  'equity',
  'cash',
  'amount',
]);
const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** The first attribute that is no exact decimal, with what it is. */
const inexact = (value: Value, name: string): string | undefined => {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !MONEY.has(name) ? undefined : `${name} is the number ${value}`;
  if (typeof value === 'string')
    return MONEY.has(name) && !DECIMAL.test(value) ? `${name} is '${value}'` : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const field in value) {
    const found = inexact(Reflect.get(value, field), Array.isArray(value) ? name : field);
    if (found !== undefined) return `${name}.${found}`;
  }
  return undefined;
};

/** What a strategy remembers is statistics, not money. */
const isOfStrategy = (sk: string): boolean => sk.startsWith('STRATEGY#');

/** Money is stored as decimal texts, and no number is a fraction. */
export const moneyIsDecimal = guarantee('11 money is decimal', (evidence, broken) => {
  evidence.onChange(({ pk, sk, after }) => {
    if (after === undefined || isOfStrategy(sk)) return;
    for (const name in after) {
      const found = inexact(after[name] ?? null, name);
      if (found !== undefined) broken(`the item ${pk} / ${sk} is not exact: ${found}`);
    }
  });
  return undefined;
});
