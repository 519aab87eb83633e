import * as z from 'zod';
import { STEADY, TRADED } from '../infra/local/prices/measured-markets.ts';
import { CANDLE_MS, candleOpening } from '../infra/local/prices/price-source.ts';
import { SECOND } from '../shared/time/clock.ts';
import { type Figure, figure, measured, percentile, type Spent } from './figures.ts';
import { startWorld, type World } from './world.ts';

const HAND = { strategy: { name: 'manual', symbols: [STEADY], mode: 'live' } };
const SIZE = '0.1';
const REGISTERED_AT_ONCE = 8;

const registerFollowers = async (world: World, master: string, count: number): Promise<readonly string[]> => {
  const ids = Array.from({ length: count }, (_, index) => `u-${master.slice(2)}-${index + 1}`);
  await world.register(master, '100000', HAND);
  for (let from = 0; from < count; from += REGISTERED_AT_ONCE) {
    const some = ids.slice(from, from + REGISTERED_AT_ONCE);
    await Promise.all(some.map((id) => world.register(id, '10000', { follows: master })));
  }
  await world.tick(master);
  return ids;
};

/** A bench that measured skipped copies would show how fast nothing is done. @throws Error for any that was not filled */
const filledOf = async (world: World, ids: readonly string[]) => {
  const outcomes = (await Promise.all(ids.map((id) => world.outcomes(id)))).flat();
  const other = outcomes.find(({ state }) => state !== 'FILLED');
  if (other !== undefined)
    throw new Error(`a copy was not filled, so these figures mean nothing: ${JSON.stringify(other)}`);
  return outcomes;
};

const TRADES = ['BUY', 'SELL', 'BUY', 'SELL', 'BUY', 'SELL', 'BUY', 'SELL'] as const;
const WARM_UP = 2;

/** Copies per second and our own CPU, then what a tick of the strategy takes in which nothing happens. */
export const copyThroughput = async (followers: number): Promise<readonly Figure[]> => {
  const world = await startWorld({ latencyMs: 0, copiesAtOnce: 16 });
  try {
    const ids = await registerFollowers(world, 'm-hand', followers);
    // All trades fall into one window of the breaker over all accounts.
    const limits = { maxOrders: followers * TRADES.length, maxNotional: '1000000000' };
    await world.call('control', {
      action: 'set-runaway-limits',
      limits,
      by: 'bench',
      why: 'to measure copying',
    });
    const rounds: (Spent & { readonly side: 'BUY' | 'SELL' })[] = [];
    for (const side of TRADES)
      rounds.push({ side, ...(await measured(() => world.tradeAndCopy('m-hand', side, SIZE))) });
    await filledOf(world, ids);
    const counted = rounds.slice(WARM_UP);
    const cpu = (side: 'BUY' | 'SELL') =>
      counted.filter((round) => round.side === side).map(({ cpuMs }) => cpuMs / followers);
    const group = `copying to ${followers} followers, all on this machine`;
    return [
      figure(
        group,
        'copies',
        '1/s',
        counted.map(({ ms }) => (followers * 1_000) / ms),
      ),
      figure(group, 'our own CPU for a copied BUY', 'ms', cpu('BUY')),
      figure(group, 'our own CPU for a copied SELL', 'ms', cpu('SELL')),
      ...(await quietTicks(world)),
    ];
  } finally {
    await world.stop();
  }
};

const TICKS = 40;
const zReport = z.object({ trades: z.array(z.unknown()), decisions: z.array(z.unknown()) });

const quietTicks = async (world: World): Promise<readonly Figure[]> => {
  const symbols = TRADED.map(([symbol]) => symbol);
  await world.register('m-apex', '100000', { strategy: { name: 'apex', symbols, mode: 'live' } });
  const quiet: Spent[] = [];
  for (let count = 0; count <= TICKS; count += 1) {
    await world.advanceTo(candleOpening(world.clock.now()) + CANDLE_MS + SECOND);
    const { result, ...spent } = await measured(() => world.tick('m-apex'));
    const { trades, decisions } = zReport.parse(result);
    if (count > 0 && trades.length + decisions.length === 0) quiet.push(spent);
  }
  const group = `a tick of APEX over ${symbols.length} markets that decides nothing`;
  return [
    figure(
      group,
      'our own CPU',
      'ms',
      quiet.map(({ cpuMs }) => cpuMs),
    ),
    figure(
      group,
      'by the clock',
      'ms',
      quiet.map(({ ms }) => ms),
    ),
  ];
};

const EXCHANGE_MS = 50;
const CROWDS = [
  { followers: 1, trades: 16 },
  { followers: 10, trades: 8 },
  { followers: 50, trades: 4 },
] as const;

/** From the master's fill to the order of each user, at an exchange that takes its time. */
export const copyLatency = async (): Promise<readonly Figure[]> => {
  // Lambda gives each account's messages an instance of their own.
  const world = await startWorld({ latencyMs: EXCHANGE_MS, copiesAtOnce: 50 });
  try {
    const figures: Figure[] = [];
    for (const { followers, trades } of CROWDS) {
      const master = `m-of-${followers}`;
      const ids = await registerFollowers(world, master, followers);
      for (let trade = 0; trade < trades; trade += 1)
        await world.tradeAndCopy(master, trade % 2 === 0 ? 'BUY' : 'SELL', SIZE);
      const outcomes = await filledOf(world, ids);
      const group = `from the master's fill, the exchange answering in ${EXCHANGE_MS} ms`;
      const name = `${followers} ${followers === 1 ? 'follower' : 'followers'}: until the`;
      figures.push(
        ...spread(
          group,
          `${name} order is sent`,
          outcomes.map(({ orderLatencyMs }) => orderLatencyMs ?? Number.NaN),
        ),
        ...spread(
          group,
          `${name} order is filled`,
          outcomes.map(({ fillLatencyMs }) => fillLatencyMs ?? Number.NaN),
        ),
      );
    }
    return figures;
  } finally {
    await world.stop();
  }
};

/** The median with its range, and the 99th percentile as a figure of its own. */
const spread = (group: string, name: string, samples: readonly number[]): readonly Figure[] => {
  const p99 = percentile(samples, 0.99);
  return [
    figure(group, `${name}, p50`, 'ms', samples),
    { ...figure(group, `${name}, p99`, 'ms', samples), median: p99 },
  ];
};
