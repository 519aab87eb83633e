import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  itemBytes,
  readUnits,
  storedBytes,
  unitsOfWrite,
  type WireItem,
  writeUnits,
} from '../../infra/cost/dynamodb-units.ts';

const KB = 1_024;
const bytes = fc.integer({ min: 0, max: 400 * KB });

/** An item of exactly so many bytes; pk and sk take six. */
const itemOf = (size: number, more: WireItem = {}): WireItem => {
  const bare = { pk: { S: 'a' }, sk: { S: 'b' }, ...more };
  return { ...bare, x: { S: 'x'.repeat(size - itemBytes(bare) - 1) } };
};
const UNFINISHED = { gsi2pk: { S: 'unfinished' }, gsi2sk: { S: '1' } };

describe('the units of a read', () => {
  it('are as many as 4 kB blocks hold the bytes, and one for nothing', () => {
    fc.assert(
      fc.property(bytes, (size) => {
        const units = readUnits(size, true);

        expect(Number.isInteger(units)).toBe(true);
        expect(units).toBeGreaterThanOrEqual(1);
        expect(units * 4 * KB).toBeGreaterThanOrEqual(size);
        expect((units - 1) * 4 * KB).toBeLessThan(Math.max(1, size));
      }),
    );
  });

  it('are half where the read is eventually consistent', () => {
    fc.assert(
      fc.property(bytes, (size) => {
        expect(readUnits(size, false) * 2).toBe(readUnits(size, true));
      }),
    );
  });
});

describe('the units of a write', () => {
  it('are as many as 1 kB blocks hold the larger of before and after, and one for nothing', () => {
    fc.assert(
      fc.property(bytes, bytes, (before, after) => {
        const units = writeUnits(before, after);
        const larger = Math.max(before, after);

        expect(Number.isInteger(units)).toBe(true);
        expect(units).toBeGreaterThanOrEqual(1);
        expect(units * KB).toBeGreaterThanOrEqual(larger);
        expect((units - 1) * KB).toBeLessThan(Math.max(1, larger));
      }),
    );
  });

  it.each([
    ['a new item of 1 kB', undefined, itemOf(KB), 1],
    ['a new item one byte larger', undefined, itemOf(KB + 1), 2],
    ['an item that shrinks', itemOf(3 * KB), itemOf(100), 3],
    ['an item that goes', itemOf(2 * KB), undefined, 2],
    ['an item that is not there', undefined, undefined, 1],
    ['an item that enters an index', itemOf(100), itemOf(100, UNFINISHED), 2],
    ['an item that leaves an index', itemOf(100, UNFINISHED), itemOf(100), 2],
    ['an item whose entry stays as it is', itemOf(100, UNFINISHED), itemOf(200, UNFINISHED), 1],
    [
      'an item whose entry moves',
      itemOf(100, UNFINISHED),
      itemOf(100, { ...UNFINISHED, gsi2sk: { S: '2' } }),
      3,
    ],
    [
      'an item of 2 kB in the index that holds whole items',
      undefined,
      itemOf(2 * KB, { lsi1sk: { S: '1' } }),
      4,
    ],
  ])('of %s', (_what, before, after, units) => {
    expect(unitsOfWrite(before, after, false)).toBe(units);
    expect(unitsOfWrite(before, after, true)).toBe(2 * units);
  });
});

describe('the size of an item', () => {
  it.each([
    ['text in UTF-8', { ab: { S: 'é' } }, 4],
    ['a whole number', { n: { N: '123456' } }, 5],
    ['a number without its outer zeros', { n: { N: '0.001200' } }, 3],
    ['a negative number', { n: { N: '-12' } }, 4],
    ['bytes', { b: { B: Buffer.from('four').toString('base64') } }, 5],
    ['a boolean', { b: { BOOL: true } }, 2],
    ['nothing', { b: { NULL: true as const } }, 2],
    ['a list', { l: { L: [{ S: 'ab' }, { S: 'c' }] } }, 9],
    ['a map', { m: { M: { k: { S: 'v' } } } }, 7],
  ])('counts %s with its name', (_what, item, size) => {
    expect(itemBytes(item)).toBe(size);
  });

  it('is stored with 100 bytes more, and once more for each index that holds it', () => {
    const alone = itemOf(300);
    const indexed = itemOf(300, UNFINISHED);

    expect(storedBytes(alone)).toBe(400);
    expect(storedBytes(indexed)).toBe(
      400 + 100 + itemBytes({ pk: { S: 'a' }, sk: { S: 'b' }, ...UNFINISHED }),
    );
    expect(storedBytes(undefined)).toBe(0);
  });
});
