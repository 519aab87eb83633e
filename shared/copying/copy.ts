import type { AccountId } from '../account/account.ts';
import type { BasisPoints, Price, Quantity, QuoteAmount } from '../money/money.ts';
import type { Instant } from '../time/clock.ts';
import type { OwedSale, OwingCopy } from './owed-sale.ts';
import type { Trade } from './trade.ts';

/** Why a BUY was not made; in the order in which they are judged. */
export const BUY_GUARDS = [
  'ACCOUNT_DISABLED',
  'HALTED',
  'EXIT_ONLY',
  'COPY_PAUSED',
  'NOT_FOLLOWING',
  'MASTER_UNHEALTHY',
  'STALE',
  'EXCHANGE_FAILING',
  'SYMBOL_UNSUPPORTED',
  'SYMBOL_DENIED',
  'PRICE_MOVED',
  'MAX_POSITIONS',
  'DAILY_LOSS',
  'MAX_DRAWDOWN',
  'ORDER_RATE',
  'INSUFFICIENT_CASH',
  'BELOW_MINIMUM',
] as const;
export type BuyGuard = (typeof BUY_GUARDS)[number];

/** Why there was nothing to do: a guard for BUYs, physics for SELLs. NOT_FILLED: the price cap was never met. */
export type SkipReason = BuyGuard | 'NO_POSITION' | 'NOT_FILLED';
/**
 * The exchange said no for good, a sale found no buyer, what is to be sold is locked (in open orders, or staked) or
 * not to be seen at the exchange, or the account cannot be reached as it is. A failed SELL leaves its position as it
 * is, is reported, and is owed.
 */
export const FAIL_REASONS = [
  'REJECTED',
  'NOT_SOLD',
  'LOCKED',
  'NOTHING_HELD_YET',
  'ACCOUNT_UNKNOWN',
  'ACCOUNT_UNUSABLE',
] as const;
export type FailReason = (typeof FAIL_REASONS)[number];

export type CopyOutcome =
  | {
      readonly state: 'FILLED';
      readonly quantity: Quantity;
      readonly price: Price;
      /** What the market asked (or bid, for a sale) when the order was decided: how far it had moved from the master's price. */
      readonly marketPrice?: Price;
      readonly fees: QuoteAmount;
      /** From the master's fill to our order being sent, and to our fill; milliseconds. */
      readonly orderLatencyMs: number;
      readonly fillLatencyMs: number;
      /** Against the master's price; positive is worse. */
      readonly slippageBps: BasisPoints;
      readonly clientOrderId: string;
      /** What the trade called for beyond `quantity`: not offered, not taken, or not free. Absent where nothing. */
      readonly short?: Quantity;
    }
  | { readonly state: 'SKIPPED'; readonly reason: SkipReason; readonly detail: string }
  | {
      readonly state: 'FAILED';
      readonly reason: FailReason;
      readonly detail: string;
      /** Of a SELL: what the trade called for. Absent where what is held was not known. */
      readonly asked?: Quantity;
    };

/** The COPY item: one trade × one follower, with all facts of the trade that the worker needs. */
export interface Copy {
  readonly accountId: AccountId;
  readonly trade: Trade;
  readonly createdAt: Instant;
  readonly outcome?: CopyOutcome;
  readonly finishedAt?: Instant;
  /** The sale that its end left to be made good, and what has become of that since. */
  readonly owed?: OwedSale;
}

export interface CopyStore {
  /** Resolves to false when the row exists already. */
  create(copy: Copy): Promise<boolean>;
  get(accountId: AccountId, tradeId: string): Promise<Copy | undefined>;
  /** Of these followers, who has a row of the trade, and whether its copy has ended; in few requests. */
  progress(
    tradeId: string,
    accountIds: readonly AccountId[],
  ): Promise<ReadonlyMap<AccountId, 'OPEN' | 'ENDED'>>;
  /**
   * Ends a copy that changed nothing at the exchange; in the same write, a SELL that failed owes its sale from
   * now on. A copy that has ended stays as it is.
   */
  finish(copy: Copy, outcome: CopyOutcome, at: Instant): Promise<void>;
  list(accountId: AccountId): Promise<readonly Copy[]>;
  /** What has no outcome or still owes a sale, of one account, by the trades' time; the rest is not read. Strongly consistent. */
  unfinished(accountId: AccountId): Promise<readonly Copy[]>;
  /** Writes the owed sale after the stored one. @throws ConcurrentChange when that is not `copy.owed` any more */
  saveOwed(copy: OwingCopy, next: OwedSale): Promise<void>;
}
