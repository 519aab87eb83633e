import type { FaultSpec } from '../../infra/local/kraken/faults.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { iso, MINUTE, SECOND } from '../../shared/time/clock.ts';
import type { Call } from '../kernel/call.ts';
import type { Process } from '../kernel/process.ts';
import type { Random } from '../kernel/random.ts';
import { TICK_EVERY_MS } from '../world/sources.ts';
import type { Actor, Member, World } from '../world/world.ts';
import { endOf } from './consoles.ts';
import { minutes } from './durations.ts';
import { answerWrongly } from './exchange-answers.ts';
import { askUntilFlat, exitOf } from './exits.ts';
import { buyByHand, heldSymbols, sellByHand } from './own-orders.ts';
import { pickRegistered } from './people.ts';
import { follow } from './registrations.ts';
import { undoAll, undoLater } from './undoing.ts';

/** By then what masters have traded is copied, or about to be: where a tick failed, by the next. */
const COPIED_WITHIN_MS = 9 * MINUTE;
/** Where nothing goes wrong. */
const COPIED_MS = { from: 15 * SECOND, to: 45 * SECOND };

/** After these an order is not tried again. */
const FOR_GOOD = ['EOrder:Insufficient funds', 'EGeneral:Permission denied'];

const registered = ({ members }: World, role: Member['role']): readonly Member[] =>
  members.filter((member) => member.role === role && member.registeredAt !== undefined);

/** What every follower is to copy at once, whomever it follows: without waiting for the schedule of the ticks. */
const mastersBuy = (world: World, who: string, symbol: MarketSymbol, random: Random): void => {
  for (const master of registered(world, 'master')) {
    const what = { symbol, equityPercent: random.whole(4, 15) };
    buyByHand(world, who, master, what, random, 'at market');
    tickNow(world, who, master);
  }
};

/** As an operator does with the console. */
const tickNow = (world: World, who: string, { accountId }: Member): void => {
  const scheduledAt = iso(world.sim.now());
  const tick = async (): Promise<void> => {
    const end = await world.call('master-tick', { accountId, scheduledAt, periodMs: TICK_EVERY_MS });
    world.sim.note(who, `a tick of ${accountId}`, endOf(end));
  };
  world.sim.watch(tick());
};

const tight = (name: string, weight: number, act: Actor['act']): Actor => ({
  name,
  weight,
  act,
  mend: undoAll,
});

/** Until all is copied. */
const answerAllWrongly = (
  world: World,
  who: string,
  spec: Omit<FaultSpec, 'apiKey' | 'accountId'>,
  onHit?: (user: Member) => void,
): void => {
  for (const user of registered(world, 'user')) {
    const fault = answerWrongly(world, who, user, spec, () => onHit?.(user));
    undoLater(world, COPIED_WITHIN_MS, () => fault.clear());
  }
};

/** As an operator does, while something is on its way for the account. */
const checkSoon = (world: World, who: string, { accountId }: Member, afterMs: number): void => {
  world.sim.after(afterMs, () => {
    if (world.sim.faults === 'off') return;
    const check = async (): Promise<void> => {
      const end = await world.call('account-check', { accountId });
      world.sim.note(who, `checks ${accountId}`, endOf(end));
    };
    world.sim.watch(check());
  });
};

/** Whether an order was taken is asked for while no list shows it. */
const unlisted = tight('a purchase without an answer is not listed at first', 14, (world, random) => {
  const { name } = unlisted;
  for (const { accountId } of registered(world, 'user')) {
    const hidden = { accountId, calls: 12, forMs: random.whole(1_000, 4_000) };
    const { clear } = world.exchange.hideNewOrders(hidden);
    undoLater(world, COPIED_WITHIN_MS, clear);
  }
  answerAllWrongly(world, name, { kind: 'RESET_AFTER', endpoint: 'AddOrder' });
  mastersBuy(world, name, random.pick(world.symbols), random);
});

/** What became of an order can only be learnt from its executions: look-ups fail, and a check comes. */
const unfound = tight('a purchase without an answer cannot be looked up', 14, (world, random) => {
  const { name } = unfound;
  const afterMs = random.whole(25 * SECOND, 60 * SECOND);
  answerAllWrongly(world, name, { kind: 'RESET_AFTER', endpoint: 'AddOrder' }, (user) =>
    checkSoon(world, name, user, afterMs),
  );
  for (const endpoint of ['OpenOrders', 'ClosedOrders'])
    answerAllWrongly(world, name, { kind: 'HTTP_5XX', endpoint, times: 30 });
  mastersBuy(world, name, random.pick(world.symbols), random);
});

/** A balance that is read for a check right after a purchase is the one of before it. */
const unseen = tight('a check reads a balance of before a purchase', 10, (world, random) => {
  const { name } = unseen;
  for (const { accountId } of registered(world, 'user')) {
    const { clear } = world.exchange.lagBalances({ accountId, forMs: random.whole(6_000, 15_000) });
    undoLater(world, COPIED_WITHIN_MS, clear);
  }
  // No fault, only a way to know when an order comes.
  answerAllWrongly(world, name, { kind: 'SLOW', ms: 0, endpoint: 'AddOrder' }, (user) =>
    checkSoon(world, name, user, 1_000),
  );
  mastersBuy(world, name, random.pick(world.symbols), random);
});

const READ_OF_PROFILE = /(u-\d+) \/ PROFILE/;

/** A worker's first read takes so long that the account follows somebody else, or nobody, before it is answered. */
const leaves = tight('a user leaves a master while a copy waits', 14, (world, random) => {
  const { name } = leaves;
  const [master] = registered(world, 'master');
  if (master === undefined) return;
  let waits = true;
  const follows = async (accountId: string): Promise<void> => {
    const others = registered(world, 'master').filter(({ accountId: id }) => id !== master.accountId);
    const next = others.length > 0 && random.chance(0.5) ? random.pick(others).accountId : undefined;
    await follow(world, name, accountId, next, random);
  };
  const isRead = ({ id }: Process, _point: number, call: Call): boolean => {
    if (!waits || !id.startsWith('copy-worker@') || call.name !== 'BatchGet') return false;
    const [, accountId] = READ_OF_PROFILE.exec(call.about?.() ?? '') ?? [];
    if (accountId === undefined) return false;
    waits = false;
    world.sim.note(name, `holds a read of ${accountId} up`);
    world.sim.watch(follows(accountId));
    return true;
  };
  const beforeMs = { from: 4_000, to: 12_000 };
  world.sim.plan.next(isRead, { name: 'held up', probability: 1, acts: 1, ends: 'answer', beforeMs });
  undoLater(world, COPIED_WITHIN_MS, () => {
    waits = false;
  });
  const what = { symbol: random.pick(world.symbols), equityPercent: random.whole(4, 15) };
  buyByHand(world, name, master, what, random, 'at market');
  tickNow(world, name, master);
});

/** One order sells a part alone. */
const thinExit = tight('an exit into a thin book', 16, async (world, random) => {
  const { name } = thinExit;
  mastersBuy(world, name, random.pick(world.symbols), random);
  await world.sim.clock.sleep(random.whole(COPIED_MS.from, COPIED_MS.to));
  const user = pickRegistered(world, 'user', random);
  const symbols = user === undefined ? [] : heldSymbols(world, user);
  if (user === undefined || symbols.length === 0 || world.sim.faults === 'off') return;
  for (const symbol of symbols) thinOut(world, symbol, minutes(random, 1, 20));
  await askUntilFlat(world, name, exitOf(world, user.accountId, symbols), random);
});

/** So few offers that an order of some ten dollars takes them all. */
const thinOut = (world: World, symbol: MarketSymbol, ms: number): void => {
  const setDepth = (share: string): void => {
    if (world.exchange.price(symbol) !== undefined) world.exchange.setDepth(symbol, share);
  };
  setDepth('0.0001');
  undoLater(world, ms, () => setDepth('1'));
};

/** What was just copied is sold again, and the sale fails, or a part of it does. */
const unsold = tight('copied sales that fail', 20, async (world, random) => {
  const { name } = unsold;
  const symbol = random.pick(world.symbols);
  mastersBuy(world, name, symbol, random);
  await world.sim.clock.sleep(random.whole(COPIED_MS.from, COPIED_MS.to));
  if (world.sim.faults === 'off') return;
  if (random.chance(0.7))
    answerAllWrongly(world, name, {
      kind: 'ERROR_TEXT',
      text: random.pick(FOR_GOOD),
      endpoint: 'AddOrder',
      times: random.whole(1, 4),
    });
  else thinOut(world, symbol, COPIED_WITHIN_MS);
  for (const master of registered(world, 'master')) {
    sellByHand(world, name, master, { symbol, percent: random.pick([30, 60, 100]) }, random, 'at market');
    tickNow(world, name, master);
  }
});

/** What hardly ever comes about by chance, brought about: things that matter only together, and at one moment. */
export const TIGHT_SPOTS: readonly Actor[] = [unlisted, unfound, unseen, leaves, thinExit, unsold];
