import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seededIds } from '../infra/local/local-host.ts';

const ROOT = join(import.meta.dirname, '..');

/** Where time and chance come from, and a request's own time limit. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  'functions/lambda-host.ts': ['randomUUID'],
  'shared/time/system-clock.ts': ['Date.now', 'setTimeout'],
  'shared/exchange/kraken/transport.ts': ['setTimeout'],
};
const RAW =
  /\b(?:randomUUID|randomBytes|randomInt|getRandomValues|Math\.random|Date\.now|performance\.now|setTimeout|setInterval|setImmediate)\b|\bnew Date\(\)/g;

const rawIn = (file: string): readonly string[] => [
  ...new Set(readFileSync(join(ROOT, file), 'utf8').match(RAW) ?? []),
];

test('time, chance and ids come through ports: no code of the product reads a clock or draws a number itself', () => {
  const files = ['shared', 'functions'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `${folder}/${file}`),
  );

  const found = files.flatMap((file) => {
    const raw = rawIn(file);
    return raw.length === 0 ? [] : [[file, [...raw].sort()] as const];
  });

  expect(files.length).toBeGreaterThan(100);
  expect(Object.fromEntries(found)).toEqual(SOURCES);
});

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
