import type { Account, AccountId } from '../account/account.ts';
import type { Connection, MarketRules } from '../account/connect.ts';
import type { ExchangeOrder, Fill, UnlistedFill } from '../exchange/exchange.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import { LedgerError } from '../ledger/ledger.ts';
import { attemptRead } from '../ledger/read.ts';
import { type OrderEndLedger, recordClosedOrder } from '../ledger/record-order.ts';
import type { OrderRecord } from '../order/order.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { type Clock, type Instant, iso, MINUTE } from '../time/clock.ts';
import { LeaseLost } from '../vault/lease.ts';
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
  /** What was executed of late, the owner's own trades, too; empty where that could not be read. */
  readonly executed: readonly Fill[];
  /** How far executions are looked at now. */
  readonly progress: Progress;
  /** That it is not up to now. */
  readonly behind?: Behind;
}

/** Why executions are not known up to now, and since when. */
export interface Behind {
  readonly why: string;
  readonly since: Instant;
  /** What reading them failed with; absent where there are more of them than a check may read. */
  readonly failure?: Error;
}

/**
 * Records what the exchange executed of our orders since the cursor and the ledger does not know: an order that
 * was taken for absent or refused. Whose an order is tells its client id; those of the owner's own are left
 * alone. Doing it again changes nothing. The progress is for the caller to save, last.
 *
 * @throws LeaseLost, LedgerError
 */
export const recordMissedFills = async (
  account: Account,
  connection: Connection,
  ports: MissedFillsPorts,
): Promise<MissedFills> => {
  const { accountId, registeredAt } = account;
  const { ledger, clock, log } = ports;
  const stored = await ledger.reconciliation.progress(accountId);
  const before = stored ?? { cursor: registeredAt, pending: [] };
  const startedAt = clock.now();
  const behindSince = before.behindSince ?? startedAt;
  const looked = await lookedAt(before, accountId, connection, ports);
  if (looked instanceof Error) {
    const behind = {
      why: `its executions cannot be read: ${looked.message}`,
      since: behindSince,
      failure: looked,
    };
    return { recorded: [], open: new Map(), executed: [], progress: { ...before, behindSince }, behind };
  }
  const { orders, executed, unlisted, readTo } = looked;
  const recorded: MissedFills['recorded'][number][] = [];
  const open = new Map<MarketSymbol, string>();
  const pending: string[] = [];
  for (const { order, record } of orders) {
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
  if (readTo === undefined) return { recorded, open, executed, progress: { cursor: startedAt, pending } };
  // The next check begins right where this one had to end.
  const progress = { cursor: readTo + OVERLAP_MS, pending, behindSince };
  const why = `its executions are read up to ${iso(readTo)} so far, and the next checks go on`;
  return { recorded, open, executed, progress, behind: { why, since: behindSince } };
};

interface Looked {
  /** Of ours, with executions that are not recorded. */
  readonly orders: readonly OwnOrder[];
  readonly executed: readonly Fill[];
  readonly unlisted: readonly UnlistedFill[];
  readonly readTo?: Instant;
}

/** @returns what the exchange failed with, if it did. @throws LeaseLost, LedgerError */
const lookedAt = async (
  before: Progress,
  accountId: AccountId,
  { session, keep }: Connection,
  { ledger }: MissedFillsPorts,
): Promise<Looked | Error> => {
  const reading = { keep, mostPages: MOST_PAGES };
  const read = await answerOf(() => session.fillsSince(before.cursor - OVERLAP_MS, reading));
  if (read instanceof Error) return read;
  const listed = [...read.fills, ...read.unlisted];
  const known = await ledger.fills.recorded(
    accountId,
    listed.map(({ fillId }) => fillId),
  );
  const unknown = listed.filter(({ fillId }) => !known.has(fillId));
  const ids = [...new Set([...before.pending, ...unknown.map(({ exchangeOrderId }) => exchangeOrderId)])];
  const asked = ids.length === 0 ? [] : await answerOf(() => session.orders(ids));
  if (asked instanceof Error) return asked;
  const orders = await oursAmong(asked, accountId, ledger);
  const { unlisted, readTo } = read;
  const executed = [...read.fills, ...unlisted.flatMap((fill) => fill.read ?? [])];
  return { orders, executed, unlisted, ...(readTo === undefined ? {} : { readTo }) };
};

/** The key and the ledger are no matter of the exchange. */
const answerOf = async <T>(ask: () => Promise<T>): Promise<T | Error> => {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof LeaseLost || error instanceof LedgerError) throw error;
    return error instanceof Error ? error : new Error(String(error));
  }
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

interface OwnOrder {
  readonly order: ExchangeOrder;
  readonly record: OrderRecord;
}

const oursAmong = async (
  orders: readonly ExchangeOrder[],
  accountId: AccountId,
  ledger: OrderEndLedger,
): Promise<readonly OwnOrder[]> => {
  const ours: OwnOrder[] = [];
  for (const order of orders) {
    if (order.clientOrderId === undefined) continue;
    const record = await ledger.orders.get(accountId, order.clientOrderId);
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
