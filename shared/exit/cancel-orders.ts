import type { AccountId } from '../account/account.ts';
import type { Connection } from '../account/connect.ts';
import { ExchangeError, type ExchangeOrder } from '../exchange/exchange.ts';
import { attemptRead } from '../ledger/read.ts';
import type { Log } from '../telemetry/telemetry.ts';

/** @returns false where the order was executed or cancelled since it was listed, and holds nothing any more */
const cancel = async (
  { exchangeOrderId }: ExchangeOrder,
  session: Connection['session'],
): Promise<boolean> => {
  try {
    await session.cancel(exchangeOrderId);
    return true;
  } catch (error) {
    if (error instanceof ExchangeError && error.code === 'UNKNOWN_ORDER') return false;
    throw error;
  }
};

/** An order that stays open keeps what it holds, so the exit is not flat then; the sale of the rest goes on. */
export const cancelOrders = async (
  concerned: (order: ExchangeOrder) => boolean,
  accountId: AccountId,
  { session }: Pick<Connection, 'session'>,
  { log }: { readonly log: Log },
) => {
  const ids: string[] = [];
  const notes: string[] = [];
  const orders = await attemptRead(() => session.openOrders());
  if (!orders.readable) return { ids, notes: [`open orders could not be listed: ${orders.why}`], failed: 1 };
  for (const order of orders.value.filter(concerned)) {
    const canceled = await attemptRead(() => cancel(order, session));
    if (canceled.readable) {
      if (canceled.value) ids.push(order.exchangeOrderId);
      continue;
    }
    notes.push(`order ${order.exchangeOrderId} (${order.symbol}) could not be cancelled: ${canceled.why}`);
    log.warn('an open order could not be cancelled', {
      account: accountId,
      order: order.exchangeOrderId,
      why: canceled.why,
    });
  }
  return { ids, notes, failed: notes.length };
};
