import type { ExchangeErrorCode } from '../exchange/exchange.ts';
import { type Instant, SECOND } from '../time/clock.ts';
import { LeaseLost } from '../vault/lease.ts';
import { causeText, clientOrderIdOf, type OrderRecord, type OrderRequest, type OrderStore } from './order.ts';
import {
  type ClosedOrder,
  type LookUpPorts,
  lookUp,
  OrderInDoubt,
  type RejectedOrder,
  resumeOrder,
  settle,
} from './resume-order.ts';

/** How long the exchange may take an order before it must refuse it. */
export const DEADLINE_MS = 8 * SECOND;
/** Kraken takes no deadline nearer than two seconds: an order that comes to be sent so late is not sent. */
const LATEST_SEND_MS = 3 * SECOND;

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
  | ClosedOrder
  | RejectedOrder
  /** `beforeSend` said no, and nothing of this cause is at the exchange. */
  | { readonly state: 'WITHHELD'; readonly because: W };

export interface PlaceOncePorts<W> extends LookUpPorts {
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
  ...(request.asked === undefined ? {} : { asked: request.asked }),
  ...(request.configVersion === undefined ? {} : { configVersion: request.configVersion }),
  ...(request.marketPrice === undefined ? {} : { marketPrice: request.marketPrice }),
  state: 'INTENT',
  attempt,
  createdAt: now,
  intendedAt: now,
  deadline: now + DEADLINE_MS,
});

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
  const { orders, session, clock, log } = ports;
  if (record.deadline - clock.now() < LATEST_SEND_MS) {
    return await giveUp(
      record,
      'DEADLINE_ELAPSED',
      'it took too long to write the intent, so it was not sent',
      orders,
    );
  }
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
      return await giveUp(record, placement.code, placement.message, orders);
    case 'AMBIGUOUS': {
      log.warn('an order is in doubt and is looked up', {
        ...fields,
        code: placement.code,
        text: placement.message,
      });
      const found = await lookUp(record, ports);
      if (found !== undefined) return await settle(record, found.exchangeOrderId, ports);
      return await giveUp(record, placement.code, `it did not appear: ${placement.message}`, orders);
    }
  }
};

/** Notes that an order is provably not at the exchange. */
const giveUp = async (
  record: OrderRecord,
  code: ExchangeErrorCode,
  message: string,
  orders: OrderStore,
): Promise<never> => {
  await orders.replace(record, { ...record, state: 'NOT_PLACED', reason: code, message });
  throw new OrderNotPlaced(
    code,
    `order ${record.clientOrderId} of ${record.accountId} was not placed: ${message}`,
  );
};
