import * as z from 'zod';
import { iso, MINUTE } from '../../../shared/time/clock.ts';
import { openAccount, register } from '../../local/owner/open-account.ts';
import type { Familiarity, WorkUnit } from '../calls.ts';
import type { Sample, World } from './world.ts';

/** Samples of one unit of work in one state. */
export interface Measured {
  readonly unit: WorkUnit;
  readonly familiarity: Familiarity;
  readonly samples: readonly Sample[];
}

export const FOLLOWERS = 10;
/** A master whose owner trades by hand. */
export const HAND = 'm-hand';
export const USERS = Array.from(
  { length: FOLLOWERS },
  (_, index) => `u-${String(index + 1).padStart(4, '0')}`,
);

export const join = async (
  { runtime }: World,
  accountId: string,
  usd: string,
  settings: object,
): Promise<void> => {
  await openAccount(runtime, { accountId, balances: { USD: usd } });
  await register(runtime, accountId, settings);
};

export const tick = async ({ runtime, clock }: World, accountId: string): Promise<void> => {
  const scheduledAt = iso(clock.now());
  await runtime.call('master-tick', { accountId, scheduledAt, periodMs: MINUTE });
};

const zOutcome = z.looseObject({ state: z.string() });

/** One trade of the owner, copied to all followers; their samples, first in its process first. */
export const copied = async (
  world: World,
  trade: () => Promise<unknown>,
  expected: 'FILLED' | 'SKIPPED',
): Promise<{ readonly fanOuts: readonly Sample[]; readonly copies: readonly Sample[] }> => {
  const { runtime } = world;
  await trade();
  await tick(world, HAND);
  await runtime.settle();
  const samples = world.take();
  const copies = samples.filter(({ name }) => name === 'copy-worker');
  for (const accountId of USERS) {
    const last = (await runtime.ledger.copies.list(accountId)).at(-1);
    const { state } = zOutcome.parse(last?.outcome ?? { state: 'OPEN' });
    if (state !== expected)
      throw new Error(
        `the copy of ${accountId} should end as ${expected}, so these counts mean nothing: ${state}`,
      );
  }
  if (copies.length !== FOLLOWERS)
    throw new Error(`each follower's copy should take one invocation (given ${copies.length})`);
  return { fanOuts: samples.filter(({ name }) => name === 'trade-copier'), copies };
};

export const split = (
  unit: WorkUnit,
  samples: readonly Sample[],
  warm: 'first' | 'again',
): readonly Measured[] => [
  { unit, familiarity: 'cold', samples: samples.filter(({ cold }) => cold) },
  { unit, familiarity: warm, samples: samples.filter(({ cold }) => !cold) },
];
