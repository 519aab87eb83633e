import { describe, expect, test } from 'vitest';
import { playSeed } from '../../../simulation/world/run-seed.ts';
import type { Invariant, World } from '../../../simulation/world/world.ts';
import { tradingOwner } from './trading-owner.ts';

/** Plays a seed in which one master's owner trades by hand and nothing else happens; who looks on gets the world. */
const played = async (seed: number, faults: 'on' | 'off') => {
  let seen: World | undefined;
  const onlooker: Invariant = {
    name: 'onlooker',
    start: (world) => {
      seen = world;
    },
  };
  const result = await playSeed(
    { seed, steps: 20 },
    { actors: [tradingOwner()], invariants: [onlooker], faults },
  );
  if (seen === undefined) throw new Error('the seed was played without its onlooker');
  const world = seen;
  const copies = [...world.items()].filter(({ kind }) => kind === 'COPY');
  return { result, world, copies };
};

const outcomeOf = (copy: Readonly<Record<string, unknown>>): unknown => copy['outcome'];
const isFilled = (copy: Readonly<Record<string, unknown>>): boolean =>
  JSON.stringify(outcomeOf(copy) ?? null).includes('"FILLED"');

/** Whose first master has followers that can buy. */
const SEED = 3;

describe('a whole world in one process', () => {
  test('registers everybody, copies what a master trades by hand, and checks all accounts', async () => {
    const { result, world, copies } = await played(SEED, 'off');

    expect(result.violation).toBeUndefined();
    expect(world.members.every(({ registeredAt }) => registeredAt !== undefined)).toBe(true);
    expect(copies.length).toBeGreaterThan(10);
    expect(copies.every((copy) => outcomeOf(copy) !== undefined)).toBe(true);
    expect(copies.filter(isFilled).length).toBeGreaterThan(2);
    expect(world.lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect(world.exchange.books.audit()).toEqual([]);
  });

  test('comes right again after faults everywhere', async () => {
    const { result, copies, world } = await played(SEED, 'on');

    expect(result.deviations.length).toBeGreaterThan(40);
    expect(world.lines.some(({ level }) => level === 'error')).toBe(true);
    expect(copies.length).toBeGreaterThan(10);
    expect(copies.every((copy) => outcomeOf(copy) !== undefined)).toBe(true);
  });

  test('tells of invocations and their answers, of requests when they leave, and of these, items, messages and secrets when the other side acts', async () => {
    const kinds = new Map<string, number>();
    const onlooker: Invariant = {
      name: 'onlooker',
      start: (world) =>
        world.onSeen(({ kind }) => {
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        }),
    };

    await playSeed({ seed: SEED, steps: 5 }, { actors: [], invariants: [onlooker] });

    expect([...kinds.keys()].sort()).toEqual([
      'answer',
      'invocation',
      'item',
      'message',
      'request',
      'secret',
      'sent',
    ]);
  });

  test('ends with the first guarantee that does not hold, and says which', async () => {
    const broken: Invariant = {
      name: 'nobody is ever registered',
      afterEvent: ({ members, sim }) =>
        members.some(({ registeredAt }) => registeredAt !== undefined)
          ? { invariant: 'nobody is ever registered', message: 'somebody is', at: sim.now() }
          : undefined,
    };

    const result = await playSeed({ seed: SEED, steps: 5 }, { actors: [], invariants: [broken] });

    expect(result.violation).toMatchObject({
      invariant: 'nobody is ever registered',
      message: 'somebody is',
    });
    expect(result.simulatedMs).toBeLessThan(180_000);
    expect(result.trace()).toContain('register-');
  });
});
