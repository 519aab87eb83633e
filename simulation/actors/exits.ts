import * as z from 'zod';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { Actor, World } from '../world/world.ts';
import { endOf } from './consoles.ts';
import { pickRegistered } from './people.ts';
import { perWorld } from './per-world.ts';

export interface Asked {
  readonly accountId: string;
  readonly scope: 'managed' | 'everything';
  readonly symbols?: readonly MarketSymbol[];
  /** Without one the function finds or makes it. */
  readonly requestId?: string;
}

/** Exits asked for before, which somebody may ask for again. */
const askedOf = perWorld((): Asked[] => []);

const zReport = z.looseObject({ requestId: z.string(), state: z.enum(['FLAT', 'INCOMPLETE', 'PLANNED']) });

/** Of those who see that it is not done, this share asks again. */
const GOES_ON = 0.6;
const MOST_TIMES = 4;

const drawExit = (world: World, random: Random): Asked | undefined => {
  const user = pickRegistered(world, 'user', random);
  if (user === undefined) return undefined;
  const { accountId } = user;
  const asked = askedOf(world);
  const some = random.chance(0.35);
  const exit: Asked = {
    accountId,
    scope: random.chance(0.6) ? 'managed' : 'everything',
    ...(some ? { symbols: drawSymbols(world, random) } : {}),
    ...(random.chance(0.8) ? { requestId: `exit-${asked.length + 1}` } : {}),
  };
  asked.push(exit);
  return exit;
};

/** Of everything in some symbols, with an id of its own. */
export const exitOf = (world: World, accountId: string, symbols: readonly MarketSymbol[]): Asked => {
  const asked = askedOf(world);
  const exit: Asked = { accountId, scope: 'everything', symbols, requestId: `exit-${asked.length + 1}` };
  asked.push(exit);
  return exit;
};

const drawSymbols = ({ symbols }: World, random: Random): readonly MarketSymbol[] => {
  const chosen = symbols.filter(() => random.chance(0.5));
  return chosen.length === 0 ? [random.pick(symbols)] : chosen;
};

/** @returns the id to ask again with, where it is not flat yet */
const askFor = async (world: World, who: string, exit: Asked): Promise<string | undefined> => {
  const { accountId, scope, symbols } = exit;
  const beganAt = world.sim.now();
  const end = await world.call('exit', exit);
  const report = end.state === 'SUCCEEDED' ? zReport.parse(end.result) : undefined;
  const requestId = report?.requestId ?? exit.requestId ?? '';
  world.told.push({
    what: 'exit',
    accountId,
    requestId,
    scope,
    ...(symbols === undefined ? {} : { symbols }),
    beganAt,
    endedAt: world.sim.now(),
    end,
  });
  world.sim.note(who, `${accountId} ${requestId}`, report?.state ?? endOf(end));
  return report?.state === 'FLAT' ? undefined : requestId;
};

/** Asks, and again after some minutes where it is not flat. */
export const askUntilFlat = async (world: World, who: string, exit: Asked, random: Random): Promise<void> => {
  for (let time = 1; time <= MOST_TIMES; time += 1) {
    const left = await askFor(world, who, exit);
    if (left === undefined || !random.chance(GOES_ON)) return;
    await world.sim.clock.sleep(random.whole(5_000, 20 * MINUTE));
  }
};

const exits: Actor = {
  name: 'exit',
  weight: 22,
  act: async (world, random) => {
    const exit = drawExit(world, random);
    if (exit !== undefined) await askUntilFlat(world, exits.name, exit, random);
  },
};

const exitsAtOnce: Actor = {
  name: 'two exits at once',
  weight: 8,
  act: async (world, random) => {
    const one = drawExit(world, random);
    const other = drawExit(world, random);
    if (one === undefined || other === undefined) return;
    const second = random.chance(0.6) ? one : { ...other, accountId: one.accountId };
    const apart = random.chance(0.4) ? 0 : random.whole(1, 8_000);
    await Promise.all([
      askUntilFlat(world, exitsAtOnce.name, one, random.at(1)),
      world.sim.clock.sleep(apart).then(() => askUntilFlat(world, exitsAtOnce.name, second, random.at(2))),
    ]);
  },
};

/** The same request id as long ago, whatever became of it. */
const exitAgain: Actor = {
  name: 'an exit of before is asked for again',
  weight: 5,
  act: async (world, random) => {
    const before = askedOf(world).filter(({ requestId }) => requestId !== undefined);
    if (before.length > 0) await askFor(world, exitAgain.name, random.pick(before));
  },
};

const dryRun: Actor = {
  name: 'dry run of an exit',
  weight: 4,
  act: async (world, random) => {
    const user = pickRegistered(world, 'user', random);
    if (user === undefined) return;
    const { accountId } = user;
    const scope = random.pick(['managed', 'everything']);
    const end = await world.call('exit', { accountId, scope, dryRun: true });
    world.sim.note(dryRun.name, accountId, endOf(end));
  },
};

/** Who wants their money out. */
export const EXITS: readonly Actor[] = [exits, exitsAtOnce, exitAgain, dryRun];
