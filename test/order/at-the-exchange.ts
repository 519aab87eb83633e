import {
  ExchangeError,
  type ExchangeErrorCode,
  type ExchangeOrder,
  type Fill,
  type OrderToSend,
  type Placement,
  type PrivateSession,
} from '../../shared/exchange/exchange.ts';
import { price, quantity, quote, ZERO_QUANTITY } from '../../shared/money/money.ts';
import { ConcurrentChange, type OrderRecord, type OrderStore } from '../../shared/order/order.ts';
import type { PlaceOncePorts } from '../../shared/order/place-once.ts';
import type { Log } from '../../shared/telemetry/telemetry.ts';
import { BTC, NOON } from '../copying/made.ts';

export const ACCOUNT = 'u-ann';

/** For what a test does not expect to be asked. */
export const unasked = async (): Promise<never> => {
  throw new Error('nobody should ask this here');
};

const silent: Log = { info: () => {}, warn: () => {}, error: () => {}, with: () => silent };

/** ORDER items in memory, with the conditions of the ledger's. */
export const orderItems = (): OrderStore & { readonly all: ReadonlyMap<string, OrderRecord> } => {
  const all = new Map<string, OrderRecord>();
  return {
    all,
    get: async (_accountId, clientOrderId) => all.get(clientOrderId),
    create: async (order) => {
      if (all.has(order.clientOrderId)) return false;
      all.set(order.clientOrderId, order);
      return true;
    },
    replace: async (previous, next) => {
      const stored = all.get(previous.clientOrderId);
      const isTakenSince = stored?.exchangeOrderId !== undefined && previous.exchangeOrderId === undefined;
      if (
        stored?.state !== previous.state ||
        stored.attempt !== previous.attempt ||
        (next.state === 'NOT_PLACED' && isTakenSince)
      )
        throw new ConcurrentChange('somebody else was here');
      all.set(next.clientOrderId, next);
    },
    inDoubt: async () => [...all.values()].filter(({ state }) => state === 'INTENT'),
  };
};

export const closedOrder = (facts: Partial<ExchangeOrder> = {}): ExchangeOrder => ({
  exchangeOrderId: 'O-1',
  symbol: BTC,
  side: 'BUY',
  quantity: quantity('2'),
  filled: quantity('2'),
  cost: quote('200'),
  status: 'CLOSED',
  openedAt: NOON,
  fillIds: ['F-1'],
  ...facts,
});

export const fill: Fill = {
  fillId: 'F-1',
  exchangeOrderId: 'O-1',
  symbol: BTC,
  side: 'BUY',
  quantity: quantity('2'),
  price: price('100'),
  cost: quote('200'),
  fee: { asset: 'USD', amount: ZERO_QUANTITY },
  at: NOON,
};

export const exchangeFails = (code: ExchangeErrorCode) =>
  new ExchangeError('kraken', code, `it said ${code}`);

interface Answers {
  /** To an order that is sent. */
  readonly place?: (order: OrderToSend) => Promise<Placement>;
  /** Of the list, asked at this moment. */
  readonly find?: (at: number) => ExchangeOrder | undefined;
  /** Of the order's state, asked at this moment; thrown where it is an error. */
  readonly order?: (at: number) => ExchangeOrder | ExchangeError;
  readonly fills?: (at: number) => readonly Fill[] | ExchangeError;
}

const orThrow = <T>(answer: T | ExchangeError): T => {
  if (answer instanceof ExchangeError) throw answer;
  return answer;
};

/** One account's session that answers as told, on a clock that moves by what is slept. */
export const atTheExchange = (answers: Answers = {}) => {
  let now = NOON;
  const sent: OrderToSend[] = [];
  const lookedUp: { readonly at: number; readonly id: string; readonly since: number }[] = [];
  const asked: number[] = [];
  const sleeps: number[] = [];
  const session: PrivateSession = {
    accountId: ACCOUNT,
    place: async (order) => {
      sent.push(order);
      return await (answers.place ?? (async () => ({ outcome: 'PLACED', exchangeOrderId: 'O-1' })))(order);
    },
    findByClientOrderId: async (id, since) => {
      lookedUp.push({ at: now, id, since });
      return answers.find?.(now);
    },
    order: async () => {
      asked.push(now);
      return orThrow(answers.order?.(now) ?? closedOrder());
    },
    fillsOf: async () => orThrow(answers.fills?.(now) ?? [fill]),
    balances: unasked,
    orders: unasked,
    fillsSince: unasked,
    openOrders: unasked,
    cancel: unasked,
    takerFee: unasked,
    keyInfo: unasked,
  };
  const orders = orderItems();
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      sleeps.push(ms);
      now += ms;
    },
  };
  const ports: PlaceOncePorts<string> = {
    orders,
    session,
    clock,
    log: silent,
    patienceMs: 60_000,
    beforeSend: async () => undefined,
  };
  return { ports, orders, sent, lookedUp, asked, sleeps, pass: (ms: number) => clock.sleep(ms) };
};
