import type { BookedTrade } from '../../infra/local/kraken/books.ts';
import { Decimal, ZERO } from '../../infra/local/kraken/decimal.ts';
import { type PublishedTrade, publishedTrade } from './evidence/copies.ts';
import type { Evidence } from './evidence/evidence.ts';
import { baseMoved, unreadable } from './evidence/holdings.ts';
import { type AtEnd, type Broken, guarantee } from './guarantee.ts';

/**
 * The share of its position that a master sold, from the executions that the ledger had recorded by then, with
 * the exchange's figures.
 */
const watchFractions = (evidence: Evidence, broken: Broken): void => {
  const positions = new Map<string, Position>();
  const executions = new Map<string, BookedTrade>();
  evidence.onTrade((trade) => executions.set(trade.tradeId, trade));
  /** What the FILL items of one order and one transaction come to: its TRADE follows them. */
  let parts: (Parts & { readonly orderId: string }) | undefined;
  evidence.onChange(({ pk, sk, before, after }) => {
    if (!pk.startsWith('m-') || before !== undefined || after === undefined) return;
    if (sk.startsWith('FILL#')) {
      const execution = executions.get(sk.slice('FILL#'.length));
      if (execution === undefined) return broken(`${pk} has ${sk}, and the exchange has no such execution`);
      const { orderId, symbol, quantity, cost } = execution;
      const key = `${pk} ${symbol}`;
      const position = positions.get(key) ?? NOTHING;
      const known = parts?.orderId === orderId ? parts : { before: position, quantity: ZERO, cost: ZERO };
      parts = {
        orderId,
        before: known.before,
        quantity: known.quantity.plus(quantity),
        cost: known.cost.plus(cost),
      };
      positions.set(key, {
        quantity: Decimal.max(0, position.quantity.plus(baseMoved(execution))),
        slack: position.slack.plus(unreadable(execution)),
      });
    } else if (sk.startsWith('TRADE#')) {
      const trade = publishedTrade(after);
      const of = parts?.orderId === trade.exchangeOrderId ? parts : undefined;
      parts = undefined;
      const why = of === undefined ? 'it was published without its executions' : wrongBy(trade, of);
      if (why !== undefined)
        broken(`trade ${trade.tradeId} of ${pk} (${trade.side} ${trade.quantity} ${trade.symbol}): ${why}`);
    }
  });
};

interface Position {
  readonly quantity: Decimal;
  /** How far the ledger may be off, for fees that were taken in base. */
  readonly slack: Decimal;
}
const NOTHING: Position = { quantity: ZERO, slack: ZERO };

interface Parts {
  readonly before: Position;
  readonly quantity: Decimal;
  readonly cost: Decimal;
}

const wrongBy = (trade: PublishedTrade, { before, quantity, cost }: Parts): string | undefined => {
  if (!quantity.eq(trade.quantity) || !cost.eq(trade.notional))
    return `${trade.notional} were published for it, and its executions are ${quantity.toFixed()} for ${cost.toFixed()}`;
  if (trade.side === 'BUY') return undefined;
  const share = before.quantity.gt(0) ? Decimal.min(1, quantity.div(before.quantity)) : new Decimal(1);
  const off = share.minus(trade.soldFraction).abs().times(before.quantity);
  return off.gt(before.slack.plus('1e-20'))
    ? `it says that ${trade.soldFraction} of the position was sold, and it was ${share.toFixed()}`
    : undefined;
};

/** Order by order, what the exchange executed of a master and what was published of it. */
const unpublished = (evidence: Evidence): AtEnd => {
  return () => {
    const differences = new Map<string, Decimal>();
    const add = (accountId: string, orderId: string, quantity: Decimal): void => {
      const key = `${orderId} of ${accountId}`;
      differences.set(key, (differences.get(key) ?? ZERO).plus(quantity));
    };
    for (const trade of evidence.world.exchange.books.trades()) {
      const since = evidence.item(trade.accountId, 'PROFILE')?.['registeredAt'];
      if (!trade.accountId.startsWith('m-') || typeof since !== 'number') continue;
      if (trade.at >= since && isReadable(evidence, trade.accountId))
        add(trade.accountId, trade.orderId, new Decimal(trade.quantity));
    }
    for (const item of evidence.tradeItems()) {
      const { masterId, exchangeOrderId, quantity } = publishedTrade(item);
      if (isReadable(evidence, masterId)) add(masterId, exchangeOrderId, new Decimal(quantity).negated());
    }
    for (const [order, difference] of differences) {
      if (difference.isZero()) continue;
      return difference.gt(0)
        ? `of order ${order} ${difference.toFixed()} more were executed than published`
        : `of order ${order} ${difference.negated().toFixed()} more were published than executed`;
    }
    return undefined;
  };
};

/** With a key that the exchange refuses nobody can know what was executed. */
const isReadable = (evidence: Evidence, accountId: string): boolean => evidence.keyWorks(accountId);

/** Whatever a master trades is published: each execution in one trade, with the share that a sale was of its position. */
export const tradesArePublished = guarantee(
  '5 each execution of a master is published once',
  (evidence, broken) => {
    watchFractions(evidence, broken);
    return unpublished(evidence);
  },
);
