import type { ExchangeErrorCode, ExchangeOrder, Fill, PrivateSession } from '../exchange/exchange.ts';
import { ExchangeError } from '../exchange/exchange.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { type Clock, type Instant, iso, SECOND } from '../time/clock.ts';
import { LeaseLost } from '../vault/lease.ts';
import { causeText, clientOrderIdOf, type OrderRecord, type OrderRequest, type OrderStore } from './order.ts';

/** How long the exchange may take an order before it must refuse it. */
export const DEADLINE_MS = 5 * SECOND;
/**
 * After the deadline, how long an accepted order may still be missing from the exchange's lists, clock
 * difference between us and the exchange included.
 */
export const ABSENCE_SLACK_MS = 10 * SECOND;
/** Orders are looked up from this long before the intent, for the same clock difference. */
const LOOK_BACK_MS = 60 * SECOND;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2 * SECOND;

/** It is not known yet whether the order was taken, or how it ended. Ask again with the same cause: nothing is sent twice. */
export class OrderInDoubt extends Error {
  override readonly name = 'OrderInDoubt';
}

/** The order provably did not reach the book. Ask again with the same cause: it is sent then. */
export class OrderNotPlaced extends Error {
  override readonly name = 'OrderNotPlaced';
  readonly code: ExchangeErrorCode;

  constructor(code: ExchangeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type PlaceOnceResult<W> =
  /** The order is over. `after` is the ORDER item to record together with the fills. */
  | {
      readonly state: 'CLOSED';
      readonly before: OrderRecord;
      readonly after: OrderRecord;
      readonly order: ExchangeOrder;
      readonly fills: readonly Fill[];
    }
  | { readonly state: 'REJECTED'; readonly record: OrderRecord }
  /** `beforeSend` said no, and nothing of this cause is at the exchange. */
  | { readonly state: 'WITHHELD'; readonly because: W };

export interface PlaceOncePorts<W> {
  readonly orders: OrderStore;
  readonly session: PrivateSession;
  readonly clock: Clock;
  readonly log: Log;
  /** How long to wait for certainty before giving up with OrderInDoubt. */
  readonly patienceMs: number;
  /** Asked right before every send: a reason not to, or undefined. */
  beforeSend(record: OrderRecord): Promise<W | undefined>;
}

/**
 * Places at most one order for a cause, whatever crashed, was retried or went unanswered before.
 *
 * The intent is durable before anything is sent. What an answer does not prove is looked up by our own
 * order id, and only an order that is absent after its deadline and slack may be sent again.
 *
 * @param known the ORDER item of this cause as just read, strongly consistent
 * @throws OrderInDoubt, OrderNotPlaced, LeaseLost: ask again later
 * @throws ConcurrentChange when another worker moved the order; ask again later
 * @throws ExchangeError when a look-up failed: ask again later
 */
export const placeOnce = async <W>(
  request: OrderRequest,
  known: OrderRecord | undefined,
  ports: PlaceOncePorts<W>,
): Promise<PlaceOnceResult<W>> => {
  const { accountId } = request.cause;
  if (ports.session.accountId !== accountId) {
    throw new Error(`an order of ${accountId} must not use the session of ${ports.session.accountId}`);
  }
  if (known !== undefined) {
    const resumed = await resumeOrder(known, ports);
    return resumed.state === 'ABSENT' ? await sendAgain(resumed.record, request, ports) : resumed;
  }
  const first = intent(request, clientOrderIdOf(request.cause), 1, ports.clock.now());
  const withheld = await ports.beforeSend(first);
  if (withheld !== undefined) return { state: 'WITHHELD', because: withheld };
  if (await ports.orders.create(first)) return await send(first, request, ports);
  throw new OrderInDoubt(
    `order ${first.clientOrderId} of ${accountId} was begun by another worker at this moment`,
  );
};

/**
 * Finds out what became of an order that may have been sent, without ever sending it. ABSENT: it is provably
 * not at the exchange, and its item says NOT_PLACED now.
 *
 * @throws as placeOnce
 */
export const resumeOrder = async (
  known: OrderRecord,
  ports: LookUpPorts,
): Promise<
  | Exclude<PlaceOnceResult<never>, { state: 'WITHHELD' }>
  | { readonly state: 'ABSENT'; readonly record: OrderRecord }
> => {
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
      const found = await lookUp(known, ports);
      if (found !== undefined) return await settle(known, found.exchangeOrderId, ports);
      const absent: OrderRecord = { ...known, state: 'NOT_PLACED', message: 'absent after its deadline' };
      await ports.orders.replace(known, absent);
      return { state: 'ABSENT', record: absent };
    }
  }
};

/** What it takes to find an order, without the right to send one. */
export type LookUpPorts = Omit<PlaceOncePorts<never>, 'beforeSend'>;

const intent = (
  request: OrderRequest,
  clientOrderId: string,
  attempt: number,
  now: Instant,
): OrderRecord => ({
  accountId: request.cause.accountId,
  clientOrderId,
  cause: causeText(request.cause),
  symbol: request.market.symbol,
  side: request.side,
  type: request.type,
  quantity: request.quantity,
  ...(request.side === 'BUY' ? { limitPrice: request.limitPrice } : {}),
  ...(request.configVersion === undefined ? {} : { configVersion: request.configVersion }),
  state: 'INTENT',
  attempt,
  createdAt: now,
  intendedAt: now,
  deadline: now + DEADLINE_MS,
});

const exchangeIdOf = (record: OrderRecord): string => {
  if (record.exchangeOrderId === undefined) {
    throw new Error(
      `order ${record.clientOrderId} of ${record.accountId} is closed but has no exchange order id: the ledger is damaged`,
    );
  }
  return record.exchangeOrderId;
};

/** Only for an order that is provably not at the exchange. The size is the one wanted now. */
const sendAgain = async <W>(
  known: OrderRecord,
  request: OrderRequest,
  ports: PlaceOncePorts<W>,
): Promise<PlaceOnceResult<W>> => {
  const next = {
    ...intent(request, known.clientOrderId, known.attempt + 1, ports.clock.now()),
    createdAt: known.createdAt,
  };
  const withheld = await ports.beforeSend(next);
  if (withheld !== undefined) return { state: 'WITHHELD', because: withheld };
  await ports.orders.replace(known, next);
  return await send(next, request, ports);
};

const send = async <W>(
  record: OrderRecord,
  request: OrderRequest,
  ports: PlaceOncePorts<W>,
): Promise<PlaceOnceResult<W>> => {
  const { orders, session, log } = ports;
  const fields = {
    account: record.accountId,
    order: record.clientOrderId,
    cause: record.cause,
    attempt: record.attempt,
  };
  const common = {
    clientOrderId: record.clientOrderId,
    market: request.market,
    quantity: record.quantity,
    deadline: record.deadline,
    firstSend: record.attempt === 1,
  };
  const placement = await session
    .place(
      request.side === 'BUY'
        ? { ...common, side: 'BUY', type: 'LIMIT_IOC', limitPrice: request.limitPrice }
        : { ...common, side: 'SELL', type: 'MARKET' },
    )
    .catch(async (error: unknown) => {
      // The nonce was refused before anything left this process.
      if (error instanceof LeaseLost)
        await orders.replace(record, { ...record, state: 'NOT_PLACED', message: error.message });
      throw error;
    });
  switch (placement.outcome) {
    case 'PLACED':
      return await settle(record, placement.exchangeOrderId, ports);
    case 'REJECTED': {
      const rejected: OrderRecord = {
        ...record,
        state: 'REJECTED',
        reason: placement.code,
        message: placement.message,
      };
      await orders.replace(record, rejected);
      log.warn('the exchange rejected an order', {
        ...fields,
        code: placement.code,
        text: placement.message,
      });
      return { state: 'REJECTED', record: rejected };
    }
    case 'NOT_PLACED':
      await orders.replace(record, {
        ...record,
        state: 'NOT_PLACED',
        reason: placement.code,
        message: placement.message,
      });
      throw new OrderNotPlaced(
        placement.code,
        `order ${record.clientOrderId} of ${record.accountId} was not placed: ${placement.message}`,
      );
    case 'AMBIGUOUS': {
      log.warn('an order is in doubt and is looked up', {
        ...fields,
        code: placement.code,
        text: placement.message,
      });
      const found = await lookUp(record, ports);
      if (found !== undefined) return await settle(record, found.exchangeOrderId, ports);
      await orders.replace(record, {
        ...record,
        state: 'NOT_PLACED',
        reason: placement.code,
        message: placement.message,
      });
      throw new OrderNotPlaced(
        placement.code,
        `order ${record.clientOrderId} of ${record.accountId} did not appear: ${placement.message}`,
      );
    }
  }
};

/** The order if the exchange has it; undefined once it is certain that it has not and will not. */
const lookUp = async (record: OrderRecord, ports: LookUpPorts): Promise<ExchangeOrder | undefined> => {
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

/** Waits for the order's end, then for all its executions. */
const settle = async (
  record: OrderRecord,
  exchangeOrderId: string,
  ports: LookUpPorts,
): Promise<Extract<PlaceOnceResult<never>, { state: 'CLOSED' }>> => {
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
      throw new OrderInDoubt(
        `order ${record.clientOrderId} of ${record.accountId} (${exchangeOrderId}) ${outcome}`,
      );
    }
    await clock.sleep(pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
};

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
    if (error instanceof ExchangeError && error.code === 'UNKNOWN_ORDER') return 'is not listed yet';
    if (error instanceof ExchangeError && error.code === 'MALFORMED_ANSWER')
      return `has no complete list of executions yet: ${error.message}`;
    throw error;
  }
};
