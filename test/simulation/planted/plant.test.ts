import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { INVARIANTS } from '../../../simulation/invariants/index.ts';
import { guaranteeOf, zPlantedBug } from '../../../simulation/planted/bug.ts';
import { BUGS } from '../../../simulation/planted/bugs.ts';
import { hunt } from '../../../simulation/planted/hunt.ts';
import { edited, NotPlanted } from '../../../simulation/planted/plant.ts';

const ROOT = new URL('../../../', import.meta.url);
const EDIT = { file: 'sum.ts', find: 'a + b', replace: 'a - b' };

describe('a planted bug', () => {
  test('replaces its text, whatever signs that has', () => {
    expect(edited('return a + b;', EDIT, 'minus')).toBe('return a - b;');
    expect(edited('return a + b;', { ...EDIT, replace: "$& $1 $'" }, 'signs')).toBe("return $& $1 $';");
  });

  test.each([
    ['has changed', 'return a * b;', 'found 0 times'],
    ['stands there twice', 'return a + b || a + b;', 'found 2 times'],
  ])('is refused where its text %s', (_, text, why) => {
    const planting = () => edited(text, EDIT, 'minus');

    expect(planting).toThrow(NotPlanted);
    expect(planting).toThrow(why);
  });

  test('is refused where nothing uses its file', async () => {
    const bug = zPlantedBug.parse({
      name: 'nowhere',
      edits: [{ file: 'cli/main.ts', find: 'x', replace: 'y' }],
      guarantee: '1',
      withinSeeds: 1,
    });

    await expect(hunt(bug, 1)).rejects.toThrow(/nothing has loaded .*cli\/main\.ts/);
  });

  test.each(BUGS)('$name applies to the code as it is now', ({ name, edits }) => {
    for (const edit of edits) {
      const text = readFileSync(new URL(edit.file, ROOT), 'utf8');
      expect(edited(text, edit, name)).not.toBe(text);
    }
  });

  test('breaks a guarantee that an invariant watches, and has a name of its own', () => {
    const watched = new Set(INVARIANTS.map(({ name }) => guaranteeOf(name)));

    expect(BUGS.filter(({ guarantee }) => !watched.has(guarantee))).toEqual([]);
    expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
    for (const bug of BUGS) expect(() => zPlantedBug.parse(bug)).not.toThrow();
  });
});
