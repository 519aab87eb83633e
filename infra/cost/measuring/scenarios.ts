import * as z from 'zod';
import { iso, MINUTE, SECOND } from '../../../shared/time/clock.ts';
import type { Familiarity, WorkUnit } from '../calls.ts';
import { ownerOf, type TradeByHand } from './owner.ts';
import { type Sample, STEADY, TRADED, type World } from './world.ts';

/** Samples of one unit of work in one state. */
export interface Measured {
  readonly unit: WorkUnit;
  readonly familiarity: Familiarity;
  readonly samples: readonly Sample[];
}

export const FOLLOWERS = 10;
const HAND = 'm-hand';
const APEX = 'm-apex';
const USERS = Array.from({ length: FOLLOWERS }, (_, index) => `u-${String(index + 1).padStart(4, '0')}`);

const register = async (
  { runtime }: World,
  accountId: string,
  usd: string,
  settings: object,
): Promise<void> => {
  runtime.simulator.createAccount({ accountId, balances: { USD: usd } });
  await runtime.storeSecret(accountId, runtime.simulator.addKey({ accountId }));
  await registerAgain({ runtime }, accountId, settings);
};

const registerAgain = async (
  { runtime }: Pick<World, 'runtime'>,
  accountId: string,
  settings: object,
): Promise<void> => {
  const name = accountId.startsWith('m-') ? 'register-master' : 'register-user';
  await runtime.call(name, { accountId, exchange: 'kraken', ...settings });
};

const tick = async ({ runtime, clock }: World, accountId: string): Promise<void> => {
  const scheduledAt = iso(clock.now());
  await runtime.call('master-tick', { accountId, scheduledAt, periodMs: MINUTE });
};

const zOutcome = z.looseObject({ state: z.string() });

/** One trade of the owner, copied to all followers; their samples, first in its process first. */
const copied = async (
  world: World,
  trade: TradeByHand,
  side: 'BUY' | 'SELL',
  expected: 'FILLED' | 'SKIPPED',
): Promise<{ readonly fanOuts: readonly Sample[]; readonly copies: readonly Sample[] }> => {
  const { runtime } = world;
  await trade(side, side === 'BUY' ? '0.1' : '0.04', '50500');
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

const split = (unit: WorkUnit, samples: readonly Sample[], warm: 'first' | 'again'): readonly Measured[] => [
  { unit, familiarity: 'cold', samples: samples.filter(({ cold }) => cold) },
  { unit, familiarity: warm, samples: samples.filter(({ cold }) => !cold) },
];

const FOLLOWED = { follows: HAND };

/** Copies, the fan-out to ten followers, balances and exits. */
export const measureUsers = async (world: World): Promise<readonly Measured[]> => {
  await register(world, HAND, '100000', {
    strategy: { name: 'manual', symbols: [STEADY], mode: 'live' },
  });
  for (const accountId of USERS) await register(world, accountId, '10000', FOLLOWED);
  const trade = await ownerOf(HAND, STEADY, world);
  await tick(world, HAND);
  const measured: Measured[] = [];
  const round = async (
    unit: 'copy-buy' | 'copy-sell' | 'copy-skipped',
    side: 'BUY' | 'SELL',
    expected: 'FILLED' | 'SKIPPED',
  ): Promise<void> => {
    for (const warm of ['first', 'again'] as const) {
      if (warm === 'first') await world.forgetInstances();
      world.take();
      const { fanOuts, copies } = await copied(world, trade, side, expected);
      measured.push(...split(unit, copies, warm), ...split('fan-out-follower', fanOuts, 'again'));
    }
  };
  await round('copy-buy', 'BUY', 'FILLED');
  await round('copy-sell', 'SELL', 'FILLED');
  measured.push(...(await measureBalances(world)));
  measured.push(...(await measureExits(world)));
  for (const accountId of USERS) await registerAgain(world, accountId, { ...FOLLOWED, copyPaused: true });
  await round('copy-skipped', 'BUY', 'SKIPPED');
  return measured;
};

const measureBalances = async (world: World): Promise<readonly Measured[]> => {
  const measured: Measured[] = [];
  await world.forgetInstances();
  for (const warm of ['first', 'again'] as const) {
    world.take();
    for (const accountId of USERS) {
      const balance = z
        .object({ connected: z.boolean() })
        .parse(await world.runtime.call('balance', { accountId }));
      if (!balance.connected) throw new Error(`the balance of ${accountId} was not read`);
    }
    measured.push(...split('balance', world.take(), warm));
  }
  return measured;
};

const measureExits = async (world: World): Promise<readonly Measured[]> => {
  await world.forgetInstances();
  world.take();
  for (const accountId of USERS) {
    const report = z
      .object({ state: z.string(), results: z.array(z.unknown()) })
      .parse(await world.runtime.call('exit', { accountId, requestId: 'counted' }));
    if (report.state !== 'FLAT' || report.results.length !== 1)
      throw new Error(`the exit of ${accountId} should sell one symbol (given ${JSON.stringify(report)})`);
  }
  return split('exit-symbol', world.take(), 'first');
};

const MOST_TICKS = 600;
const ENOUGH_QUIET = 60;
const ENOUGH_BUYS = 3;
const zReport = z.object({
  trades: z.array(z.looseObject({ side: z.enum(['BUY', 'SELL']) })),
  decisions: z.array(z.string()),
});

/** Ticks of APEX, one a minute, until enough of them bought; their trades have no followers. */
export const measureMaster = async (world: World): Promise<readonly Measured[]> => {
  const symbols = TRADED.map(([symbol]) => symbol);
  await register(world, APEX, '100000', { strategy: { name: 'apex', symbols, mode: 'live' } });
  await world.forgetInstances();
  world.take();
  const ticks: Sample[] = [];
  const fanOuts: Sample[] = [];
  const quiet = () => ticks.filter((sample) => isQuiet(sample));
  const buys = () => ticks.filter((sample) => isBuy(sample));
  for (let count = 0; count < MOST_TICKS; count += 1) {
    if (quiet().length > ENOUGH_QUIET && buys().length >= ENOUGH_BUYS) break;
    const { clock, runtime } = world;
    clock.advanceTo(Math.floor(clock.now() / MINUTE) * MINUTE + MINUTE + SECOND);
    await tick(world, APEX);
    await runtime.settle();
    const samples = world.take();
    ticks.push(...samples.filter(({ name }) => name === 'master-tick'));
    fanOuts.push(...samples.filter(({ name }) => name === 'trade-copier'));
  }
  if (buys().length < ENOUGH_BUYS)
    throw new Error(
      `the master bought too seldom to be measured (given ${buys().length} in ${ticks.length} ticks)`,
    );
  return [
    ...split('tick-quiet', quiet(), 'again'),
    ...split('tick-buy', buys(), 'again'),
    ...split('fan-out', fanOuts, 'again'),
  ];
};

const isQuiet = ({ result }: Sample): boolean => {
  const { trades, decisions } = zReport.parse(result);
  return trades.length + decisions.length === 0;
};
const isBuy = ({ result }: Sample): boolean => {
  const { trades, decisions } = zReport.parse(result);
  return decisions.length === 1 && trades.length === 1 && trades[0]?.side === 'BUY';
};
