import type { AccountId } from '../account/account.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { Quantity, QuoteAmount } from '../money/money.ts';
import type { Instant } from '../time/clock.ts';
import type { Oversold } from './oversold.ts';

/** What an account holds in one symbol because Nija bought it. */
export interface Position {
  readonly accountId: AccountId;
  readonly symbol: MarketSymbol;
  readonly quantity: Quantity;
  /** What the quantity cost, fees included; dust that a new position found counts too. */
  readonly costBasis: QuoteAmount;
  /** When it came to be out of nothing, or out of dust that cannot be sold. */
  readonly openedAt: Instant;
  /** When it last grew: the exchange's time of the last purchase, or an adoption's. Absent where it never did. */
  readonly grewAt?: Instant;
  /** Oldest first; absent where no sale took more than there was, or all of that is accounted for. */
  readonly oversold?: readonly Oversold[];
  /** Rises by one with every change. */
  readonly version: number;
}
