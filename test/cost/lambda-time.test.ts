import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  billedMs,
  coldShareOfBurst,
  gbSeconds,
  secondsOfBurst,
  tracesOf,
} from '../../infra/cost/lambda-time.ts';

describe('the time that Lambda bills', () => {
  it.each([
    ['all of it waiting', { wallMs: 100, cpuMs: 0 }, 512, 100],
    ['a part of a millisecond', { wallMs: 100.2, cpuMs: 0 }, 512, 101],
    ['CPU on a whole core', { wallMs: 100, cpuMs: 50 }, 1_769, 100],
    ['CPU on more than a core', { wallMs: 100, cpuMs: 50 }, 3_538, 100],
    ['CPU on half a core', { wallMs: 100, cpuMs: 50 }, 884.5, 150],
  ])('of %s', (_what, spent, memoryMb, ms) => {
    expect(billedMs(spent, memoryMb)).toBe(ms);
  });

  it('is never less than what was measured, and never less with less memory', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60_000 }),
        fc.integer({ min: 0, max: 60_000 }),
        fc.integer({ min: 128, max: 10_240 }),
        (wallMs, cpuMs, memoryMb) => {
          const billed = billedMs({ wallMs, cpuMs }, memoryMb);

          expect(billed).toBeGreaterThanOrEqual(wallMs);
          expect(billed).toBeGreaterThanOrEqual(billedMs({ wallMs, cpuMs }, memoryMb + 1));
        },
      ),
    );
  });

  it('is weighed by the memory', () => {
    expect(gbSeconds(2_000, 512)).toBe(1);
  });
});

describe('a burst of invocations', () => {
  it('begins with as many new instances as run at once', () => {
    expect(coldShareOfBurst(50, 100)).toBe(1);
    expect(coldShareOfBurst(1_000, 100)).toBe(0.1);
  });

  it('takes as long as all of it takes, shared by those at work, in begun seconds', () => {
    expect(secondsOfBurst(100, 50)).toBe(2);
    expect(secondsOfBurst(101, 50)).toBe(3);
  });
});

describe('the traces of a month', () => {
  it('are all invocations where there is less than one a second', () => {
    expect(tracesOf(1_000, 2_592_000)).toBe(1_000);
  });

  it('are one a second and one in twenty of the rest', () => {
    expect(tracesOf(3_000, 1_000)).toBe(1_000 + 100);
  });
});
