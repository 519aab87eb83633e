import type { Account } from '../account/account.ts';
import type { Copy, CopyOutcome } from '../copying/copy.ts';
import { wantedAmount } from '../copying/size.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { RecordedFill } from '../ledger/ledger.ts';
import {
  greatest,
  least,
  minus,
  notional,
  ONE,
  type Price,
  plus,
  type Quantity,
  type QuoteAmount,
  quantityFor,
  quote,
  scale,
  type Units,
  units,
  ZERO_QUANTITY,
  ZERO_QUOTE,
  ZERO_UNITS,
} from '../money/money.ts';
import type { Instant } from '../time/clock.ts';
import { originOf } from './origin.ts';

/** What an account would hold beside what it holds, had every copy been made at the master's price. */
interface Missed {
  /** Below zero where it holds what it should have sold. */
  readonly units: Units;
  /** What these would have cost, less what they would have brought. */
  readonly spent: QuoteAmount;
}

const NOTHING: Missed = { units: ZERO_UNITS, spent: ZERO_QUOTE };

interface Event {
  readonly at: Instant;
  readonly symbol: MarketSymbol;
  readonly price: Price;
  /** What is missed after it. */
  change(missed: Missed): Missed;
}

export interface MissedFacts {
  /** Of the master that is followed, since it is followed; by the trades' time. */
  readonly copies: readonly Copy[];
  readonly fills: readonly RecordedFill[];
  readonly account: Pick<Account, 'sizing' | 'limits'>;
  equityAt(at: Instant): QuoteAmount;
}

/**
 * What copies that were not made, or not in full, would have brought. Sized as the account is set now; each later
 * sale of the master would have sold its share of them, too.
 *
 * @returns asked with rising moments, what all of them are worth then, less what they would have cost
 */
export const missedCopies = (
  facts: MissedFacts,
): ((at: Instant, priceOf: (symbol: MarketSymbol) => Price | undefined) => QuoteAmount) => {
  const events = eventsOf(facts);
  const bySymbol = new Map<MarketSymbol, Missed>();
  const traded = new Map<MarketSymbol, Price>();
  let next = 0;
  return (at, priceOf) => {
    for (let event = events[next]; event !== undefined && event.at <= at; event = events[next]) {
      bySymbol.set(event.symbol, event.change(bySymbol.get(event.symbol) ?? NOTHING));
      traded.set(event.symbol, event.price);
      next += 1;
    }
    let worth = ZERO_QUOTE;
    for (const [symbol, { units: missed, spent }] of bySymbol) {
      const price = priceOf(symbol) ?? traded.get(symbol);
      const value = price === undefined ? ZERO_QUOTE : notional(missed, price);
      worth = plus(worth, minus(value, spent));
    }
    return worth;
  };
};

const eventsOf = (facts: MissedFacts): readonly Event[] =>
  [
    ...facts.copies.flatMap((copy) => eventsOfCopy(copy, facts)),
    ...facts.fills.filter(({ cause }) => originOf(cause) === 'owed').map(soldLater),
  ].sort((a, b) => a.at - b.at);

const eventsOfCopy = (copy: Copy, facts: MissedFacts): readonly Event[] => {
  const { trade, outcome, owed } = copy;
  const { at, symbol, price } = trade;
  if (outcome === undefined) return [];
  const event = (change: Event['change'], when = at): Event => ({ at: when, symbol, price, change });
  if (trade.side === 'BUY')
    return [event((missed) => bought(missed, notBought(copy, outcome, facts), price))];
  const share = least(trade.soldFraction, ONE);
  const sale = event((missed) => {
    const sold = units(scale(missed.units, share).toDecimalPlaces(18));
    const afterShare = moved(missed, minus(ZERO_UNITS, sold), price);
    return moved(afterShare, units(notSold(outcome).negated()), price);
  });
  // However it ended, nothing is held any more that should have been sold.
  const end = owed?.madeGood;
  return end === undefined
    ? [sale]
    : [
        sale,
        event(
          (missed) =>
            missed.units.isNegative() ? moved(missed, units(missed.units.negated()), price) : missed,
          end.at,
        ),
      ];
};

const moved = (missed: Missed, by: Units, price: Price): Missed => ({
  units: plus(missed.units, by),
  spent: plus(missed.spent, notional(by, price)),
});

const bought = (missed: Missed, amount: Quantity, price: Price): Missed =>
  moved(missed, units(amount), price);

/** A purchase of which nothing was bought: what it would have been, the equity of its moment tells. */
export const isSizedByEquity = ({ trade, outcome }: Copy): boolean =>
  trade.side === 'BUY' && outcome !== undefined && outcome.state !== 'FILLED';

const notBought = (copy: Copy, outcome: CopyOutcome, { account, equityAt }: MissedFacts): Quantity => {
  if (outcome.state === 'FILLED') return outcome.short ?? ZERO_QUANTITY;
  const { trade } = copy;
  const equity = greatest(equityAt(trade.at), ZERO_QUOTE);
  const wanted = wantedAmount({ sizing: account.sizing, trade, equity, limitPrice: trade.price });
  const capped = least(wanted, scale(equity, account.limits.maxTradeFraction));
  return quantityFor(quote(capped.toDecimalPlaces(8)), trade.price);
};

const notSold = (outcome: CopyOutcome): Quantity => {
  switch (outcome.state) {
    case 'FILLED':
      return outcome.short ?? ZERO_QUANTITY;
    case 'FAILED':
      return outcome.asked ?? ZERO_QUANTITY;
    case 'SKIPPED':
      return ZERO_QUANTITY;
  }
};

/** A sale that was owed: what should have been sold is, at another price. */
const soldLater = ({ at, symbol, price, quantity }: RecordedFill): Event => ({
  at,
  symbol,
  price,
  change: (missed) => {
    const tooMuch = greatest(units(missed.units.negated()), ZERO_UNITS);
    return moved(missed, least(units(quantity), tooMuch), price);
  },
});
