import type { AccountId } from '../account/account.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import { type Quantity, type QuoteAmount, ZERO_QUANTITY, ZERO_QUOTE } from '../money/money.ts';
import type { Instant } from '../time/clock.ts';
import { costOfRest } from './apply-fills.ts';
import type { Position } from './position.ts';

/**
 * PHANTOM: the exchange held nothing of it any more. OWN_SALE: the owner's own sales explain what is missing. ADOPTED, RELEASED: at the owner's command.
 */
export const ADJUSTMENT_REASONS = ['PHANTOM', 'OWN_SALE', 'ADOPTED', 'RELEASED'] as const;
export type AdjustmentReason = (typeof ADJUSTMENT_REASONS)[number];

/**
 * The ADJUSTMENT item: a position changed without an execution of ours, by whom and why. Written in the
 * transaction that changes the position, never changed, never deleted.
 */
export interface Adjustment {
  readonly accountId: AccountId;
  /** Unique within the account: the same adjustment is never made twice. */
  readonly id: string;
  readonly symbol: MarketSymbol;
  readonly reason: AdjustmentReason;
  readonly quantityBefore: Quantity;
  readonly quantityAfter: Quantity;
  readonly costBefore: QuoteAmount;
  readonly costAfter: QuoteAmount;
  /** What the exchange held of the base asset; absent where it was not asked. */
  readonly held?: Quantity;
  /** The owner's own sales of the base, less purchases, that no earlier adjustment accounts for. */
  readonly ownSold?: Quantity;
  readonly by: string;
  readonly why: string;
  readonly at: Instant;
}

/** The id of what an owner asked for: the same request is carried out once. */
export const askedId = (requestId: string): string => `asked#${requestId}`;

/** A position of less, at the same cost for each unit. */
export const reducedTo = (position: Position, left: Quantity): Position => ({
  ...position,
  quantity: left,
  costBasis: costOfRest(position.costBasis, position.quantity, left),
  version: position.version + 1,
});

/** The figures of a change, for its ADJUSTMENT item. */
export const figuresOf = (before: Position | undefined, after: Position) => ({
  accountId: after.accountId,
  symbol: after.symbol,
  quantityBefore: before?.quantity ?? ZERO_QUANTITY,
  quantityAfter: after.quantity,
  costBefore: before?.costBasis ?? ZERO_QUOTE,
  costAfter: after.costBasis,
});
