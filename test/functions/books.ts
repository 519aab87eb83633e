import { expect } from 'vitest';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { text, ZERO_QUANTITY } from '../../shared/money/money.ts';
import { type Cause, clientOrderIdOf } from '../../shared/order/order.ts';
import type { Lab } from './lab.ts';

/** The orders of an account as the exchange itself knows them. */
export const ordersAtExchange = (lab: Lab, accountId: string) =>
  lab.simulator.books.orders().filter((order) => order.accountId === accountId);

/** Total of an asset at the exchange. */
export const heldAtExchange = (lab: Lab, accountId: string, symbol: MarketSymbol): string =>
  lab.simulator.books.balances(accountId)[symbol.slice(0, symbol.indexOf('/'))]?.total ?? '0';

/** Exactly one order of the cause was ever taken, and the ledger tells of it what the exchange does. */
export const expectOnceAtExchange = async (lab: Lab, cause: Cause, symbol: MarketSymbol, when: string) => {
  const { accountId } = cause;
  const orders = ordersAtExchange(lab, accountId).filter((order) => order.symbol === symbol);
  expect(orders, when).toHaveLength(1);
  expect(orders[0]?.clientOrderId, when).toBe(clientOrderIdOf(cause));
  const record = await lab.ledger.orders.get(accountId, clientOrderIdOf(cause));
  expect(record, when).toMatchObject({ state: 'CLOSED', exchangeOrderId: orders[0]?.orderId });
  await expectLedgerAsExchange(lab, accountId, symbol, when);
};

/** Each execution is recorded once, and the position is what the exchange shows. */
export const expectLedgerAsExchange = async (
  lab: Lab,
  accountId: string,
  symbol: MarketSymbol,
  when: string,
) => {
  const executed = lab.simulator.books.trades().filter((trade) => trade.accountId === accountId);
  const recorded = await lab.ledger.fills.list(accountId);
  expect(recorded.map(({ fillId }) => fillId).sort(), when).toEqual(
    executed.map(({ tradeId }) => tradeId).sort(),
  );
  const position = await lab.ledger.positions.get(accountId, symbol);
  expect(text(position?.quantity ?? ZERO_QUANTITY), when).toBe(heldAtExchange(lab, accountId, symbol));
};
