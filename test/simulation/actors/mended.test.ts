import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Call } from '../../../infra/local/kraken/respond.ts';
import { EXCHANGE_ANSWERS } from '../../../simulation/actors/exchange-answers.ts';
import { EXCHANGE_CONDITIONS } from '../../../simulation/actors/exchange-conditions.ts';
import { KEYS } from '../../../simulation/actors/keys.ts';
import { OWNERS } from '../../../simulation/actors/owners.ts';
import { pairOf } from '../../../simulation/actors/purse.ts';
import { TIGHT_SPOTS } from '../../../simulation/actors/tight-spots.ts';
import { playSeed } from '../../../simulation/world/run-seed.ts';
import type { Actor, World } from '../../../simulation/world/world.ts';

const STEPS = 40;
const SEEDS = [1, 2, 3];

/** The world at the end of a seed in which these act. */
const worldAfter = async (seed: number, actors: readonly Actor[]): Promise<World> => {
  const seen: World[] = [];
  const looksOn = { name: 'looks on', start: (world: World) => void seen.push(world) };
  await playSeed({ seed, steps: STEPS }, { actors, invariants: [looksOn] });
  const [world] = seen;
  if (world === undefined) throw new Error(`no world was made for the seed (given ${seed})`);
  return world;
};

/** What the exchange answers everybody. */
const asked = ({ exchange }: World, endpoint: string): unknown => {
  const call: Call = {
    path: `/0/public/${endpoint}`,
    query: new URLSearchParams(),
    body: '',
    isJson: false,
    apiKey: undefined,
    signature: undefined,
    address: 'the test',
  };
  const reaction = exchange.receive(call);
  if (reaction.kind !== 'ANSWER') throw new Error(`no answer (given ${reaction.kind})`);
  return z.object({ result: z.unknown() }).parse(JSON.parse(reaction.answer.body)).result;
};

const zPairs = z.record(
  z.string(),
  z.looseObject({ status: z.string(), ordermin: z.string(), costmin: z.string() }),
);
const zSystem = z.looseObject({ status: z.string() });

describe('when faults have stopped', () => {
  test.each(SEEDS)('the exchange is as usual again (seed %i)', { timeout: 600_000 }, async (seed) => {
    const world = await worldAfter(seed, [
      ...OWNERS,
      ...EXCHANGE_ANSWERS,
      ...EXCHANGE_CONDITIONS,
      ...TIGHT_SPOTS,
    ]);

    const pairs = zPairs.parse(asked(world, 'AssetPairs'));
    for (const symbol of world.symbols) {
      const { id, orderMinimum, costMinimum } = pairOf(symbol);
      const listed = pairs[id];
      const delisted = world.told.some((told) => told.what === 'delisting' && told.symbol === symbol);
      if (delisted) expect(listed).toBeUndefined();
      else expect(listed).toMatchObject({ status: 'online', ordermin: orderMinimum, costmin: costMinimum });
    }
    expect(zSystem.parse(asked(world, 'SystemStatus')).status).toBe('online');
  });

  test.each(SEEDS)('no order of an owner rests any more (seed %i)', { timeout: 600_000 }, async (seed) => {
    const world = await worldAfter(seed, OWNERS);

    const own = new Set(world.members.map(({ ownKey }) => ownKey));
    const open = world.exchange.books.orders().filter((order) => order.status === 'open');
    expect(open.filter(({ apiKey }) => own.has(apiKey))).toEqual([]);
    expect(world.exchange.books.audit()).toEqual([]);
  });

  test.each(SEEDS)('each account works with its key again (seed %i)', { timeout: 600_000 }, async (seed) => {
    const world = await worldAfter(seed, KEYS);

    expect(world.told.filter(({ what }) => what === 'key').length).toBeGreaterThan(0);
    for (const { accountId, role, registeredAt } of world.members) {
      if (role !== 'user' || registeredAt === undefined) continue;
      const balance = world.call('balance', { accountId });
      await world.sim.run(world.sim.now() + 120_000);
      expect(await balance).toMatchObject({ state: 'SUCCEEDED', result: { accountId, connected: true } });
    }
  });
});
