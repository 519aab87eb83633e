import { Decimal, ZERO } from '../../../infra/local/kraken/decimal.ts';
import { publishedTrade } from './copies.ts';
import type { Evidence } from './evidence.ts';

interface Place {
  readonly tradeId: string;
  readonly at: number;
}

const isLater = (one: Place, other: Place): boolean =>
  one.at === other.at ? one.tradeId > other.tradeId : one.at > other.at;

/**
 * What a late sale for a trade must leave alone, at least: coins that came for later trades or were adopted later,
 * less all that anybody but sales for trades up to this one took since the first of them came.
 */
export const laterCoins = (evidence: Evidence, accountId: string, symbol: string, trade: Place): Decimal => {
  let later = ZERO;
  for (const { quantity, tradeId, adoptedAt } of evidence.holdings.movements(accountId, symbol)) {
    const item = tradeId === undefined ? undefined : evidence.tradeItem(tradeId);
    const of = item === undefined ? undefined : publishedTrade(item);
    if (quantity.gt(0)) {
      const cameLater =
        adoptedAt === undefined ? of !== undefined && isLater(of, trade) : adoptedAt > trade.at;
      if (cameLater) later = later.plus(quantity);
    } else if (of === undefined || isLater(of, trade)) later = Decimal.max(0, later.plus(quantity));
  }
  return later;
};

/** What a sale for a trade may still be due of, at least: all but what came later, whatever was taken of that. */
export const surelyWithinReach = (
  evidence: Evidence,
  accountId: string,
  symbol: string,
  trade: Place,
): Decimal => {
  let came = ZERO;
  for (const { quantity, tradeId, adoptedAt } of evidence.holdings.movements(accountId, symbol)) {
    const item = tradeId === undefined ? undefined : evidence.tradeItem(tradeId);
    const of = item === undefined ? undefined : publishedTrade(item);
    const cameLater =
      adoptedAt === undefined ? of !== undefined && isLater(of, trade) : adoptedAt >= trade.at;
    if (quantity.gt(0) && cameLater) came = came.plus(quantity);
  }
  return Decimal.max(0, evidence.holdings.of(accountId, symbol).minus(came));
};
