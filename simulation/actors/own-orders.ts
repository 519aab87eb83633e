import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { lessAtMost, quantityFor, quote, scale, text } from '../../shared/money/money.ts';
import type { Random } from '../kernel/random.ts';
import type { Member, World } from '../world/world.ts';
import { minutes } from './durations.ts';
import { cancelByHand, type OwnOrder, placeByHand } from './own-desk.ts';
import { perWorld } from './per-world.ts';
import { assetOf, basisPoints, equityOf, freeOf, percent, priceOf, toStep, toTick } from './purse.ts';

const CASH = 'USD';
/** Resting this near the market, most limit orders are reached within an hour or two. */
const REST_AWAY_BPS = { from: 5, to: 100 };
/** Of the book: passed at once. */
const ACROSS = percent(101);
const FEE_IN_BASE = 0.15;

/** What rests in the books by an owner's hand. */
const restingOf = perWorld(() => new Set<{ readonly member: Member; readonly orderId: string }>());

/** Buys for that many percent of the account's equity, as far as cash goes. Does nothing without a price. */
export const buyByHand = (
  world: World,
  who: string,
  member: Member,
  what: { readonly symbol: MarketSymbol; readonly equityPercent: number },
  random: Random,
  kind: Kind = kindOf(random),
): void => {
  const { symbol, equityPercent } = what;
  const now = priceOf(world, symbol);
  if (now === undefined) return;
  const wanted = scale(equityOf(world, member.accountId), percent(equityPercent));
  const free = quote(text(freeOf(world, member.accountId, CASH)));
  const spent = wanted.gt(scale(free, percent(97))) ? scale(free, percent(97)) : wanted;
  const limit =
    kind === 'rests' ? scale(now.bid, basisPoints(10_000 - awayBps(random))) : scale(now.ask, ACROSS);
  const amount = toStep(quantityFor(spent, limit));
  if (amount.isZero()) return;
  send(world, who, member, { side: 'BUY', symbol, quantity: amount }, kind, limit, random);
};

/** Sells that share of what is free. Does nothing where nothing is held. */
export const sellByHand = (
  world: World,
  who: string,
  member: Member,
  what: { readonly symbol: MarketSymbol; readonly percent: number },
  random: Random,
  kind: Kind = kindOf(random),
): void => {
  const { symbol } = what;
  const now = priceOf(world, symbol);
  const free = freeOf(world, member.accountId, assetOf(symbol));
  const amount = toStep(scale(free, percent(what.percent)));
  if (now === undefined || amount.isZero()) return;
  const limit =
    kind === 'rests' ? scale(now.ask, basisPoints(10_000 + awayBps(random))) : scale(now.bid, percent(99));
  send(world, who, member, { side: 'SELL', symbol, quantity: amount }, kind, limit, random);
};

/** Symbols of which the account has something that is free. */
export const heldSymbols = (world: World, { accountId }: Member): readonly MarketSymbol[] =>
  world.symbols.filter((symbol) => freeOf(world, accountId, assetOf(symbol)).gt(0));

/** Whatever still rests is cancelled: it would lock what others are to sell. */
export const cancelAllResting = (world: World): void => {
  for (const { member, orderId } of restingOf(world)) cancelByHand(world, 'owner', member, orderId);
  restingOf(world).clear();
};

/** When it is executed: a resting order when the price comes to it, if it does. */
type Kind = 'at market' | 'at once' | 'rests';

const kindOf = (random: Random): Kind => {
  const drawn = random.fraction();
  if (drawn < 0.6) return 'at market';
  return drawn < 0.8 ? 'at once' : 'rests';
};

const awayBps = (random: Random): number => random.whole(REST_AWAY_BPS.from, REST_AWAY_BPS.to);

const send = (
  world: World,
  who: string,
  member: Member,
  order: Pick<OwnOrder, 'side' | 'symbol' | 'quantity'>,
  kind: Kind,
  limit: Parameters<typeof toTick>[0],
  random: Random,
): void => {
  // A fee in coins comes on top of what is sold: where all is sold, there is nothing to take it from.
  const inBase = random.chance(FEE_IN_BASE);
  const amount =
    inBase && order.side === 'SELL'
      ? toStep(lessAtMost(order.quantity, scale(order.quantity, percent(1))))
      : order.quantity;
  const common: OwnOrder = { ...order, quantity: amount, feeInBase: inBase };
  if (kind === 'at market') {
    placeByHand(world, who, member, common);
    return;
  }
  const at = toTick(limit, order.symbol);
  const orderId = placeByHand(world, who, member, { ...common, limit: at, immediate: kind === 'at once' });
  if (orderId === undefined || kind === 'at once') return;
  const resting = { member, orderId };
  restingOf(world).add(resting);
  world.sim.after(minutes(random, 5, 90), () => {
    if (restingOf(world).delete(resting)) cancelByHand(world, who, member, orderId);
  });
};
