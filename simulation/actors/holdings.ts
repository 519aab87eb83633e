import * as z from 'zod';
import { isCash } from '../../shared/exchange/market.ts';
import { quantity, scale, text } from '../../shared/money/money.ts';
import type { Actor } from '../world/world.ts';
import { AS_OPERATOR, callPatiently, endOf } from './consoles.ts';
import { pickRegistered } from './people.ts';
import { perWorld } from './per-world.ts';
import { assetOf, percent, priceOf, toStep } from './purse.ts';

const ATTEMPTS = 3;

const requestsOf = perWorld(() => ({ made: 0 }));

/** The same ids in every run of a seed, whoever else acts between: of the world, in the order they are made. */
const nextRequest = (requests: { made: number }): string => {
  requests.made += 1;
  return `asked-${requests.made}`;
};

const zDecimal = z.unknown().transform((value) => quantity(String(value)));
const zHoldings = z.looseObject({
  unmanaged: z.array(z.looseObject({ asset: z.string(), unmanaged: zDecimal })).optional(),
  positions: z.array(z.looseObject({ symbol: z.string() })).optional(),
});

const adopts: Actor = {
  name: 'adopt',
  weight: 10,
  act: async (world, random) => {
    const accountId = pickRegistered(world, 'user', random)?.accountId;
    if (accountId === undefined) return;
    const shown = await world.call('adopt', { action: 'status', accountId });
    if (shown.state === 'FAILED') return;
    const coins = (zHoldings.parse(shown.result).unmanaged ?? []).filter(
      ({ asset, unmanaged }) => !isCash(asset) && unmanaged.gt(0),
    );
    if (coins.length === 0) return;
    const { asset, unmanaged } = random.pick(coins);
    const symbol = world.symbols.find((one) => assetOf(one) === asset);
    const bid = symbol === undefined ? undefined : priceOf(world, symbol)?.bid;
    const amount = toStep(scale(unmanaged, percent(random.chance(0.4) ? 100 : random.whole(10, 120))));
    if (symbol === undefined || bid === undefined || amount.isZero()) return;
    const requestId = nextRequest(requestsOf(world));
    const event = {
      action: 'adopt',
      accountId,
      symbol,
      requestId,
      quantity: text(amount),
      costPerUnit: text(scale(bid, percent(random.whole(60, 140)))),
      ...AS_OPERATOR,
    };
    const end = await callPatiently(world, random, 'adopt', event, ATTEMPTS);
    world.told.push({ what: 'adoption', accountId, asset, at: world.sim.now() });
    world.sim.note(adopts.name, `${accountId} ${text(amount)} ${symbol}`, endOf(end));
  },
};

const releases: Actor = {
  name: 'release',
  weight: 6,
  act: async (world, random) => {
    const accountId = pickRegistered(world, 'user', random)?.accountId;
    if (accountId === undefined) return;
    const shown = await world.call('adopt', { action: 'status', accountId });
    if (shown.state === 'FAILED') return;
    const positions = zHoldings.parse(shown.result).positions ?? [];
    const symbol = world.symbols.find((one) => positions.some((position) => position.symbol === one));
    if (symbol === undefined) return;
    const requestId = nextRequest(requestsOf(world));
    const event = { action: 'release', accountId, symbol, requestId, ...AS_OPERATOR };
    const end = await callPatiently(world, random, 'adopt', event, ATTEMPTS);
    world.told.push({ what: 'release', accountId, asset: assetOf(symbol), at: world.sim.now() });
    world.sim.note(releases.name, `${accountId} ${symbol}`, endOf(end));
  },
};

const balances: Actor = {
  name: 'balance',
  weight: 20,
  act: async (world, random) => {
    const accountId = pickRegistered(world, 'user', random)?.accountId;
    if (accountId === undefined) return;
    const end = await world.call('balance', { accountId });
    world.sim.note(balances.name, accountId, endOf(end));
  },
};

/** Who looks at what is held, and says what of it Nija is to manage. */
export const HOLDINGS: readonly Actor[] = [adopts, releases, balances];
