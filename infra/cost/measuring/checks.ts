import type { AccountId } from '../../../shared/account/account.ts';
import { DAY, iso, MINUTE, SECOND } from '../../../shared/time/clock.ts';
import type { WorkUnit } from '../calls.ts';
import { HAND, type Measured, split, tick, USERS } from './acts.ts';
import type { Sample, World } from './world.ts';

/** Added to those that are checked, to see what each adds to a dispatch. */
export const MORE_ACCOUNTS = 200;
/** Of each account that is checked. */
const POSITIONS = 2;
/** Sooner than an instance forgets a secret. */
const SOON = 5 * MINUTE;

const dispatched = async ({ runtime, clock }: World): Promise<void> => {
  await runtime.call('check-dispatcher', { slot: iso(clock.now()) });
};

const of = (name: Sample['name'], samples: readonly Sample[]): readonly Sample[] =>
  samples.filter((sample) => sample.name === name);

/** All accounts checked once, their master ticking as it does; the samples of dispatch and checks alone. */
const checked = async (world: World, laterMs: number): Promise<readonly Sample[]> => {
  world.clock.advanceTo(world.clock.now() + laterMs);
  await tick(world, HAND);
  await world.runtime.settle();
  world.take();
  await dispatched(world);
  await world.runtime.settle();
  return world.take();
};

/** @throws Error where a check failed, did something, or asked of the key what it should not have, or not */
const mustBeQuiet = async (
  { runtime }: World,
  checks: readonly Sample[],
  asked: { readonly since: number; readonly ofKey: boolean },
): Promise<void> => {
  const completed = checks.filter(({ printed }) => printed.includes('"CheckCompleted"'));
  if (checks.length !== USERS.length || completed.length !== checks.length)
    throw new Error(
      `each account should be checked once, and well (given ${completed.length} of ${checks.length} checks)`,
    );
  for (const accountId of USERS) {
    const positions = await runtime.ledger.positions.list(accountId);
    const attested = await runtime.ledger.keyWatch.attestation(accountId);
    const ofKey = attested !== undefined && attested.attestedAt >= asked.since;
    if (positions.length !== POSITIONS || ofKey !== asked.ofKey)
      throw new Error(
        `a check of ${accountId} should find ${POSITIONS} positions and ${asked.ofKey ? '' : 'not '}ask of its key (given ${positions.length}, ${ofKey ? 'asked' : 'not asked'})`,
      );
  }
};

/** Checks that find nothing to do, a day after those that settled what the purchases left. */
export const measureChecks = async (world: World): Promise<readonly Measured[]> => {
  await checked(world, SOON);
  const measured: Measured[] = [];
  const round = async (
    unit: Extract<WorkUnit, 'check' | 'check-daily'>,
    warm: 'first' | 'again',
    laterMs: number,
  ): Promise<void> => {
    if (warm === 'first') await world.forgetInstances();
    const since = world.clock.now();
    const samples = await checked(world, laterMs);
    const checks = of('account-check', samples);
    await mustBeQuiet(world, checks, { since, ofKey: unit === 'check-daily' });
    measured.push(...split(unit, checks, warm));
    measured.push(...split('dispatch', of('check-dispatcher', samples), 'again'));
  };
  await round('check-daily', 'first', DAY + MINUTE);
  await round('check', 'first', 3 * SOON + SECOND);
  await round('check', 'again', SOON);
  await round('check', 'again', SOON);
  return measured;
};

/** The dispatch to many more accounts. Their checks fail, having no key, and are not measured. */
export const measureDispatch = async (world: World): Promise<readonly Measured[]> => {
  const { accounts } = world.runtime.ledger;
  const like = await accounts.get(USERS[0] ?? HAND);
  if (like === undefined) throw new Error('there is no account whose like could be added');
  for (let count = 1; count <= MORE_ACCOUNTS; count += 1) {
    const accountId: AccountId = `u-more-${count}`;
    await accounts.register({ ...like, accountId, keyFingerprint: count.toString(16).padStart(16, '0') });
  }
  await dispatched(world);
  world.take();
  await dispatched(world);
  const samples = of('check-dispatcher', world.take());
  return split('dispatch-account', samples, 'again');
};
