import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/summary-reporter.ts'],
    // Two cores, and most tests start an embedded database of their own.
    maxWorkers: 2,
    // Long, because nothing may depend on how fast a machine is.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
