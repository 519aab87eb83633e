import {
  type Fraction,
  fraction,
  least,
  lessAtMost,
  ONE,
  plus,
  type Quantity,
  scale,
  ZERO_QUANTITY,
} from '../money/money.ts';
import { afterRefusal, type BackOff } from '../order/back-off.ts';
import { type Instant, MINUTE } from '../time/clock.ts';
import type { Copy, CopyOutcome, FailReason } from './copy.ts';

/** No balance lags as far. */
export const GONE_FOR_MS = 10 * MINUTE;

/**
 * How a sale that was owed ended. SOLD: by an order of its own. CLOSED: the position was sold by others, or is
 * one that was opened since. NOTHING_HELD: the exchange has none of it, nor had a while before. DUST: too little to be sold.
 * DELISTED: the exchange lists its market no more.
 */
export const MADE_GOOD_BY = ['SOLD', 'CLOSED', 'NOTHING_HELD', 'DUST', 'DELISTED'] as const;
export type MadeGoodBy = (typeof MADE_GOOD_BY)[number];

/** A sale that a copy should have made. It is tried until sold, or until there is nothing to sell. */
export interface OwedSale {
  readonly since: Instant;
  /** Still to be sold, at most; it only falls. Absent where what was held could not be known. */
  readonly remaining?: Quantity;
  /** Of what is within reach: the master's share, less what was sold of it. Absent in rows of old: all of his share. */
  readonly share?: Fraction;
  /** Sold to make it good. */
  readonly sold: Quantity;
  /** How many of its orders are over, whatever they sold. */
  readonly rounds: number;
  readonly tries: number;
  readonly lastReason: string;
  readonly lastTriedAt?: Instant;
  /** Since when the exchange shows nothing of it that could be sold, while the ledger has it. */
  readonly missingSince?: Instant;
  /** Where its last orders were refused, or found no buyer. */
  readonly backOff?: BackOff;
  readonly madeGood?: { readonly at: Instant; readonly by: MadeGoodBy; readonly detail: string };
  /** Rises by one with every change. */
  readonly version: number;
}

export type OwingCopy = Copy & { readonly owed: OwedSale };

export const owesSale = (copy: Copy): copy is OwingCopy =>
  copy.owed !== undefined && copy.owed.madeGood === undefined;

/** The sale is still owed, and why. */
export class StillOwed extends Error {
  override readonly name = 'StillOwed';
}

/** What a copy owes once it has ended like this: a SELL that failed, or that sold less than was called for. */
export const owedAfter = (
  { trade }: Pick<Copy, 'trade'>,
  outcome: CopyOutcome,
  at: Instant,
): OwedSale | undefined => {
  if (trade.side !== 'SELL' || outcome.state === 'SKIPPED') return undefined;
  const share = least(ONE, trade.soldFraction);
  const begun = { since: at, share, sold: ZERO_QUANTITY, rounds: 0, tries: 0, version: 1 };
  if (outcome.state === 'FAILED') {
    const { reason, detail, asked } = outcome;
    if (asked?.isZero()) return undefined;
    const known = asked === undefined ? {} : { remaining: asked };
    const lastReason = `${reason}: ${detail}`;
    return { ...begun, ...known, lastReason, ...rememberedOf(reason, lastReason, at) };
  }
  const { short, quantity: filled } = outcome;
  if (short === undefined) return undefined;
  const left = shareLeft(share, plus(filled, short), filled);
  return {
    ...begun,
    remaining: short,
    share: left,
    lastReason: 'PARTLY_SOLD: not all of it was taken or free',
  };
};

const rememberedOf = (
  reason: FailReason,
  why: string,
  at: Instant,
): Pick<OwedSale, 'missingSince' | 'backOff'> => {
  switch (reason) {
    case 'NOTHING_HELD_YET':
      return { missingSince: at };
    case 'REJECTED':
    case 'NOT_SOLD':
      return { backOff: afterRefusal(undefined, at, why) };
    default:
      return {};
  }
};

/**
 * Of what an order leaves, the share that is still to be sold, where `asked` was `share` of all: (sa - sf) / (a - sf).
 * So two sales of one position leave what they would have left in time, whichever sells a part of its own first.
 */
const shareLeft = (share: Fraction, asked: Quantity, filled: Quantity): Fraction => {
  const rest = lessAtMost(asked, filled);
  if (rest.isZero() || filled.isZero()) return filled.isZero() ? share : fraction('0');
  return fraction(scale(rest, share).div(lessAtMost(asked, scale(filled, share))));
};

/**
 * What of a sale is still owed where this much is within reach now: never more than was asked, and never more than
 * what its own orders left of the master's share. What others have sold meanwhile is not owed any more.
 */
export const stillOwed = (
  { remaining, share }: Pick<OwedSale, 'remaining' | 'share'>,
  reach: Quantity,
  { soldFraction }: Pick<Copy['trade'], 'soldFraction'>,
): Quantity => {
  const due = scale(reach, least(ONE, share ?? soldFraction));
  return remaining === undefined ? due : least(remaining, due);
};

/** The sale after one of its orders is over. `unsold`: why it sold nothing, where it did not. */
export const afterOrder = (
  owed: OwedSale,
  {
    asked,
    filled,
    unsold,
    at,
  }: {
    readonly asked: Quantity;
    readonly filled: Quantity;
    readonly unsold?: string;
    readonly at: Instant;
  },
): OwedSale => {
  const { backOff, ...rest } = shownAgain(owed);
  return {
    ...rest,
    remaining: lessAtMost(owed.remaining === undefined ? asked : least(owed.remaining, asked), filled),
    ...(owed.share === undefined ? {} : { share: shareLeft(owed.share, asked, filled) }),
    sold: plus(owed.sold, filled),
    rounds: owed.rounds + 1,
    ...(unsold === undefined ? {} : { backOff: afterRefusal(backOff, at, unsold) }),
    version: owed.version + 1,
  };
};

/** The exchange shows something to sell: how long it did not is not counted on. */
export const shownAgain = ({ missingSince: _over, ...owed }: OwedSale): OwedSale => owed;

/**
 * Whether nothing is left to be sold, since the exchange has shown nothing at two times well apart. One balance
 * alone may come late.
 */
export const isGone = ({ missingSince }: OwedSale, now: Instant): boolean =>
  missingSince !== undefined && now - missingSince >= GONE_FOR_MS;

export const laterThan = (owed: OwedSale): OwedSale => ({ ...owed, version: owed.version + 1 });
