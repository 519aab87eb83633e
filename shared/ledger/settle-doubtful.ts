import type { AccountId } from '../account/account.ts';
import type { Connection } from '../account/connect.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { OrderRecord } from '../order/order.ts';
import { resumeOrder } from '../order/resume-order.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { type Clock, SECOND } from '../time/clock.ts';
import type { Ledger } from './ledger.ts';
import { recordClosedOrder } from './record-order.ts';

const PATIENCE_MS = 16 * SECOND;

/**
 * Finds out how an account's orders in doubt ended, and records what they bought or sold: what is held is
 * not known before. Never throws for what the exchange does.
 *
 * @returns why, by symbol, of those that stay in doubt
 */
export const settleDoubtful = async (
  accountId: AccountId,
  only: readonly MarketSymbol[] | undefined,
  { session, markets, keep }: Connection,
  ports: { readonly ledger: Ledger; readonly clock: Clock; readonly log: Log },
): Promise<ReadonlyMap<MarketSymbol, string>> => {
  const { ledger, clock, log } = ports;
  const settle = async (record: OrderRecord): Promise<void> => {
    await keep();
    const lookUp = { orders: ledger.orders, session, clock, log, patienceMs: PATIENCE_MS };
    const resumed = await resumeOrder(record, lookUp);
    if (resumed.state !== 'CLOSED') return;
    const market = markets.find(({ symbol }) => symbol === record.symbol);
    if (market === undefined) throw new Error(`the exchange lists no market ${record.symbol} any more`);
    await recordClosedOrder({ ...resumed, market, at: clock.now() }, ledger);
  };
  const doubtful = new Map<MarketSymbol, string>();
  for (const record of await ledger.orders.inDoubt(accountId)) {
    if (only !== undefined && !only.includes(record.symbol)) continue;
    try {
      await settle(record);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.warn('an order stays in doubt', { account: accountId, order: record.clientOrderId, why });
      doubtful.set(record.symbol, `${record.side} order ${record.clientOrderId} is in doubt: ${why}`);
    }
  }
  return doubtful;
};
