import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/summary-reporter.ts'],
    // Two cores, and most tests start an embedded database of their own.
    maxWorkers: 2,
    // Long, because nothing may depend on how fast a machine is.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
