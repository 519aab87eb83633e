import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { REGRESSIONS } from '../../../simulation/world/regressions.ts';
import { runSeed } from '../../../simulation/world/run-seed.ts';

/** They take half a minute on two cores. */
const SEEDS = 200;
const TIMEOUT_MS = 900_000;
const ROOT = new URL('../../../', import.meta.url);

describe('the guarantees', () => {
  test(
    `hold over ${SEEDS} seeds with faults everywhere`,
    () => {
      const args = ['simulation/main.ts', '--seeds', String(SEEDS), '--workers', '2'];

      const { status, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });

      // What failed, with its trace, is what the test shows.
      expect(status === 0 ? '' : stdout).toBe('');
      expect(stdout).toContain(`${SEEDS} of ${SEEDS} seeds`);
      expect(stdout).toMatch(/ \d+\.\d simulated hours, .* seeds\/s, 0 violations/);
    },
    TIMEOUT_MS,
  );

  test.each(REGRESSIONS)('hold in seed $seed, which once found: $found', async ({ seed, steps }) => {
    const { violation } = await runSeed({ seed, steps });

    expect(violation).toBeUndefined();
  });
});
