import type { Account } from '../account/account.ts';
import type { Connection, MarketRules } from '../account/connect.ts';
import type { ExchangeOrder, Fill, UnlistedFill } from '../exchange/exchange.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import { attemptRead } from '../ledger/read.ts';
import { type OrderEndLedger, recordClosedOrder } from '../ledger/record-order.ts';
import type { OrderRecord } from '../order/order.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { type Clock, iso, MINUTE } from '../time/clock.ts';
import type { Progress, ReconciliationStore } from './reconciliation-store.ts';

/** Executions are read again from this long before the cursor: one may be listed late, or the clocks differ. */
const OVERLAP_MS = 10 * MINUTE;
/** Of the account's history in one check, so that something is left of what its key may ask. */
const MOST_PAGES = 3;

export interface MissedFillsPorts {
  readonly ledger: OrderEndLedger & {
    readonly reconciliation: Pick<ReconciliationStore, 'progress'>;
  };
  readonly marketRules: Pick<MarketRules, 'refresh'>;
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
  /** How far executions are looked at now. */
  readonly progress: Progress;
  /** Why that is not far enough to conclude anything. */
  readonly behind?: string;
}

/**
 * Records what the exchange executed of our orders since the cursor and the ledger does not know: an order that
 * was taken for absent or refused. Whose an order is tells its client id; those of the owner's own are left
 * alone. Doing it again changes nothing. The progress is for the caller to save, last.
 *
 * @throws ExchangeError, LeaseLost, LedgerError
 */
export const recordMissedFills = async (
  account: Account,
  connection: Connection,
  ports: MissedFillsPorts,
): Promise<MissedFills> => {
  const { accountId, registeredAt } = account;
  const { ledger, clock, log } = ports;
  const before = await ledger.reconciliation.progress(accountId);
  const startedAt = clock.now();
  const reading = { keep: connection.keep, mostPages: MOST_PAGES };
  const since = (before?.cursor ?? registeredAt) - OVERLAP_MS;
  const { fills, unlisted, readTo } = await connection.session.fillsSince(since, reading);
  const listed = [...fills, ...unlisted];
  const known = await ledger.fills.recorded(
    accountId,
    listed.map(({ fillId }) => fillId),
  );
  const unknown = listed.filter(({ fillId }) => !known.has(fillId));
  const orderIds = new Set([
    ...(before?.pending ?? []),
    ...unknown.map(({ exchangeOrderId }) => exchangeOrderId),
  ]);
  const recorded: MissedFills['recorded'][number][] = [];
  const open = new Map<MarketSymbol, string>();
  const pending: string[] = [];
  for (const { order, record } of await oursAmong([...orderIds], accountId, connection, ports)) {
    const about = { account: accountId, order: record.clientOrderId, symbol: record.symbol };
    try {
      const added = await recordOrder(order, record, connection, ports);
      recorded.push({ clientOrderId: record.clientOrderId, symbol: record.symbol, fills: added.length });
      log.warn('executions of ours that the ledger had missed are recorded now', {
        ...about,
        fills: added.length,
        state: record.state,
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      open.set(record.symbol, `order ${record.clientOrderId} has executions that are not recorded: ${why}`);
      log.error('executions of ours could not be recorded', error, about);
      pending.push(order.exchangeOrderId);
    }
  }
  await learnMarkets(unlisted, account, ports);
  if (readTo === undefined) return { recorded, open, progress: { cursor: startedAt, pending } };
  // The next check begins right where this one had to end.
  const progress = { cursor: readTo + OVERLAP_MS, pending };
  const behind = `its executions are read up to ${iso(readTo)} so far, and the next checks go on`;
  return { recorded, open, progress, behind };
};

/** The owner traded what was listed since the market rules were read: the next check knows it. */
const learnMarkets = async (
  unlisted: readonly UnlistedFill[],
  { accountId, exchange }: Account,
  { marketRules, log }: MissedFillsPorts,
): Promise<void> => {
  const newest = unlisted.at(-1);
  if (newest === undefined) return;
  const learnt = await attemptRead(() => marketRules.refresh(exchange, newest.at));
  if (!learnt.readable)
    log.warn('the market rules could not be read again', {
      account: accountId,
      pair: newest.pair,
      why: learnt.why,
    });
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
  { session, everListed }: Connection,
  { ledger, clock }: MissedFillsPorts,
): Promise<readonly Fill[]> => {
  if (order.symbol !== record.symbol)
    throw new Error(`the ledger has it in ${record.symbol}, the exchange in ${order.symbol}`);
  if (order.status === 'OPEN') throw new Error('it is still open');
  const market = everListed.find(({ symbol }) => symbol === order.symbol);
  if (market === undefined) throw new Error(`the rules of the market ${order.symbol} are not known`);
  const fills = await session.fillsOf(order);
  const { exchangeOrderId, filled } = order;
  const after: OrderRecord = { ...record, state: 'CLOSED', exchangeOrderId, filledQuantity: filled };
  await recordClosedOrder({ market, before: record, after, fills, at: clock.now() }, ledger);
  return fills;
};
