import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PART_NAMES, PART_VARIABLE, PARTS, partOf } from './parts.ts';

describe('the parts that are mutated', () => {
  it.each(PART_NAMES)('of %s name files and tests that exist', (name) => {
    const { mutate, tests } = PARTS[name];

    expect([...mutate, ...tests].filter((path) => !existsSync(path))).toEqual([]);
  });

  it('have no file twice: it would be counted twice', () => {
    const all = PART_NAMES.flatMap((name) => [...PARTS[name].mutate]);

    expect(all.filter((path, index) => all.indexOf(path) !== index)).toEqual([]);
  });

  it('are named by the environment, and by nothing else', () => {
    expect(partOf({ [PART_VARIABLE]: 'money' })).toMatchObject({ name: 'money' });
    expect(() => partOf({})).toThrow("(given '')");
    expect(() => partOf({ [PART_VARIABLE]: 'toString' })).toThrow("(given 'toString')");
  });
});
