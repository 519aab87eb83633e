import type { Account } from '../../shared/account/account.ts';
import type { Connection } from '../../shared/account/connect.ts';
import { ExchangeError } from '../../shared/exchange/exchange.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import type { Side } from '../../shared/money/money.ts';
import { causeText } from '../../shared/order/order.ts';
import { OrderInDoubt, resumeOrder } from '../../shared/order/resume-order.ts';
import { SECOND } from '../../shared/time/clock.ts';
import type { MasterTickPorts, TickInput } from './master-tick.ts';

/**
 * Orders of a tick that died: their fills come with the cursor, only their own end is found out here.
 *
 * @returns in which markets one stays in doubt. @throws LeaseLost, LedgerError
 */
export const settleInDoubt = async (
  { scheduledAt }: TickInput,
  account: Account,
  { session }: Connection,
  ports: MasterTickPorts,
): Promise<ReadonlySet<MarketSymbol>> => {
  const { ledger, clock, log } = ports;
  const doubtful = new Set<MarketSymbol>();
  const ours = (symbol: MarketSymbol, side: Side): string =>
    causeText({ kind: 'tick', accountId: account.accountId, tickId: scheduledAt, symbol, side });
  for (const record of await ledger.orders.inDoubt(account.accountId)) {
    // One of this very tick, delivered again, is resumed where it is decided again.
    if (record.cause === ours(record.symbol, record.side)) continue;
    try {
      const resumed = await resumeOrder(record, {
        orders: ledger.orders,
        session,
        clock,
        log,
        patienceMs: 2 * SECOND,
      });
      if (resumed.state === 'CLOSED') await ledger.orders.replace(resumed.before, resumed.after);
    } catch (error) {
      // What cannot be looked up keeps its market in doubt, and no other from its stop.
      if (!(error instanceof OrderInDoubt || error instanceof ExchangeError)) throw error;
      log.warn('an order stays in doubt until the next tick', {
        account: account.accountId,
        order: record.clientOrderId,
        why: error.message,
      });
      doubtful.add(record.symbol);
    }
  }
  return doubtful;
};
