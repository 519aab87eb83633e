import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { PART_NAMES } from './parts.ts';

const zReport = z.object({
  files: z.record(
    z.string(),
    z.object({
      mutants: z.array(
        z.object({
          status: z.enum([
            'Killed',
            'Survived',
            'NoCoverage',
            'Timeout',
            'CompileError',
            'RuntimeError',
            'Ignored',
            'Pending',
          ]),
        }),
      ),
    }),
  ),
});

interface Score {
  readonly found: number;
  readonly missed: number;
  /** Module that cannot even be loaded: neither found by a test nor missed. */
  readonly broken: number;
  readonly ignored: number;
}

const NONE: Score = { found: 0, missed: 0, broken: 0, ignored: 0 };

const sum = (a: Score, b: Score): Score => ({
  found: a.found + b.found,
  missed: a.missed + b.missed,
  broken: a.broken + b.broken,
  ignored: a.ignored + b.ignored,
});

const scoreOf = (statuses: readonly string[]): Score => {
  const count = (...names: readonly string[]) => statuses.filter((status) => names.includes(status)).length;
  return {
    found: count('Killed', 'Timeout'),
    missed: count('Survived', 'NoCoverage'),
    broken: count('RuntimeError', 'CompileError'),
    ignored: count('Ignored'),
  };
};

/** From the last report of each part, by the folder of the files. */
const scoresByFolder = (): ReadonlyMap<string, Score> => {
  const scores = new Map<string, Score>();
  for (const name of PART_NAMES) {
    const path = `reports/mutation/${name}.json`;
    if (!existsSync(path)) continue;
    for (const [file, { mutants }] of Object.entries(
      zReport.parse(JSON.parse(readFileSync(path, 'utf8'))).files,
    )) {
      const folder = file.slice(0, file.lastIndexOf('/'));
      scores.set(folder, sum(scores.get(folder) ?? NONE, scoreOf(mutants.map(({ status }) => status))));
    }
  }
  return scores;
};

const line = (name: string, { found, missed, broken, ignored }: Score): string => {
  const share = found + missed === 0 ? '' : `${((found / (found + missed)) * 100).toFixed(1)} %`;
  return [
    name.padEnd(24),
    ...[share, found, missed, broken, ignored].map((cell) => `${cell}`.padStart(9)),
  ].join('');
};

/** One line for each folder that has been run, then all of them together. */
export const printScores = (): void => {
  const scores = scoresByFolder();
  const heads = ['score', 'found', 'missed', 'broken', 'ignored'].map((head) => head.padStart(9)).join('');
  const lines = [...scores].map(([folder, score]) => line(folder, score));
  const total = line('all', [...scores.values()].reduce(sum, NONE));
  process.stdout.write(`\n${[`${''.padEnd(24)}${heads}`, ...lines, total].join('\n')}\n`);
};
