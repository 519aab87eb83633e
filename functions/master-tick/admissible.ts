import type { MarketSymbol } from '../../shared/exchange/market.ts';
import type { Decision } from '../../shared/strategy/strategy.ts';
import type { MasterTickPorts } from './master-tick.ts';
import type { TradingAccount } from './observe.ts';

/**
 * What of a decision may be sent. A position is not what it is recorded as where an order is in doubt, and where
 * executions are not read: nothing is sent in that market until it is known. Nothing is bought on what is known only
 * in part, nor in a market that the strategy was not given: what is held there is sold, no more.
 */
export const admissible = (
  decision: Decision,
  mayBuy: boolean,
  doubtful: ReadonlySet<MarketSymbol>,
  { accountId, strategy }: TradingAccount,
  { log }: MasterTickPorts,
): Decision => {
  const { entry, ...rest } = decision;
  const exits = rest.exits.filter(({ symbol }) => !doubtful.has(symbol));
  for (const { symbol, reason } of rest.exits.filter((exit) => doubtful.has(exit.symbol))) {
    log.warn('a sale waits until all is known that was executed in its market', {
      account: accountId,
      symbol,
      reason,
    });
  }
  if (entry === undefined) return { ...rest, exits };
  const isListed = strategy.symbols.includes(entry.symbol);
  if (isListed && mayBuy && !doubtful.has(entry.symbol)) return { ...rest, exits, entry };
  const why = isListed
    ? 'not all is known that it was decided on'
    : "its market is not one of the strategy's";
  log.warn(`an entry was dropped: ${why}`, { account: accountId, symbol: entry.symbol });
  return { ...rest, exits };
};
