import { type Answer, type Request, rawKraken, sessionAt } from './raw-kraken.ts';

interface OrderFacts {
  readonly cl_ord_id?: string | null;
  readonly pair?: string;
  readonly vol?: string;
  readonly vol_exec?: string;
  readonly status?: string;
  readonly oflags?: string;
  readonly opentm?: number;
  readonly trades?: readonly string[];
}

export const order = (facts: OrderFacts = {}) => ({
  refid: null,
  status: facts.status ?? 'closed',
  opentm: facts.opentm ?? 1700000000.1234,
  descr: { pair: facts.pair ?? 'XBTUSD', type: 'buy', ordertype: 'limit', price: '30000.0' },
  vol: facts.vol ?? '0.50000000',
  vol_exec: facts.vol_exec ?? '0.50000000',
  cost: '15000.00000',
  fee: '60.0',
  oflags: facts.oflags ?? 'fciq',
  ...(facts.cl_ord_id === undefined ? {} : { cl_ord_id: facts.cl_ord_id }),
  ...(facts.trades === undefined ? {} : { trades: facts.trades }),
});

interface TradeFacts {
  readonly order?: string;
  readonly pair?: string;
  readonly time?: number;
  readonly vol?: string;
  readonly price?: string;
  readonly fee?: string;
}

export const trade = (facts: TradeFacts = {}) => ({
  ordertxid: facts.order ?? 'O1',
  pair: facts.pair ?? 'XXBTZUSD',
  time: facts.time ?? 1700000001.5,
  type: 'buy',
  ordertype: 'limit',
  price: facts.price ?? '30000.00000',
  cost: '7500.00000',
  fee: facts.fee ?? '30.00000',
  vol: facts.vol ?? '0.25000000',
});

/** A session at an exchange that answers by endpoint; the counter of calls of that endpoint starts at 1. */
export const exchangeWith = async (
  answers: Readonly<Record<string, (request: Request, count: number) => Answer>>,
) => {
  const counts = new Map<string, number>();
  const server = await rawKraken((request) => {
    const count = (counts.get(request.endpoint) ?? 0) + 1;
    counts.set(request.endpoint, count);
    return answers[request.endpoint]?.(request, count) ?? { body: '{"error":["EGeneral:Unknown method"]}' };
  });
  return { session: sessionAt(server.url), requests: server.requests };
};
