import { PAIR_STATUSES } from '../../infra/local/kraken/pairs.ts';
import { SYSTEM_STATUSES } from '../../infra/local/kraken/world.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { quantity, scale, text } from '../../shared/money/money.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { Actor, World } from '../world/world.ts';
import { minutes } from './durations.ts';
import { buyByHand, sellByHand } from './own-orders.ts';
import { pickAnyone, pickRegistered } from './people.ts';
import { pairOf, percent } from './purse.ts';
import { undoAll, undoLater } from './undoing.ts';

const condition = (name: string, weight: number, act: Actor['act']): Actor => ({
  name,
  weight,
  act,
  mend: undoAll,
});

/** Whole markets that are listed still. */
const listed = ({ exchange, symbols }: World): readonly MarketSymbol[] =>
  symbols.filter((symbol) => exchange.price(symbol) !== undefined);

const lag = condition('balances lag behind', 8, (world, random) => {
  const accountId = pickAnyone(world, random)?.accountId;
  if (accountId === undefined) return;
  const { clear } = world.exchange.lagBalances({ accountId, forMs: random.whole(200, 2_500) });
  world.sim.note(lag.name, accountId);
  undoLater(world, minutes(random, 10, 90), clear);
});

/** Less than the slack after which an order that is absent counts as never placed. */
const MOST_HIDDEN_MS = 4_000;

const hidden = condition('new orders are not listed for a while', 8, (world, random) => {
  const accountId = pickAnyone(world, random)?.accountId;
  if (accountId === undefined) return;
  const { clear } = world.exchange.hideNewOrders({
    accountId,
    calls: random.whole(1, 6),
    forMs: random.whole(100, MOST_HIDDEN_MS),
  });
  world.sim.note(hidden.name, accountId);
  undoLater(world, minutes(random, 10, 90), clear);
});

const outage = (
  name: string,
  weight: number,
  longest: number,
  scopeOf: (world: World, random: Random) => string | undefined,
): Actor =>
  condition(name, weight, (world, random) => {
    const scope = scopeOf(world, random);
    if (scope === undefined) return;
    const beganAt = world.sim.now();
    const { clear } = world.exchange.faults.inject({
      kind: random.pick(['HTTP_5XX', 'TIMEOUT_BEFORE', 'RESET_BEFORE', 'HTML']),
      times: Number.POSITIVE_INFINITY,
      ...(scope === 'all' ? {} : { accountId: scope }),
    });
    world.sim.note(name, scope);
    undoLater(world, minutes(random, 2, longest), () => {
      clear();
      world.told.push({ what: 'outage', scope, beganAt, endedAt: world.sim.now() });
      world.sim.note(name, `${scope} is over`);
    });
  });

const ofAll = outage('outage for all', 3, 40, () => 'all');
const ofOne = outage(
  'outage for one account',
  6,
  180,
  (world, random) => pickAnyone(world, random)?.accountId,
);

const lockout = condition('temporary lockout', 4, (world, random) => {
  const accountId = pickAnyone(world, random)?.accountId;
  if (accountId === undefined) return;
  const { clear } = world.exchange.faults.inject({
    kind: 'ERROR_TEXT',
    text: 'EGeneral:Temporary lockout',
    accountId,
    times: Number.POSITIVE_INFINITY,
  });
  world.sim.note(lockout.name, accountId);
  undoLater(world, 15 * MINUTE, clear);
});

const maintenance = condition('maintenance', 4, (world, random) => {
  const status = random.pick(SYSTEM_STATUSES.filter((one) => one !== 'online'));
  world.exchange.setSystemStatus(status);
  world.sim.note(maintenance.name, status);
  undoLater(world, minutes(random, 3, 40), () => world.exchange.setSystemStatus('online'));
});

const marketStatus = condition('a market takes no orders', 6, (world, random) => {
  const symbol = random.pick(listed(world));
  const status = random.pick(PAIR_STATUSES.filter((one) => one !== 'online'));
  world.exchange.setMarketStatus(symbol, status);
  world.sim.note(marketStatus.name, `${symbol} ${status}`);
  undoLater(world, minutes(random, 3, 90), () => {
    if (listed(world).includes(symbol)) world.exchange.setMarketStatus(symbol, 'online');
  });
});

const thin = condition('a thin book', 10, (world, random) => {
  const symbol = random.pick(listed(world));
  const share = random.pick(['0.02', '0.005', '0.001']);
  world.exchange.setDepth(symbol, share);
  world.sim.note(thin.name, `${symbol} ${share}`);
  undoLater(world, minutes(random, 5, 90), () => {
    if (listed(world).includes(symbol)) world.exchange.setDepth(symbol, '1');
  });
});

/** How many times what they were. */
const RAISED = [2, 10, 50] as const;
export const MOST_RAISED = Math.max(...RAISED);

const minimums = condition('raised minimums', 5, (world, random) => {
  const symbol = random.pick(listed(world));
  const { orderMinimum, costMinimum } = pairOf(symbol);
  const times = percent(100 * random.pick(RAISED));
  const raised = (usual: string): string => text(scale(quantity(usual), times));
  world.exchange.setMinimums(symbol, { order: raised(orderMinimum), cost: raised(costMinimum) });
  world.told.push({ what: 'minimums', symbol, raised: true, at: world.sim.now() });
  world.sim.note(minimums.name, symbol);
  undoLater(world, minutes(random, 10, 180), () => {
    if (listed(world).includes(symbol)) world.exchange.setMinimums(symbol, undefined);
    world.told.push({ what: 'minimums', symbol, raised: false, at: world.sim.now() });
  });
});

/** For good, once in a history, and never the last but one: most work has to get done. */
const delisting = condition('delisted symbol', 2, (world, random) => {
  const left = listed(world);
  if (left.length < 3 || left.length < world.symbols.length) return;
  const symbol = random.pick(left);
  world.exchange.delist(symbol);
  world.told.push({ what: 'delisting', symbol, at: world.sim.now() });
  world.sim.note(delisting.name, symbol);
});

/** Somebody has orders in the books, and they are executed at the moment when an exit cancels them. */
const cancelFills = condition('a cancel that filled', 5, (world, random) => {
  const user = pickRegistered(world, 'user', random);
  if (user === undefined) return;
  const symbol = random.pick(world.symbols);
  const who = cancelFills.name;
  if (random.chance(0.5))
    buyByHand(world, who, user, { symbol, equityPercent: random.whole(2, 10) }, random, 'rests');
  else sellByHand(world, who, user, { symbol, percent: random.whole(10, 90) }, random, 'rests');
  const fault = world.exchange.faults.inject({
    kind: 'FILLS_FIRST',
    endpoint: 'CancelOrder',
    accountId: user.accountId,
  });
  undoLater(world, minutes(random, 10, 90), () => fault.clear());
});

/** What the exchange is like for a while. */
export const EXCHANGE_CONDITIONS: readonly Actor[] = [
  lag,
  hidden,
  ofAll,
  ofOne,
  lockout,
  maintenance,
  marketStatus,
  thin,
  minimums,
  delisting,
  cancelFills,
];
