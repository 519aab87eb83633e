import type { Random } from '../kernel/random.ts';
import type { Actor, World } from '../world/world.ts';
import { AS_OPERATOR, callPatiently, endOf } from './consoles.ts';
import { minutes } from './durations.ts';
import { pickRegistered } from './people.ts';
import { resumeAll } from './switches.ts';

const ATTEMPTS = 4;

const control = async (
  world: World,
  who: string,
  event: Readonly<Record<string, unknown>>,
  random: Random,
): Promise<void> => {
  const end = await callPatiently(world, random, 'control', { ...event, ...AS_OPERATOR }, ATTEMPTS);
  world.sim.note(who, JSON.stringify(event), endOf(end));
};

/** One change of one account, by what is drawn for it. */
const changing = (
  name: string,
  weight: number,
  action: string,
  draw: (random: Random, world: World) => Readonly<Record<string, unknown>>,
  undo?: Readonly<Record<string, unknown>>,
): Actor => ({
  name,
  weight,
  act: async (world, random) => {
    const accountId = pickRegistered(world, 'user', random)?.accountId;
    if (accountId === undefined) return;
    await control(world, name, { action, accountId, ...draw(random, world) }, random);
    if (undo === undefined) return;
    await world.sim.clock.sleep(minutes(random, 5, 120));
    await control(world, name, { action, accountId, ...undo }, random);
  },
});

const limits = changing('limits', 12, 'set-limits', (random) => ({
  limits: random.pick([
    { maxTradeFraction: random.pick(['0.01', '0.05', '0.5', '1']) },
    { maxOpenPositions: random.whole(0, 8) },
    { maxSlippageBps: random.pick(['0', '50', '500', '1000']) },
    { maxTradeAgeSeconds: random.pick([20, 120, 900, 3_600]) },
    { cashReserve: random.pick(['0', '0.01', '0.5']) },
    { minimumEquity: random.pick(['0', '25', '200']) },
    { maxOrdersPerHour: random.whole(0, 60) },
    { maxHourlyTurnover: random.pick(['0.1', '1', '4']) },
    { maxDailyLoss: random.pick(['0.005', '0.05', '1']), maxDrawdown: random.pick(['0.01', '0.15', '1']) },
  ]),
}));

/** Taken back later: else nobody would buy at the end of a long history. */
const lists = changing(
  'lists of symbols',
  6,
  'set-symbols',
  (random, { symbols }) =>
    random.pick([
      { denied: [random.pick(symbols)] },
      { allowed: [random.pick(symbols)] },
      { denied: [], allowed: symbols.slice(1) },
    ]),
  { denied: null, allowed: null },
);

const tightStops = changing('tight protection', 14, 'set-protection', (random) => ({
  protection: random.pick([
    { stopLoss: random.pick(['0.002', '0.005', '0.01']) },
    { trailing: { activateAt: '0.001', distance: random.pick(['0.001', '0.005']) } },
    {
      takeProfit: [
        { at: '0.001', sell: '0.3' },
        { at: '0.004', sell: '0.5' },
        { at: '0.01', sell: '1' },
      ],
    },
    { maxHoldingHours: 1, stopLoss: null },
    { onMaxDrawdown: 'exit', onDailyLoss: 'exit' },
  ]),
}));

const unprotected = changing(
  'protection off and on',
  5,
  'set-protection',
  () => ({ protection: { enabled: false } }),
  { protection: { enabled: true } },
);

/** So low that the breaker trips; then as they were, and resumed. */
const runaway: Actor = {
  name: 'low limits of the breaker',
  weight: 4,
  act: async (world, random) => {
    const { name } = runaway;
    const low = random.chance(0.7)
      ? { maxOrders: random.whole(1, 3), windowMinutes: random.whole(2, 15) }
      : { maxNotional: String(random.whole(50, 2_000)), windowMinutes: 15 };
    const usual = { maxOrders: 2_000, maxNotional: '1000000', windowMinutes: 5 };
    await control(world, name, { action: 'set-runaway-limits', limits: low }, random);
    await world.sim.clock.sleep(minutes(random, 5, 20));
    await control(world, name, { action: 'set-runaway-limits', limits: usual }, random);
    await resumeAll(world, name, random);
  },
};

const asks: Actor = {
  name: 'status',
  weight: 3,
  act: async (world, random) => {
    const accountId = pickRegistered(world, 'user', random)?.accountId;
    const end = await world.call('control', {
      action: 'status',
      ...(accountId === undefined ? {} : { accountId }),
    });
    world.sim.note(asks.name, accountId ?? 'all', endOf(end));
  },
};

/** Who sets what an account may do, and what protects it. */
export const SETTINGS: readonly Actor[] = [limits, lists, tightStops, unprotected, runaway, asks];
