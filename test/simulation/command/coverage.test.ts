import { describe, expect, test } from 'vitest';
import { Coverage } from '../../../simulation/command/coverage.ts';
import { runSeed } from '../../../simulation/world/run-seed.ts';

describe('what a set of seeds covers', () => {
  test('is told by name, with the share of seeds and how often it came about in one', () => {
    const coverage = new Coverage();

    coverage.add({ coverage: { 'act: halt': 3, 'copy: BUY FILLED': 1 } });
    coverage.add({ coverage: { 'copy: BUY FILLED': 4 } });
    coverage.add({});

    expect(coverage.table().split('\n')).toEqual([
      'seeds  a seed  of 2 seeds',
      ' 50 %     1.50  act: halt',
      '100 %     2.50  copy: BUY FILLED',
      '',
    ]);
  });

  test('names acts, faults without their process, and how things ended', { timeout: 600_000 }, async () => {
    const { coverage } = await runSeed({ seed: 1, steps: 30 });

    const names = Object.keys(coverage?.() ?? {});
    expect(names).toContain('act: a master buys by hand');
    expect(names.filter((name) => name.startsWith('fault: store '))).not.toEqual([]);
    expect(names.filter((name) => name.startsWith('copy: '))).not.toEqual([]);
    expect(names.filter((name) => /#\d|@v\d/.test(name))).toEqual([]);
  });
});
