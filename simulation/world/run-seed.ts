import { MINUTE, SECOND } from '../../shared/time/clock.ts';
import { ACTORS } from '../actors/index.ts';
import { INVARIANTS } from '../invariants/index.ts';
import { hashed } from '../kernel/random.ts';
import type { RunSeed, SeedResult, SeedRun, Violation } from '../kernel/seed-run.ts';
import { coverageOf } from './coverage-of.ts';
import { makeWorld, type Staged } from './make-world.ts';
import { Operator } from './operator.ts';
import { CHECK_EVERY_MS } from './sources.ts';
import type { Actor, Invariant, World } from './world.ts';

/** Of two acts; with a check every quarter of an hour there are ten in between. */
const BETWEEN_STEPS_MS = { from: SECOND, to: 179 * SECOND };
/** Registrations of those who are there from the beginning; who is not ready by then comes late. */
const REGISTRATION_MS = 3 * MINUTE;
const REGISTERS_WITHIN_MS = { from: 0, to: 30 * SECOND };
/**
 * Rounds of checks after the last fault, within which all must have come right. One for what was under way; one
 * for messages that were given back and are hidden; the pause of an exchange that failed is a
 * quarter of an hour at most; an owed sale is sized at one check and judged done at the next; and as much again.
 */
export const QUIET_ROUNDS = 8;
/** A run ends as soon as all has come right, but not before that many; of some seeds all rounds are played. */
const LEAST_QUIET_ROUNDS = 1;
const ALL_ROUNDS_SHARE = 1 / 8;

/** Who acts in a run, and what is held of it; all, unless told. */
export interface Play {
  readonly actors?: readonly Actor[];
  readonly invariants?: readonly Invariant[];
  readonly faults?: 'on' | 'off';
}

/** A guarantee does not hold: ends the run. */
class Broken extends Error {
  override readonly name = 'Broken';
  readonly violation: Violation;

  constructor(violation: Violation) {
    super(violation.message);
    this.violation = violation;
  }
}

/** One history of the whole system. @throws only where the simulation itself is wrong */
export const runSeed: RunSeed = (run) => playSeed(run);

/** The same, with some of the actors and guarantees. */
export const playSeed = async (
  run: SeedRun,
  { actors = ACTORS, invariants = INVARIANTS, faults = 'on' }: Play = {},
): Promise<SeedResult> => {
  const staged = makeWorld(run);
  const { world } = staged;
  const { sim } = world;
  sim.faults = faults;
  for (const invariant of invariants) invariant.start?.(world);
  sim.observe(() => {
    for (const invariant of invariants) breakOn(invariant.afterEvent?.(world));
  });
  let violation: Violation | undefined;
  try {
    await play(staged, run.steps, actors);
    await quiet(world, actors, invariants);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    violation = error.violation;
  }
  return {
    simulatedMs: sim.now() - sim.startAt,
    events: sim.events,
    hash: `${sim.trace.hash}${stateHash(world)}`,
    deviations: sim.choices.taken,
    ...(violation === undefined ? {} : { violation }),
    trace: () => sim.trace.render(),
    coverage: () => coverageOf(world),
  };
};

const breakOn = (violation: Violation | undefined): void => {
  if (violation !== undefined) throw new Broken(violation);
};

/** Registrations, and acts, while everything may fail. */
const play = async (staged: Staged, steps: number, actors: readonly Actor[]): Promise<void> => {
  const { world, parts } = staged;
  const { sim } = world;
  const operator = new Operator(staged);
  operator.watchDeadLetters();
  const times = stepTimes(staged, steps);
  for (const [member, { joinsAtStep }] of parts) {
    const soon = sim.between('registration', REGISTERS_WITHIN_MS);
    const at = joinsAtStep === 0 ? sim.startAt + soon : (times[joinsAtStep - 1] ?? sim.startAt);
    sim.at(at, () => sim.watch(operator.register(member)));
  }
  for (const [index, at] of times.entries()) sim.at(at, () => step(world, index + 1, actors));
  await sim.run((times.at(-1) ?? sim.startAt) + sim.between('after the last step', BETWEEN_STEPS_MS));
};

/** Nothing fails any more: rounds of checks, until all that must come about has. */
const quiet = async (
  world: World,
  actors: readonly Actor[],
  invariants: readonly Invariant[],
): Promise<void> => {
  const { sim } = world;
  sim.faults = 'off';
  world.exchange.faults.clear();
  world.startMaster();
  for (const actor of actors) actor.mend?.(world);
  sim.note('faults', 'stop');
  const least = sim.random.split('quiet').chance(ALL_ROUNDS_SHARE) ? QUIET_ROUNDS : LEAST_QUIET_ROUNDS;
  for (let round = 1; ; round += 1) {
    await sim.run(sim.now() + CHECK_EVERY_MS);
    if (round < least) continue;
    const open = await firstViolation(world, invariants);
    if (open === undefined) return;
    if (round < QUIET_ROUNDS) continue;
    // All rounds end at the same moment of a check: its message may be worked on just then, or wait to come again.
    await sim.run(sim.now() + CHECK_EVERY_MS / 2);
    const still = await firstViolation(world, invariants);
    if (still === undefined) return;
    throw new Broken(still);
  }
};

const firstViolation = async (
  world: World,
  invariants: readonly Invariant[],
): Promise<Violation | undefined> => {
  for (const invariant of invariants) {
    const violation = await invariant.atEnd?.(world);
    if (violation !== undefined) return violation;
  }
  return undefined;
};

const stepTimes = ({ world: { sim } }: Staged, steps: number): readonly number[] => {
  const random = sim.random.split('times of steps');
  let at = sim.startAt + REGISTRATION_MS;
  return Array.from({ length: steps }, () => {
    at += random.whole(BETWEEN_STEPS_MS.from, BETWEEN_STEPS_MS.to);
    return at;
  });
};

/** Each step is drawn by its number alone: without one, all others stay as they are. */
const step = (world: World, number: number, actors: readonly Actor[]): void => {
  const { sim } = world;
  const random = sim.random.split(`step ${number}`);
  const actor = drawActor(actors, random.fraction());
  if (actor === undefined || !sim.acts(`step ${number}`, actor.name)) return;
  const act = async (): Promise<void> => await actor.act(world, random);
  sim.watch(act());
};

const drawActor = (actors: readonly Actor[], drawn: number): Actor | undefined => {
  let left = drawn * actors.reduce((sum, { weight }) => sum + weight, 0);
  for (const actor of actors) {
    left -= actor.weight;
    if (left < 0) return actor;
  }
  return actors.at(-1);
};

/** Of all that the ledger and the exchange hold in the end. */
const stateHash = ({ items, exchange }: World): string => {
  const text = JSON.stringify([[...items()], exchange.books.orders()]);
  return hashed(0, text).toString(16).padStart(8, '0');
};
