import * as z from 'zod';
import { Decimal } from '../../infra/local/kraken/decimal.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { type Instant, MINUTE } from '../../shared/time/clock.ts';
import type { StoredItem } from '../aws/dynamodb/value.ts';
import { CHECK_EVERY_MS } from '../world/sources.ts';
import type { Evidence } from './evidence/evidence.ts';
import { clearlySellable } from './evidence/sellable.ts';
import { isLocked } from './evidence/waiting.ts';
import { guarantee } from './guarantee.ts';

const zProfile = z.looseObject({
  protection: z.looseObject({ enabled: z.boolean(), stopLoss: z.string().nullable() }),
});
const zPosition = z.looseObject({
  accountId: z.string(),
  symbol: z.string(),
  quantity: z.string(),
  costBasis: z.string(),
});
const zExit = z.looseObject({
  kind: z.literal('PROTECTION'),
  accountId: z.string(),
  symbol: z.string(),
  rule: z.string(),
  state: z.string(),
  numbers: z.looseObject({ equity: z.string().optional() }),
});

/** A check, and its message on its way. */
const SOLD_WITHIN_MS = CHECK_EVERY_MS + 2 * MINUTE;
/** The price of each market is looked at that often: a check may come at any moment. */
const LOOK_EVERY_MS = 20_000;
/** Nobody argues about where exactly the stop is: the books of the market have two sides, and fees. */
const BELOW = '0.999';
const ABOVE = '1.02';
/** What a read of the balances may have missed of what was booked in the same moment. */
const OF_EQUITY = '0.9';

/** Average cost less what may be lost of it; undefined where no stop is set, or the cost is not known. */
const stopOf = (profile: StoredItem | undefined, { quantity, costBasis }: Position): Decimal | undefined => {
  const parsed = zProfile.safeParse(profile).data?.protection;
  const held = new Decimal(quantity);
  if (!parsed?.enabled || parsed.stopLoss === null || held.lte(0) || new Decimal(costBasis).lte(0))
    return undefined;
  return new Decimal(costBasis).div(held).times(new Decimal(1).minus(parsed.stopLoss));
};
type Position = Pick<z.infer<typeof zPosition>, 'quantity' | 'costBasis'>;

const bidOf = ({ world }: Evidence, symbol: string): Decimal | undefined => {
  const bid = world.exchange.price(symbol)?.bid;
  return bid === undefined ? undefined : new Decimal(bid);
};

const isBeingSold = (evidence: Evidence, accountId: string, symbol: string): boolean =>
  [...evidence.items()].some(
    (item) =>
      item['kind'] === 'PROTECTION' &&
      item['accountId'] === accountId &&
      item['symbol'] === symbol &&
      item['state'] === 'RUNNING',
  );

/** Whatever a master does, a position that is far below its owner's stop is sold with the next check. */
export const stopsFire = guarantee('2 a position below its stop is sold', (evidence) => {
  const { world } = evidence;
  const belowSince = new Map<string, Instant>();
  let lookedAt: Instant = Number.NEGATIVE_INFINITY;
  const look = (): void => {
    const now = world.sim.now();
    if (now - lookedAt < LOOK_EVERY_MS) return;
    lookedAt = now;
    for (const { accountId, role } of world.members) {
      if (role === 'master') continue;
      for (const symbol of world.symbols) {
        const key = `${accountId} ${symbol}`;
        if (isBelow(accountId, symbol)) belowSince.set(key, belowSince.get(key) ?? now);
        else belowSince.delete(key);
      }
    }
  };
  const known = new Map<string, { profile: StoredItem; position: StoredItem; stop: Decimal | undefined }>();
  const stopNow = (key: string, profile: StoredItem, position: StoredItem): Decimal | undefined => {
    const before = known.get(key);
    if (before?.profile === profile && before.position === position) return before.stop;
    const stop = stopOf(profile, zPosition.parse(position))?.times(BELOW);
    known.set(key, { profile, position, stop });
    return stop;
  };
  const isBelow = (accountId: string, symbol: MarketSymbol): boolean => {
    const position = evidence.item(accountId, `POSITION#${symbol}`);
    const profile = evidence.item(accountId, 'PROFILE');
    if (position === undefined || profile === undefined) return false;
    const stop = stopNow(`${accountId} ${symbol}`, profile, position);
    return (
      stop !== undefined &&
      (bidOf(evidence, symbol)?.lt(stop) ?? false) &&
      evidence.keyWorks(accountId) &&
      clearlySellable(evidence, symbol, evidence.holdings.of(accountId, symbol)) &&
      !isLocked(evidence, accountId, symbol) &&
      !world.exchange.books.showsOldBalances(accountId)
    );
  };
  evidence.onRest(look);
  return () => {
    look();
    for (const [key, since] of belowSince) {
      const [accountId = '', symbol = ''] = key.split(' ');
      const now = world.sim.now();
      // What is being sold has its own end to come to.
      if (now - since < SOLD_WITHIN_MS || isBeingSold(evidence, accountId, symbol)) continue;
      return `${symbol} of ${accountId} has been below its stop for ${Math.floor((now - since) / MINUTE)} minutes, and nothing sells it`;
    }
    return undefined;
  };
});

/** A stop does not sell what has not fallen, nor for a loss of money that is there. */
export const stopsAreJustified = guarantee('7 a protective sale has its reason', (evidence, broken) => {
  const { world } = evidence;
  evidence.onChange(({ pk, sk, before, after }) => {
    if (!sk.startsWith('PROTECTION#') || before !== undefined) return;
    const exit = zExit.safeParse(after).data;
    if (exit === undefined) return;
    const { symbol, rule, numbers } = exit;
    if (rule === 'stop-loss') {
      const item = evidence.item(pk, `POSITION#${symbol}`);
      const bid = bidOf(evidence, symbol);
      const stop =
        item === undefined ? undefined : stopOf(evidence.item(pk, 'PROFILE'), zPosition.parse(item));
      if (stop !== undefined && bid?.gt(stop.times(ABOVE)))
        broken(
          `the stop loss of ${symbol} of ${pk} sells at a bid of ${bid.toFixed()}, and its stop is ${stop.toFixed(8)}`,
        );
    }
    if (rule === 'max-drawdown' || rule === 'daily-loss') {
      const equity = leastEquity(pk, evidence);
      if (numbers.equity !== undefined && equity?.times(OF_EQUITY).gt(numbers.equity))
        broken(
          `${rule} of ${pk} sells ${symbol} at an equity of ${numbers.equity}, and by the books it is ${equity.toFixed(2)} at least`,
        );
    }
  });
  /** Undefined where what its owner moves, or the exchange shows late, leaves it open. */
  const leastEquity = (accountId: string, { world: { exchange } }: Evidence): Decimal | undefined => {
    if (exchange.books.showsOldBalances(accountId)) return undefined;
    const since = world.sim.now() - MINUTE;
    if (exchange.books.transfers(accountId).some(({ at }) => at >= since)) return undefined;
    return Object.entries(exchange.books.balances(accountId)).reduce((sum, [code, { total }]) => {
      const asset = code.split('.')[0] ?? code;
      const price = asset === 'USD' ? '1' : (exchange.price(`${asset}/USD`)?.bid ?? 0);
      return sum.plus(new Decimal(total).times(price));
    }, new Decimal(0));
  };
  return undefined;
});
