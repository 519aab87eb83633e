import type { AccountId } from '../../../shared/account/account.ts';
import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import type { Instant } from '../../../shared/time/clock.ts';
import type { Books } from '../kraken/books.ts';
import { Decimal, ZERO } from '../kraken/decimal.ts';

export interface Bought {
  readonly quantity: Decimal;
  /** Fees included. */
  readonly cost: Decimal;
}

/** What an account has bought and not sold again before a moment, by the books of the exchange. */
export const boughtBefore = (
  books: Pick<Books, 'trades'>,
  accountId: AccountId,
  symbol: MarketSymbol,
  before: Instant,
): Bought => {
  let bought: Bought = { quantity: ZERO, cost: ZERO };
  for (const trade of books.trades()) {
    if (trade.accountId !== accountId || trade.symbol !== symbol || trade.at >= before) continue;
    const { quantity, cost } = bought;
    if (trade.side === 'BUY') {
      bought = { quantity: quantity.plus(trade.quantity), cost: cost.plus(trade.cost).plus(trade.fee) };
    } else {
      const left = Decimal.max(0, quantity.minus(trade.quantity));
      bought = { quantity: left, cost: quantity.isZero() ? ZERO : cost.times(left).div(quantity) };
    }
  }
  return bought;
};

/** Where a stop loss of this share lies. Undefined where nothing is held. */
export const stopOf = ({ quantity, cost }: Bought, share: string): Decimal | undefined =>
  quantity.isZero() ? undefined : cost.div(quantity).times(new Decimal(1).minus(share));
