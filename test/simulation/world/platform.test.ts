import { expect, test } from 'vitest';
import { CHECK_HIDDEN_MS, COPY_HIDDEN_MS } from '../../../infra/functions/specs.ts';
import { makeWorld } from '../../../simulation/world/make-world.ts';

test('what was given back is seen again in a simulated world when it is on AWS', () => {
  const { platform } = makeWorld({ seed: 1, steps: 1 });

  const { copies, checks } = platform;

  expect(copies.queue.settings.visibilityTimeoutMs).toBe(COPY_HIDDEN_MS);
  expect(checks.queue.settings.visibilityTimeoutMs).toBe(CHECK_HIDDEN_MS);
});
