import type { Account } from '../account/account.ts';
import type { Copy } from '../copying/copy.ts';
import type { Read } from '../ledger/read.ts';
import { type Fraction, minus, notional, plus, type QuoteAmount, ZERO_QUOTE } from '../money/money.ts';
import type { EquitySnapshot } from '../snapshot/snapshot.ts';
import { type Instant, iso } from '../time/clock.ts';
import { assetOf } from './carry-out.ts';
import { copyLineOf } from './copy-lines.ts';
import { curveOf } from './curve.ts';
import { allOf } from './lots.ts';
import { monthOf } from './month.ts';
import { notesOf } from './notes.ts';
import { addedUp, resultOf } from './parts.ts';
import { priceIn } from './prices.ts';
import { profitShareOf } from './profit-share.ts';
import { type Records, replay } from './replay.ts';
import { type Method, type OpenPosition, PARTS, type Statement, type Tracking } from './statement.ts';
import type { Standing, Stretch } from './stretch.ts';
import { trackingOf } from './tracking.ts';

/** Oldest first, at least two. */
export type Snapshots = readonly [EquitySnapshot, EquitySnapshot, ...EquitySnapshot[]];

/** What a statement is made of. */
export interface StatementFacts {
  readonly account: Pick<
    Account,
    'accountId' | 'quoteCurrency' | 'follows' | 'followsSince' | 'registeredAt' | 'sizing' | 'limits'
  >;
  /** `2026-11` */
  readonly month: string;
  readonly method: Method;
  readonly profitShare?: Fraction;
  /** When this was read: a month that is not over then is stated as far as it went. */
  readonly asOf: Instant;
  /**
   * All of the period; of before, the account's first, those after each change without an execution, and those that
   * copies which were not made are sized by; for a profit share, those that stand for ends of months.
   */
  readonly snapshots: Snapshots;
  /** Which of them stand for the ends of months before the period, oldest first. The last is its opening. */
  readonly marks: readonly [Instant, ...Instant[]];
  readonly records: Records;
  /** By the trades' time. */
  readonly copies: readonly Copy[];
  /** Of the period; undefined where the account follows none. */
  readonly master: Read<MasterRecords> | undefined;
}

export interface MasterRecords {
  readonly snapshots: readonly EquitySnapshot[];
  readonly records: Records;
}

/** The statement of one account and month. Pure. */
export const buildStatement = (facts: StatementFacts): Statement => {
  const { account, snapshots, records, method } = facts;
  const { stretches } = replay(snapshots, records, method);
  const openedAt = facts.marks.at(-1) ?? facts.marks[0];
  const period = periodOf(stretches, openedAt);
  const [first] = period;
  const last = period.at(-1) ?? first;
  const parts = addedUp(period.map((stretch) => stretch.parts));
  const trades = period.flatMap((stretch) => stretch.trades);
  const [opening, closing] = [first.from.snapshot, last.to.snapshot];
  const month = monthOf(facts.month);
  const copies = facts.copies.filter(({ trade }) => opening.at < trade.at && trade.at <= closing.at);
  const begins = snapshots[0].at === opening.at;
  return {
    accountId: account.accountId,
    month: facts.month,
    method,
    currency: account.quoteCurrency,
    ...(account.follows === undefined ? {} : { follows: account.follows }),
    period: { ...month, openedAt: opening.at, closedAt: closing.at },
    equity: {
      opening: opening.equity,
      closing: closing.equity,
      change: minus(closing.equity, opening.equity),
    },
    parts: PARTS.map((part) => ({ part, amount: parts[part] })),
    result: resultOf(parts),
    realised: realisedOf(trades),
    trades,
    flows: period.flatMap((stretch) => stretch.flows),
    handOvers: period.flatMap((stretch) => stretch.handOvers),
    positions: positionsAt(last.to),
    copies: copies.map(copyLineOf),
    tracking: trackingFor(facts, period),
    ...(facts.profitShare === undefined
      ? {}
      : { profitShare: profitShareOf(facts.profitShare, stretches, facts.marks) }),
    curve: curveOf(period),
    notes: notesOf({
      month,
      asOf: facts.asOf,
      stretches: period,
      parts,
      begins,
      copies,
      earlierForgotten: !snapshots[0].paidIn.eq(snapshots[0].equity),
      shared: facts.profitShare !== undefined,
    }),
  };
};

/** @throws RangeError where the opening is not among the snapshots, or is the last: a defect of who reads them */
const periodOf = (stretches: readonly Stretch[], openedAt: Instant): readonly [Stretch, ...Stretch[]] => {
  const [first, ...later] = stretches.filter(({ from }) => from.snapshot.at >= openedAt);
  if (first === undefined || first.from.snapshot.at !== openedAt)
    throw new RangeError(`a period begins with one of the snapshots (given ${openedAt})`);
  return [first, ...later];
};

const realisedOf = (trades: Statement['trades']): Statement['realised'] => {
  const none: Statement['realised'] = { beforeFees: ZERO_QUOTE, fees: ZERO_QUOTE, afterFees: ZERO_QUOTE };
  return trades.reduce(
    (sum, { profit = none }) => ({
      beforeFees: plus(sum.beforeFees, profit.beforeFees),
      fees: plus(sum.fees, profit.fees),
      afterFees: plus(sum.afterFees, profit.afterFees),
    }),
    none,
  );
};

const positionsAt = ({ books, prices }: Standing): OpenPosition[] =>
  [...books].flatMap(([symbol, book]): readonly OpenPosition[] => {
    const { quantity, cost, fees } = allOf(book);
    if (quantity.isZero()) return [];
    const price = priceIn(prices, assetOf(symbol));
    const value = price === undefined ? ZERO_QUOTE : notional(quantity, price);
    const priced = price === undefined ? {} : { price };
    return [{ symbol, quantity, cost, fees, ...priced, value, unrealised: minus(value, cost) }];
  });

/** From when on the master is followed: before, its return is nobody's measure. */
const trackingFor = (facts: StatementFacts, period: readonly Stretch[]): Tracking => {
  const { account, master, records } = facts;
  const { follows } = account;
  if (follows === undefined || master === undefined)
    return { known: false, why: `${account.accountId} follows no master` };
  if (!master.readable)
    return { known: false, why: `what ${follows} has done could not be read: ${master.why}` };
  const [first, second, ...later] = master.value.snapshots;
  if (first === undefined || second === undefined)
    return { known: false, why: `${follows} was not measured in this time` };
  const since = account.followsSince ?? account.registeredAt;
  const [begin, ...rest] = period.filter(({ to }) => to.snapshot.at > since);
  if (begin === undefined)
    return { known: false, why: `${account.accountId} has followed ${follows} since ${iso(since)} only` };
  const masters = replay([first, second, ...later], master.value.records, 'average').stretches;
  return trackingOf({
    masterId: follows,
    own: [begin, ...rest],
    master: masters.filter(({ to }) => to.snapshot.at > begin.from.snapshot.at),
    copies: facts.copies.filter(({ trade }) => trade.masterId === follows && trade.at >= since),
    fills: records.fills,
    account,
    equityAt: (at) => equityAt(facts.snapshots, at),
  });
};

/** At the last snapshot before, of those that are known. */
const equityAt = (snapshots: Snapshots, at: Instant): QuoteAmount =>
  (snapshots.findLast((snapshot) => snapshot.at <= at) ?? snapshots[0]).equity;
