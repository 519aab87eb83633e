import type { Account } from '../account/account.ts';
import type { Connection } from '../account/connect.ts';
import type { ExchangeOrder, Fill } from '../exchange/exchange.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import { type OrderEndLedger, recordClosedOrder } from '../ledger/record-order.ts';
import type { OrderRecord } from '../order/order.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { type Clock, type Instant, MINUTE } from '../time/clock.ts';
import type { ReconciliationStore } from './reconciliation-store.ts';

/** Executions are read again from this long before the cursor: one may be listed late. */
const OVERLAP_MS = 10 * MINUTE;

export interface MissedFillsPorts {
  readonly ledger: OrderEndLedger & {
    readonly reconciliation: Pick<ReconciliationStore, 'cursor'>;
  };
  readonly clock: Clock;
  readonly log: Log;
}

export interface MissedFills {
  /** Our orders of which executions were recorded now. */
  readonly recorded: readonly {
    readonly clientOrderId: string;
    readonly symbol: MarketSymbol;
    readonly fills: number;
  }[];
  /** Executions of our orders that could not be recorded, and why: nothing is concluded about these symbols. */
  readonly open: ReadonlyMap<MarketSymbol, string>;
  /** Up to when executions are looked at now; undefined where there never was one. */
  readonly cursor: Instant | undefined;
}

/**
 * Records what the exchange executed of our orders since the cursor and the ledger does not know: an order that
 * was taken for absent or refused. Whose an order is tells its client id; those of the owner's own are left
 * alone. Doing it again changes nothing. The cursor is for the caller to save, last.
 *
 * @throws ExchangeError, LedgerError
 */
export const recordMissedFills = async (
  account: Account,
  connection: Connection,
  ports: MissedFillsPorts,
): Promise<MissedFills> => {
  const { accountId, registeredAt } = account;
  const { ledger, log } = ports;
  const cursor = await ledger.reconciliation.cursor(accountId);
  const listed = await connection.session.fillsSince((cursor ?? registeredAt) - OVERLAP_MS);
  const known = await ledger.fills.recorded(
    accountId,
    listed.map(({ fillId }) => fillId),
  );
  const unknown = Map.groupBy(
    listed.filter(({ fillId }) => !known.has(fillId)),
    ({ exchangeOrderId }) => exchangeOrderId,
  );
  const recorded: MissedFills['recorded'][number][] = [];
  const open = new Map<MarketSymbol, string>();
  let next = Math.max(cursor ?? 0, listed.at(-1)?.at ?? 0);
  for (const { order, record } of await oursAmong([...unknown.keys()], accountId, connection, ports)) {
    const about = { account: accountId, order: record.clientOrderId, symbol: record.symbol };
    try {
      const fills = await recordOrder(order, record, connection, ports);
      recorded.push({ clientOrderId: record.clientOrderId, symbol: record.symbol, fills: fills.length });
      log.warn('executions of ours that the ledger had missed are recorded now', {
        ...about,
        fills: fills.length,
        state: record.state,
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      open.set(order.symbol, `order ${record.clientOrderId} has executions that are not recorded: ${why}`);
      log.error('executions of ours could not be recorded', error, about);
      next = Math.min(next, unknown.get(order.exchangeOrderId)?.[0]?.at ?? next);
    }
  }
  return { recorded, open, cursor: next === 0 ? undefined : next };
};

/** A client id of 32 hex digits may come back written as a UUID. */
const ownId = (clientOrderId: string): string => clientOrderId.replaceAll('-', '').toLowerCase();

interface OwnOrder {
  readonly order: ExchangeOrder;
  readonly record: OrderRecord;
}

const oursAmong = async (
  exchangeOrderIds: readonly string[],
  accountId: string,
  { session }: Connection,
  { ledger }: MissedFillsPorts,
): Promise<readonly OwnOrder[]> => {
  if (exchangeOrderIds.length === 0) return [];
  const ours: OwnOrder[] = [];
  for (const order of await session.orders(exchangeOrderIds)) {
    if (order.clientOrderId === undefined) continue;
    const record = await ledger.orders.get(accountId, ownId(order.clientOrderId));
    if (record !== undefined) ours.push({ order, record });
  }
  return ours;
};

const recordOrder = async (
  order: ExchangeOrder,
  record: OrderRecord,
  { session, markets }: Connection,
  { ledger, clock }: MissedFillsPorts,
): Promise<readonly Fill[]> => {
  if (order.symbol !== record.symbol)
    throw new Error(`the ledger has it in ${record.symbol}, the exchange in ${order.symbol}`);
  if (order.status === 'OPEN') throw new Error('it is still open');
  const market = markets.find(({ symbol }) => symbol === order.symbol);
  if (market === undefined) throw new Error(`the exchange lists no market ${order.symbol} any more`);
  const fills = await session.fillsOf(order);
  const { exchangeOrderId, filled } = order;
  const after: OrderRecord = { ...record, state: 'CLOSED', exchangeOrderId, filledQuantity: filled };
  await recordClosedOrder({ market, before: record, after, fills, at: clock.now() }, ledger);
  return fills;
};
