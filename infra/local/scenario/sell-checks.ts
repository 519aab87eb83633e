import type { Trade } from '../../../shared/copying/trade.ts';
import { text } from '../../../shared/money/money.ts';
import { Decimal, step, ZERO } from '../kraken/decimal.ts';
import type { PairSpec } from '../kraken/pairs.ts';
import { type Evidence, followersOf, isMadeGood, soldFor } from './evidence.ts';
import { type Guarantee, guarantee } from './guarantee.ts';
import { PRICE_BOUNDS, pairOf, sellable } from './sellable.ts';

/**
 * Each published SELL, in the master's order, sold of each follower what the exchange's books say Nija had
 * bought for it until then. No reason of ours is believed. Exits come after the last trade.
 */
export const sellNeverBlocked = (evidence: Evidence): Guarantee => {
  const soldOf = soldFor(evidence);
  const endOf = copyStates(evidence);
  const followers = followersOf(evidence);
  const holdings = new Holdings();
  const problems: string[] = [];
  let sales = 0;
  let nothingToSell = 0;
  for (const trade of evidence.collected.trades) {
    const share = soldShare(trade, holdings.of(trade.masterId, trade.symbol));
    for (const { accountId } of followers) {
      const held = holdings.of(accountId, trade.symbol);
      const done = soldOf(accountId, trade.tradeId);
      holdings.move(accountId, trade, done);
      if (trade.side === 'BUY') continue;
      const due = salesDue(held, share, pairOf(trade.symbol), new Decimal(text(trade.price)));
      const state = endOf(accountId, trade.tradeId);
      if (!due.some((sale) => within(sale, done, pairOf(trade.symbol))))
        problems.push(
          `SELL ${trade.tradeId}: ${accountId} held ${held.toFixed()} ${trade.symbol} and sold ${done.toFixed()}, not ${due[0]?.toFixed() ?? ''}`,
        );
      else if (done.gt(0) && state !== 'FILLED')
        problems.push(`SELL ${trade.tradeId} of ${accountId} was sold, but ended ${state ?? 'not at all'}`);
      if (done.gt(0)) sales += 1;
      else nothingToSell += 1;
    }
    holdings.move(trade.masterId, trade, new Decimal(text(trade.quantity)));
  }
  if (sales === 0) problems.push('no SELL was copied, so nothing was shown');
  if (!evidence.outage.exit.results.some(({ quantity }) => new Decimal(quantity).gt(0)))
    problems.push('the exit sold nothing, so nothing was shown');
  return guarantee(
    'sellNeverBlocked',
    problems,
    `${sales} SELL copies sold what the exchange's books call for, ${nothingToSell} had nothing to sell by these books; the exit ran while everything was halted`,
  );
};

/** What was bought less what was sold, by account and symbol. */
class Holdings {
  readonly #quantities = new Map<string, Decimal>();

  of(accountId: string, symbol: string): Decimal {
    return this.#quantities.get(`${accountId} ${symbol}`) ?? ZERO;
  }

  move(accountId: string, { symbol, side }: Trade, quantity: Decimal): void {
    const before = this.of(accountId, symbol);
    this.#quantities.set(
      `${accountId} ${symbol}`,
      side === 'BUY' ? before.plus(quantity) : before.minus(quantity),
    );
  }
}

/** What the master sold of what it held. */
const soldShare = (trade: Trade, heldByMaster: Decimal): Decimal =>
  heldByMaster.gt(0) ? Decimal.min(1, new Decimal(text(trade.quantity)).div(heldByMaster)) : new Decimal(1);

/** The share of the holding, all of it where the rest could not be sold, nothing where the market takes no such sale; one answer for each price that the moment may have had. */
const salesDue = (held: Decimal, share: Decimal, pair: PairSpec, price: Decimal): readonly Decimal[] =>
  PRICE_BOUNDS.map((bound) => {
    const at = price.times(bound);
    const part = held.times(share).toDecimalPlaces(pair.lotDecimals, Decimal.ROUND_DOWN);
    const all = share.gte(1) || (part.gt(0) && !sellable(held.minus(part), pair, at));
    const sale = all ? held : part;
    return sellable(sale, pair, at) ? sale : ZERO;
  });

const within = (due: Decimal, done: Decimal, pair: PairSpec): boolean =>
  due.gt(0) === done.gt(0) && due.minus(done).abs().lte(step(pair.lotDecimals));

const copyStates = ({ collected }: Evidence) => {
  const states = new Map(
    collected.accounts.flatMap(({ copies }) =>
      copies.map(
        (copy) =>
          [
            `${copy.accountId} ${copy.trade.tradeId}`,
            isMadeGood(copy) ? 'FILLED' : copy.outcome?.state,
          ] as const,
      ),
    ),
  );
  return (accountId: string, tradeId: string) => states.get(`${accountId} ${tradeId}`);
};
