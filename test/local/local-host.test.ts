import { describe, expect, test } from 'vitest';
import { seededIds } from '../../infra/local/local-host.ts';

describe('the ids of a seed', () => {
  const first = (count: number, seed: number, stream: string) => {
    const ids = seededIds(seed, stream);
    return Array.from({ length: count }, () => ids.id());
  };

  test('are the same in every run', () => {
    expect(first(20, 7, 'exit 1')).toEqual(first(20, 7, 'exit 1'));
  });

  test('belong to one function, and to one start of it', () => {
    const all = ['exit 1', 'copy-worker 1', 'exit 2'].flatMap((stream) => first(20, 7, stream));

    expect(new Set(all).size).toBe(all.length);
  });
});
