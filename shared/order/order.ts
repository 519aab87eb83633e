import { createHash } from 'node:crypto';
import type { AccountId } from '../account/account.ts';
import type { ExchangeErrorCode, OrderType } from '../exchange/exchange.ts';
import type { Market, MarketSymbol } from '../exchange/market.ts';
import type { Price, Quantity, Side } from '../money/money.ts';
import type { Instant } from '../time/clock.ts';

/** Why an order exists. One cause, one order, whatever happens in between. */
export type Cause =
  | { readonly kind: 'copy'; readonly accountId: AccountId; readonly tradeId: string }
  | {
      readonly kind: 'tick';
      readonly accountId: AccountId;
      readonly tickId: string;
      readonly symbol: MarketSymbol;
      readonly side: Side;
    }
  /** `round` rises only after the round before is known to be closed and something was left to sell. */
  | {
      readonly kind: 'exit';
      readonly accountId: AccountId;
      readonly requestId: string;
      readonly symbol: MarketSymbol;
      readonly round: number;
    }
  /** A sale that a copy still owes; `round` as for an exit. */
  | {
      readonly kind: 'owed';
      readonly accountId: AccountId;
      readonly tradeId: string;
      readonly round: number;
    }
  /** A decision of protection: `exitId` names position, rule and level; `round` as for an exit. */
  | {
      readonly kind: 'protection';
      readonly accountId: AccountId;
      readonly exitId: string;
      readonly round: number;
    };

/** The cause as one text, injective. */
export const causeText = (cause: Cause): string => {
  switch (cause.kind) {
    case 'copy':
      return JSON.stringify(['copy', cause.accountId, cause.tradeId]);
    case 'tick':
      return JSON.stringify(['tick', cause.accountId, cause.tickId, cause.symbol, cause.side]);
    case 'exit':
      return JSON.stringify(['exit', cause.accountId, cause.requestId, cause.symbol, cause.round]);
    case 'owed':
      return JSON.stringify(['owed', cause.accountId, cause.tradeId, cause.round]);
    case 'protection':
      return JSON.stringify(['protection', cause.accountId, cause.exitId, cause.round]);
  }
};

/** 32 hex digits from the cause: what Kraken takes as `cl_ord_id`. */
export const clientOrderIdOf = (cause: Cause): string => clientOrderIdOfText(causeText(cause));

/** The same of a cause as an ORDER item keeps it. */
export const clientOrderIdOfText = (cause: string): string =>
  createHash('sha256').update(cause).digest('hex').slice(0, 32);

/** An order as asked for, its size already within the market's rules. */
export type OrderRequest = {
  readonly cause: Cause;
  readonly market: Market;
  readonly quantity: Quantity;
  /** What is called for, where that may be more than can be ordered now; recorded with the order. */
  readonly asked?: Quantity;
  /** Recorded with the order: which configuration decided it. */
  readonly configVersion?: string;
  /** Recorded with the order: what the market asked (or bid, for a sale) when it was decided. Decides nothing. */
  readonly marketPrice?: Price;
} & (
  | { readonly side: 'BUY'; readonly type: 'LIMIT_IOC'; readonly limitPrice: Price }
  | { readonly side: 'SELL'; readonly type: 'MARKET' }
);

/** INTENT: may have been sent. NOT_PLACED: provably not at the exchange; may be sent again. Others are final. */
export type OrderState = 'INTENT' | 'NOT_PLACED' | 'REJECTED' | 'CLOSED';

/** The ORDER item. */
export interface OrderRecord {
  readonly accountId: AccountId;
  readonly clientOrderId: string;
  readonly cause: string;
  readonly symbol: MarketSymbol;
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity: Quantity;
  /** What was called for: what the order leaves of it is still to be sold, whoever finds out how it ended. */
  readonly asked?: Quantity;
  readonly limitPrice?: Price;
  readonly configVersion?: string;
  /** What the market asked (or bid, for a sale) when it was decided, where that was known. */
  readonly marketPrice?: Price;
  readonly state: OrderState;
  /** How often it was (perhaps) sent: 1 for the first. */
  readonly attempt: number;
  /** When the first INTENT was written. */
  readonly createdAt: Instant;
  /** When the last attempt's INTENT was written, and when the exchange refuses that attempt. */
  readonly intendedAt: Instant;
  readonly deadline: Instant;
  /** With an INTENT: the exchange has taken it, and how it ended is not known. */
  readonly exchangeOrderId?: string;
  readonly filledQuantity?: Quantity;
  readonly reason?: ExchangeErrorCode;
  readonly message?: string;
}

/** ORDER items. All writes are conditional, so of two writers one loses by an error. */
export interface OrderStore {
  get(accountId: AccountId, clientOrderId: string): Promise<OrderRecord | undefined>;
  /** Writes the first INTENT (attempt 1). Resolves to false when the order exists already. */
  create(order: OrderRecord): Promise<boolean>;
  /**
   * Writes `next` if the stored order still has `previous`'s state and attempt, and, for a `next` that is not placed,
   * no id of the exchange that `previous` lacks.
   * @throws ConcurrentChange otherwise
   */
  replace(previous: OrderRecord, next: OrderRecord): Promise<void>;
  /** Orders of an account that are still INTENT. */
  inDoubt(accountId: AccountId): Promise<readonly OrderRecord[]>;
}

/** Somebody else changed an item in between: read it again. */
export class ConcurrentChange extends Error {
  override readonly name = 'ConcurrentChange';
}
