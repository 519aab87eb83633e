import { partOf } from './test/mutation/parts.ts';

const { name, mutate } = partOf(process.env);

/** Reads one part (`npm run mutate -- PART`): what is mutated together is held to a few quick tests. */
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.config.ts', pool: 'threads' },
  plugins: ['@stryker-mutator/vitest-runner', './test/mutation/for-people.mjs'],
  ignorers: ['for-people'],
  mutate: [...mutate],
  coverageAnalysis: 'perTest',
  incremental: true,
  incrementalFile: `reports/mutation/${name}.incremental.json`,
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: `reports/mutation/${name}.json` },
  concurrency: 1,
  // A machine that others use, too: only what never ends may end by time.
  timeoutMS: 20_000,
  timeoutFactor: 4,
  warnings: { slow: false },
  ignorePatterns: ['dist', 'cdk.out', '.nija', 'reports', 'docs', 'cli', 'page'],
};
