import type { Copy } from '../copying/copy.ts';
import type { CopyLine } from './statement.ts';

/** How each trade of the master ended for the account. */
export const copyLineOf = ({ trade, outcome }: Copy): CopyLine => {
  const { tradeId, symbol, side, price: masterPrice, at } = trade;
  const asked = { at, tradeId, symbol, side, masterPrice };
  if (outcome === undefined) return { ...asked, state: 'OPEN' };
  if (outcome.state !== 'FILLED') return { ...asked, state: outcome.state, reason: outcome.reason };
  const { state, quantity, price, fees, orderLatencyMs, fillLatencyMs, slippageBps } = outcome;
  return { ...asked, state, quantity, price, fees, orderLatencyMs, fillLatencyMs, slippageBps };
};
