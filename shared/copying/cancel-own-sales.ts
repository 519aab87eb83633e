import type { AccountId } from '../account/account.ts';
import type { ExchangeOrder, PrivateSession } from '../exchange/exchange.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { attemptRead } from '../ledger/read.ts';
import type { Log } from '../telemetry/telemetry.ts';

/**
 * Cancels the open sales of a symbol that Nija itself has placed; the owner's own stay. Never throws for what
 * the exchange does.
 *
 * @returns how many were cancelled
 */
export const cancelOwnSales = async (
  accountId: AccountId,
  symbol: MarketSymbol,
  session: PrivateSession,
  { ledger, log }: { readonly ledger: Pick<Ledger, 'orders'>; readonly log: Log },
): Promise<number> => {
  const open = await attemptRead(() => session.openOrders());
  if (!open.readable) {
    log.warn('open orders could not be listed', { account: accountId, symbol, why: open.why });
    return 0;
  }
  const isOwn = async ({ clientOrderId }: ExchangeOrder): Promise<boolean> =>
    clientOrderId !== undefined && (await ledger.orders.get(accountId, clientOrderId)) !== undefined;
  let canceled = 0;
  for (const order of open.value) {
    if (order.symbol !== symbol || order.side !== 'SELL' || !(await isOwn(order))) continue;
    const { exchangeOrderId } = order;
    const done = await attemptRead(() => session.cancel(exchangeOrderId));
    const fields = { account: accountId, symbol, order: exchangeOrderId };
    if (done.readable) {
      canceled += 1;
      log.info('an open sale of our own was cancelled to be made anew', fields);
    } else log.warn('an open sale of our own could not be cancelled', { ...fields, why: done.why });
  }
  return canceled;
};
