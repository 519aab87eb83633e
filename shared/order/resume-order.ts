import { ExchangeError, type ExchangeOrder, type Fill, type PrivateSession } from '../exchange/exchange.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { type Clock, iso, MINUTE, SECOND } from '../time/clock.ts';
import type { OrderRecord, OrderStore } from './order.ts';

/**
 * After the deadline, how long an accepted order may still be missing from the exchange's lists, clock
 * difference between us and the exchange included.
 */
export const ABSENCE_SLACK_MS = 7 * SECOND;
/** The same for an order that the exchange has given an id: it was taken, and only a list that lags does not show it. */
const ACKNOWLEDGED_SLACK_MS = 10 * MINUTE;
/** Orders are looked up from this long before the intent, for the same clock difference. */
const LOOK_BACK_MS = 60 * SECOND;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2 * SECOND;

/** It is not known yet whether the order was taken, or how it ended. Ask again with the same cause: nothing is sent twice. */
export class OrderInDoubt extends Error {
  override readonly name: string = 'OrderInDoubt';
}

/** The exchange has given the order an id, and does not know it by that. */
class OrderNotListed extends OrderInDoubt {}

/** The order is over. */
export interface ClosedOrder {
  readonly state: 'CLOSED';
  readonly before: OrderRecord;
  /** The ORDER item to record together with the fills. */
  readonly after: OrderRecord;
  readonly order: ExchangeOrder;
  readonly fills: readonly Fill[];
}

export interface RejectedOrder {
  readonly state: 'REJECTED';
  readonly record: OrderRecord;
}

/** The exchange's own word that it takes no order of so little. It holds for now: prices and minimums change. */
export const isTooLittle = (result: ClosedOrder | RejectedOrder): boolean =>
  result.state === 'REJECTED' && result.record.reason === 'BELOW_MINIMUM';

/** What it takes to find an order, without the right to send one. */
export interface LookUpPorts {
  readonly orders: OrderStore;
  readonly session: PrivateSession;
  readonly clock: Clock;
  readonly log: Log;
  /** How long to wait for certainty before giving up with OrderInDoubt. */
  readonly patienceMs: number;
}

/**
 * Finds out what became of an order that may have been sent, without ever sending it. ABSENT: it is provably
 * not at the exchange, and its item says NOT_PLACED now.
 *
 * @throws as placeOnce
 */
export const resumeOrder = async (
  known: OrderRecord,
  ports: LookUpPorts,
): Promise<ClosedOrder | RejectedOrder | { readonly state: 'ABSENT'; readonly record: OrderRecord }> => {
  if (ports.session.accountId !== known.accountId) {
    throw new Error(`an order of ${known.accountId} must not use the session of ${ports.session.accountId}`);
  }
  switch (known.state) {
    case 'REJECTED':
      return { state: 'REJECTED', record: known };
    case 'CLOSED':
      return await settle(known, exchangeIdOf(known), ports);
    case 'NOT_PLACED':
      return { state: 'ABSENT', record: known };
    case 'INTENT': {
      const taken = await settleTaken(known, ports);
      if (taken !== undefined) return taken;
      const found = await lookUp(known, ports);
      if (found !== undefined) return await settle(known, found.exchangeOrderId, ports);
      const absent: OrderRecord = { ...known, state: 'NOT_PLACED', message: 'absent after its deadline' };
      await ports.orders.replace(known, absent);
      return { state: 'ABSENT', record: absent };
    }
  }
};

/** Undefined where the exchange has not told of the order's id, or knows it by none long after. */
const settleTaken = async (known: OrderRecord, ports: LookUpPorts): Promise<ClosedOrder | undefined> => {
  if (known.exchangeOrderId === undefined) return undefined;
  try {
    return await settle(known, known.exchangeOrderId, ports);
  } catch (error) {
    const isLong = ports.clock.now() >= known.deadline + ACKNOWLEDGED_SLACK_MS;
    if (error instanceof OrderNotListed && isLong) return undefined;
    throw error;
  }
};

const exchangeIdOf = (record: OrderRecord): string => {
  if (record.exchangeOrderId === undefined) {
    throw new Error(
      `order ${record.clientOrderId} of ${record.accountId} is closed but has no exchange order id: the ledger is damaged`,
    );
  }
  return record.exchangeOrderId;
};

/** The order if the exchange has it; undefined once it is certain that it has not and will not. */
export const lookUp = async (record: OrderRecord, ports: LookUpPorts): Promise<ExchangeOrder | undefined> => {
  const { session, clock } = ports;
  const certainAt = record.deadline + ABSENCE_SLACK_MS;
  const givesUpAt = clock.now() + ports.patienceMs;
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const askedAt = clock.now();
    const found = await session.findByClientOrderId(record.clientOrderId, record.createdAt - LOOK_BACK_MS);
    if (found !== undefined) return found;
    if (askedAt >= certainAt) return undefined;
    if (clock.now() + pause > givesUpAt) {
      throw new OrderInDoubt(
        `order ${record.clientOrderId} of ${record.accountId} is not to be seen yet; whether it was placed is certain at ${iso(certainAt)}`,
      );
    }
    await clock.sleep(Math.min(pause, Math.max(1, certainAt - clock.now())));
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
};

/**
 * Waits for the order's end, then for all its executions. Where these cannot be learnt, the id that the exchange gave
 * the order is kept: whoever asks next knows that it was taken.
 */
export const settle = async (
  record: OrderRecord,
  exchangeOrderId: string,
  ports: LookUpPorts,
): Promise<ClosedOrder> => {
  try {
    return await settled(record, exchangeOrderId, ports);
  } catch (error) {
    if (record.exchangeOrderId === undefined) await acknowledge(record, exchangeOrderId, ports);
    throw error;
  }
};

const acknowledge = async (
  record: OrderRecord,
  exchangeOrderId: string,
  { orders, log }: LookUpPorts,
): Promise<void> => {
  try {
    await orders.replace(record, { ...record, exchangeOrderId });
  } catch (error) {
    // It must not hide why the order's end is not known.
    log.error('that the exchange has taken an order was not noted', error, {
      account: record.accountId,
      order: record.clientOrderId,
      exchangeOrder: exchangeOrderId,
    });
  }
};

const settled = async (
  record: OrderRecord,
  exchangeOrderId: string,
  ports: LookUpPorts,
): Promise<ClosedOrder> => {
  const { session, clock } = ports;
  const givesUpAt = clock.now() + ports.patienceMs;
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const outcome = await ended(session, exchangeOrderId);
    if (typeof outcome !== 'string') {
      const { order, fills } = outcome;
      return {
        state: 'CLOSED',
        before: record,
        after: { ...record, state: 'CLOSED', exchangeOrderId, filledQuantity: order.filled },
        order,
        fills,
      };
    }
    if (clock.now() + pause > givesUpAt) {
      const said = `order ${record.clientOrderId} of ${record.accountId} (${exchangeOrderId}) ${outcome}`;
      throw outcome === UNLISTED ? new OrderNotListed(said) : new OrderInDoubt(said);
    }
    await clock.sleep(pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
};

const UNLISTED = 'is not listed yet';

/** The closed order with its executions, or what is still missing. */
const ended = async (
  session: PrivateSession,
  exchangeOrderId: string,
): Promise<{ readonly order: ExchangeOrder; readonly fills: readonly Fill[] } | string> => {
  try {
    const order = await session.order(exchangeOrderId);
    if (order.status === 'OPEN') return 'is still open';
    return { order, fills: order.filled.isZero() ? [] : await session.fillsOf(order) };
  } catch (error) {
    // Both happen for a moment after an order was taken.
    if (error instanceof ExchangeError && error.code === 'UNKNOWN_ORDER') return UNLISTED;
    if (error instanceof ExchangeError && error.code === 'MALFORMED_ANSWER')
      return `has no complete list of executions yet: ${error.message}`;
    throw error;
  }
};
