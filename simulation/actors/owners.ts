import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { type Quantity, quantity, scale, text } from '../../shared/money/money.ts';
import type { Random } from '../kernel/random.ts';
import type { Actor, Member, World } from '../world/world.ts';
import { buyByHand, cancelAllResting, heldSymbols, sellByHand } from './own-orders.ts';
import { pickRegistered } from './people.ts';
import { perWorld } from './per-world.ts';
import { assetOf, freeOf, pairOf, percent } from './purse.ts';

const CASH = 'USD';

/** All of it, or a part. */
const shareToSell = (random: Random): number => (random.chance(0.25) ? 100 : random.whole(5, 80));

/** What a master's owner has bought by hand. */
const boughtOf = perWorld(() => new Map<Member, Set<MarketSymbol>>());

const buySome = (world: World, who: string, master: Member, random: Random): void => {
  const symbol = random.pick(world.symbols);
  const bought = boughtOf(world).get(master) ?? new Set();
  boughtOf(world).set(master, bought.add(symbol));
  buyByHand(world, who, master, { symbol, equityPercent: random.whole(1, 15) }, random);
};

/** Mostly what was bought: followers have nothing of the rest. */
const sellBought = (world: World, who: string, master: Member, random: Random): void => {
  const bought = boughtOf(world).get(master) ?? new Set();
  const held = heldSymbols(world, master).filter((symbol) => bought.has(symbol));
  if (held.length === 0 || random.chance(0.1)) sellSome(world, who, master, random);
  else sellByHand(world, who, master, { symbol: random.pick(held), percent: shareToSell(random) }, random);
};

const sellSome = (world: World, who: string, member: Member, random: Random): void => {
  const held = heldSymbols(world, member);
  if (held.length === 0) return;
  const symbol = random.pick(held);
  sellByHand(world, who, member, { symbol, percent: shareToSell(random) }, random);
};

const masterBuys: Actor = {
  name: 'a master buys by hand',
  weight: 140,
  act: (world, random) => {
    const master = pickRegistered(world, 'master', random);
    if (master === undefined) return;
    buySome(world, masterBuys.name, master, random);
  },
  mend: cancelAllResting,
};

const masterSells: Actor = {
  name: 'a master sells by hand',
  weight: 70,
  act: (world, random) => {
    const master = pickRegistered(world, 'master', random);
    if (master !== undefined) sellBought(world, masterSells.name, master, random);
  },
  mend: cancelAllResting,
};

/** Orders right after each other: copies must keep their order. */
const masterTradesQuickly: Actor = {
  name: 'a master trades quickly',
  weight: 30,
  act: async (world, random) => {
    const master = pickRegistered(world, 'master', random);
    if (master === undefined) return;
    const symbol = random.pick(world.symbols);
    const turns = random.whole(2, 4);
    for (let turn = 1; turn <= turns; turn += 1) {
      if (turn === 1 || random.chance(0.5)) {
        const what = { symbol, equityPercent: random.whole(1, 8) };
        buyByHand(world, masterTradesQuickly.name, master, what, random);
      } else {
        const what = { symbol, percent: shareToSell(random) };
        sellByHand(world, masterTradesQuickly.name, master, what, random);
      }
      await world.sim.clock.sleep(random.whole(0, 20_000));
    }
  },
  mend: cancelAllResting,
};

const userBuys: Actor = {
  name: 'a user buys by hand',
  weight: 15,
  act: (world, random) => {
    const user = pickRegistered(world, 'user', random);
    if (user === undefined) return;
    const what = { symbol: random.pick(world.symbols), equityPercent: random.whole(1, 20) };
    buyByHand(world, userBuys.name, user, what, random);
  },
  mend: cancelAllResting,
};

const userSells: Actor = {
  name: 'a user sells by hand',
  weight: 20,
  act: (world, random) => {
    const user = pickRegistered(world, 'user', random);
    if (user !== undefined) sellSome(world, userSells.name, user, random);
  },
  mend: cancelAllResting,
};

const deposits: Actor = {
  name: 'deposit',
  weight: 15,
  act: (world, random) => {
    const member = pickRegistered(world, random.chance(0.85) ? 'user' : 'master', random);
    if (member === undefined) return;
    const { accountId } = member;
    const symbol = random.pick(world.symbols);
    const [asset, amount] = random.chance(0.6)
      ? [CASH, String(random.whole(5, 5_000))]
      : [assetOf(symbol), text(someCoins(symbol, random))];
    world.exchange.deposit(accountId, asset, amount);
    world.told.push({ what: 'deposit', accountId, asset, at: world.sim.now() });
    world.sim.note(deposits.name, `${accountId} gets ${amount} ${asset}`);
  },
};

/** From dust to some hundreds of times what an order needs. */
const someCoins = (symbol: MarketSymbol, random: Random): Quantity =>
  scale(quantity(pairOf(symbol).orderMinimum), percent(random.pick([20, 90, 500, 5_000, 40_000])));

const withdrawals: Actor = {
  name: 'withdrawal',
  weight: 15,
  act: (world, random) => {
    const member = pickRegistered(world, random.chance(0.85) ? 'user' : 'master', random);
    if (member === undefined) return;
    const { accountId } = member;
    const held = heldSymbols(world, member);
    const asset = held.length === 0 || random.chance(0.5) ? CASH : assetOf(random.pick(held));
    const share = random.chance(0.3) ? 100 : random.whole(5, 90);
    const amount = scale(freeOf(world, accountId, asset), percent(share));
    if (amount.isZero()) return;
    world.exchange.withdraw(accountId, asset, text(amount));
    world.told.push({ what: 'withdrawal', accountId, asset, at: world.sim.now() });
    world.sim.note(withdrawals.name, `${accountId} takes ${text(amount)} ${asset}`);
  },
};

/** Who owns an account, at the exchange itself. */
export const OWNERS: readonly Actor[] = [
  masterBuys,
  masterSells,
  masterTradesQuickly,
  userBuys,
  userSells,
  deposits,
  withdrawals,
];
