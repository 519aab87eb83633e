import type { AccountId } from '../account/account.ts';
import type { Connection } from '../account/connect.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { OrderRecord } from '../order/order.ts';
import { OrderInDoubt, resumeOrder } from '../order/resume-order.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { type Clock, SECOND } from '../time/clock.ts';
import type { Ledger } from './ledger.ts';
import { recordClosedOrder } from './record-order.ts';

/** Of one order: longer than it takes to be certain of one that was just sent. */
const MOST_FOR_ONE_MS = 16 * SECOND;
/** Of all of them, where nothing else is said. */
const MOST_FOR_ALL_MS = 20 * SECOND;

/**
 * Finds out how an account's orders in doubt ended, and records what they bought or sold: what is held is
 * not known before. Where there are several, each is looked up once before any is waited for, so that one that
 * does not end keeps no other in doubt. Never throws for what the exchange does.
 *
 * @param withinMs for all together: after it, those that are left are not looked up
 * @returns why, by symbol, of those that stay in doubt
 */
export const settleDoubtful = async (
  accountId: AccountId,
  only: readonly MarketSymbol[] | undefined,
  { session, everListed, keep }: Connection,
  ports: { readonly ledger: Ledger; readonly clock: Clock; readonly log: Log },
  withinMs = MOST_FOR_ALL_MS,
): Promise<ReadonlyMap<MarketSymbol, string>> => {
  const { ledger, clock, log } = ports;
  const endsAt = clock.now() + withinMs;

  const settle = async (record: OrderRecord, mostMs: number): Promise<void> => {
    const left = endsAt - clock.now();
    if (left <= 0) throw new Error(`the ${withinMs} ms for orders in doubt were over: it is looked up again`);
    await keep();
    const patienceMs = Math.min(mostMs, left);
    const resumed = await resumeOrder(record, { orders: ledger.orders, session, clock, log, patienceMs });
    if (resumed.state !== 'CLOSED') return;
    const market = everListed.find(({ symbol }) => symbol === record.symbol);
    if (market === undefined) throw new Error(`the rules of the market ${record.symbol} are not known`);
    await recordClosedOrder({ ...resumed, market, at: clock.now() }, ledger);
  };

  const doubtful = new Map<MarketSymbol, string>();
  const leave = ({ symbol, side, clientOrderId }: OrderRecord, error: unknown): void => {
    const why = error instanceof Error ? error.message : String(error);
    log.warn('an order stays in doubt', { account: accountId, order: clientOrderId, why });
    doubtful.set(symbol, `${side} order ${clientOrderId} is in doubt: ${why}`);
  };
  const attempt = async (records: readonly OrderRecord[], mostMs: number): Promise<OrderRecord[]> => {
    const undecided: OrderRecord[] = [];
    for (const record of records) {
      try {
        await settle(record, mostMs);
      } catch (error) {
        if (mostMs === 0 && error instanceof OrderInDoubt) undecided.push(record);
        else leave(record, error);
      }
    }
    return undecided;
  };

  const all = (await ledger.orders.inDoubt(accountId)).filter(
    ({ symbol }) => only === undefined || only.includes(symbol),
  );
  const undecided = all.length > 1 ? await attempt(all, 0) : all;
  await attempt(undecided, MOST_FOR_ONE_MS);
  return doubtful;
};
