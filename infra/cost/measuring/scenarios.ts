import * as z from 'zod';
import { MINUTE, SECOND } from '../../../shared/time/clock.ts';
import { register } from '../../local/owner/open-account.ts';
import { ownerOf } from '../../local/owner/owner.ts';
import { STEADY, STEADY_TOO, TRADED } from '../../local/prices/measured-markets.ts';
import { copied, HAND, join, type Measured, split, tick, USERS } from './acts.ts';
import { measureChecks } from './checks.ts';
import type { Sample, World } from './world.ts';

const APEX = 'm-apex';
const FOLLOWED = { follows: HAND };

/** Copies, the fan-out to ten followers, balances, exits and checks. */
export const measureUsers = async (world: World): Promise<readonly Measured[]> => {
  await join(world, HAND, '100000', {
    strategy: { name: 'manual', symbols: [STEADY, STEADY_TOO], mode: 'live' },
  });
  for (const accountId of USERS) await join(world, accountId, '10000', FOLLOWED);
  const owner = await ownerOf(HAND, world.runtime, world.clock);
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
      const { fanOuts, copies } = await copied(
        world,
        () => owner.trade(side, STEADY, side === 'BUY' ? '0.1' : '0.04', '50500'),
        expected,
      );
      measured.push(...split(unit, copies, warm), ...split('fan-out-follower', fanOuts, 'again'));
    }
  };
  await round('copy-buy', 'BUY', 'FILLED');
  await round('copy-sell', 'SELL', 'FILLED');
  measured.push(...(await measureBalances(world)));
  measured.push(...(await measureExits(world)));
  for (const accountId of USERS) await register(world.runtime, accountId, { ...FOLLOWED, copyPaused: true });
  await round('copy-skipped', 'BUY', 'SKIPPED');
  for (const accountId of USERS) await register(world.runtime, accountId, { ...FOLLOWED, copyPaused: false });
  await copied(world, () => owner.trade('BUY', STEADY, '0.1', '50500'), 'FILLED');
  await copied(world, () => owner.trade('BUY', STEADY_TOO, '50000', '0.101'), 'FILLED');
  measured.push(...(await measureChecks(world)));
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
  await join(world, APEX, '100000', { strategy: { name: 'apex', symbols, mode: 'live' } });
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
