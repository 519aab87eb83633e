import type { Asset } from '../exchange/market.ts';
import {
  minus,
  notional,
  plus,
  type QuoteAmount,
  type Units,
  units,
  unitsOf,
  ZERO_QUOTE,
  ZERO_UNITS,
} from '../money/money.ts';
import { isRounding } from '../snapshot/flows.ts';
import type { EquitySnapshot } from '../snapshot/snapshot.ts';
import { assetOf, type Books, carryOut, type Happened } from './carry-out.ts';
import type { Move } from './effect-of-fill.ts';
import { allOf } from './lots.ts';
import { NO_PARTS, type Parts, sumOf } from './parts.ts';
import { type Prices, priceIn, pricesAt, worthAt } from './prices.ts';
import type { FlowLine, HandOver, Method, TradeLine } from './statement.ts';

/** How an account stood at a snapshot. */
export interface Standing {
  readonly snapshot: EquitySnapshot;
  /** What is managed, by symbol. */
  readonly books: Books;
  readonly prices: Prices;
}

/** The time between two snapshots that follow each other. */
export interface Stretch {
  readonly from: Standing;
  readonly to: Standing;
  /** They add up to the change in equity, exactly. */
  readonly parts: Parts;
  readonly trades: readonly TradeLine[];
  readonly flows: readonly FlowLine[];
  readonly handOvers: readonly HandOver[];
  /** What came and left is not known, nor what was traded beside Nija. */
  readonly unknown: boolean;
}

/** Where an account's history begins: what happened before is in the books, and in no part. */
export const beginning = (snapshot: EquitySnapshot, happened: Happened, method: Method): Standing => {
  const prices = pricesAt(new Map(), happened.fills, snapshot);
  const { books } = carryOut(happened, new Map(), prices, method);
  return { snapshot, books, prices };
};

export const stretchTo = (
  from: Standing,
  snapshot: EquitySnapshot,
  happened: Happened,
  method: Method,
): Stretch => {
  const prices = pricesAt(from.prices, happened.fills, snapshot);
  const done = carryOut(happened, from.books, prices, method);
  const to: Standing = { snapshot, books: done.books, prices };
  const unknown = snapshot.unknownSince !== undefined || !follows(from.snapshot, snapshot);
  const flows = snapshot.flows.map((flow) => ({ at: snapshot.at, ...flow }));
  const others = otherChanges(from.snapshot, snapshot, [...done.moved, ...flows.map(moveOf)]);
  const byOthers = sumOf([...others].map(([asset, change]) => worthAt(change, prices, asset)));
  const [own, appeared] = ownHoldings(from, to, [...done.own, ...flows.map(moveOf)]);
  const small = flows.filter(isRounding);
  const large = flows.filter((flow) => !isRounding(flow));
  return {
    from,
    to,
    parts: {
      ...NO_PARTS,
      deposits: sumOf(large.filter(({ kind }) => kind === 'DEPOSIT').map((flow) => moveOf(flow).value)),
      withdrawals: sumOf(large.filter(({ kind }) => kind === 'WITHDRAWAL').map((flow) => moveOf(flow).value)),
      rounding: sumOf(small.map((flow) => moveOf(flow).value)),
      realised: done.realised,
      unrealised: minus(unrealisedAt(to), unrealisedAt(from)),
      fees: minus(ZERO_QUOTE, done.fees),
      handedOver: done.handedOver,
      ownHoldings: own,
      otherTrades: unknown ? done.exchanged : plus(done.exchanged, byOthers),
      unpriced: plus(appeared, minus(beyondPrices(to), beyondPrices(from))),
      unexplained: unknown ? byOthers : ZERO_QUOTE,
    },
    trades: done.trades,
    flows: large,
    handOvers: done.handOvers,
    unknown,
  };
};

/** Snapshots form a chain: where one is missing that had flows, or measuring began anew, it is broken. */
const follows = (before: EquitySnapshot, { paidIn, flow }: EquitySnapshot): boolean =>
  plus(before.paidIn, flow).eq(paidIn);

/** One that has no value counts as nothing, as its asset does in equity. */
const moveOf = ({ kind, asset, amount, value = ZERO_QUOTE }: FlowLine): Move =>
  kind === 'DEPOSIT'
    ? { asset, units: unitsOf(amount), value }
    : { asset, units: units(amount.negated()), value: minus(ZERO_QUOTE, value) };

const perAsset = (moves: readonly { readonly asset: Asset; readonly units: Units }[]): Map<Asset, Units> => {
  const sums = new Map<Asset, Units>();
  for (const { asset, units: amount } of moves) sums.set(asset, plus(sums.get(asset) ?? ZERO_UNITS, amount));
  return sums;
};

const totalsOf = ({ holdings }: EquitySnapshot) =>
  holdings.map(({ asset, total }) => ({ asset, units: unitsOf(total) }));

const opposite = <T extends { readonly units: Units }>(move: T): T => ({
  ...move,
  units: minus(ZERO_UNITS, move.units),
});

/** By asset, what changed beside what is known to have moved. */
const otherChanges = (
  before: EquitySnapshot,
  after: EquitySnapshot,
  known: readonly Move[],
): ReadonlyMap<Asset, Units> => {
  const changes = [...totalsOf(after), ...totalsOf(before).map(opposite), ...known.map(opposite)];
  return new Map([...perAsset(changes)].filter(([, change]) => !change.isZero()));
};

const managedAt = ({ books }: Standing) =>
  [...books].map(([symbol, book]) => ({ asset: assetOf(symbol), units: unitsOf(allOf(book).quantity) }));

/**
 * What the prices did to all that is not managed: to what was there before, and to what came or left from its own
 * price to that of the snapshot. Apart, what was there before it had a price.
 */
const ownHoldings = (
  from: Standing,
  to: Standing,
  moves: readonly Move[],
): readonly [gained: QuoteAmount, appeared: QuoteAmount] => {
  let gained = ZERO_QUOTE;
  let appeared = ZERO_QUOTE;
  for (const [asset, held] of perAsset([...totalsOf(from.snapshot), ...managedAt(from).map(opposite)])) {
    const change = minus(worthAt(held, to.prices, asset), worthAt(held, from.prices, asset));
    if (priceIn(from.prices, asset) === undefined) appeared = plus(appeared, change);
    else gained = plus(gained, change);
  }
  for (const { asset, units: amount, value } of moves)
    gained = plus(gained, minus(worthAt(amount, to.prices, asset), value));
  return [gained, appeared];
};

/** value − cost of all that is managed, before fees. */
export const unrealisedAt = ({ books, prices }: Standing): QuoteAmount =>
  sumOf(
    [...books].map(([symbol, book]) => {
      const { quantity, cost } = allOf(book);
      const at = priceIn(prices, assetOf(symbol));
      return minus(at === undefined ? ZERO_QUOTE : notional(quantity, at), cost);
    }),
  );

/** Equity, less what is held at the prices that are known: nothing, but for coins that have lost their price. */
const beyondPrices = ({ snapshot, prices }: Standing): QuoteAmount =>
  minus(
    snapshot.equity,
    sumOf(totalsOf(snapshot).map(({ asset, units: total }) => worthAt(total, prices, asset))),
  );
