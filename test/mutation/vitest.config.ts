import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { partOf } from './parts.ts';

const { tests } = partOf(process.env);

const rank = (specification: TestSpecification): number =>
  tests.findIndex((test) => specification.moduleId.endsWith(test));

/** As the part lists them; by itself vitest would run the longest first. */
class InOrder extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    return specifications.toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: [...tests],
    // Without sockets: each test runs hundreds of times.
    env: { NIJA_LAB: 'memory' },
    isolate: false,
    sequence: { sequencer: InOrder },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
