import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKrakenSimulator } from '../../infra/local/kraken/simulator.ts';
import { Secret } from '../../shared/account/credentials.ts';
import type { Exchange, OrderToSend, PrivateSession } from '../../shared/exchange/exchange.ts';
import { krakenExchange } from '../../shared/exchange/kraken/kraken.ts';
import type { HttpAnswer, Transport } from '../../shared/exchange/kraken/transport.ts';
import type { Market } from '../../shared/exchange/market.ts';
import { price, quantity } from '../../shared/money/money.ts';
import { IN_PROCESS_URL, inProcessTransport } from '../../simulation/exchange/in-process.ts';
import { WHOLE } from '../exchange/whole-reading.ts';
import { BTC, ETH, flatPrices, NOON } from '../local/kraken/exchange.ts';
import { SteppedClock } from '../simulation/stepped-clock.ts';
import { canaryKey } from './canary.ts';

const ANN = 'u-ann';
export const KEY = canaryKey(ANN);
const FIXTURES = join(import.meta.dirname, '../../../shared/data/kraken');

/** An exchange's side of one connection: what it answers at each endpoint. */
export type Answers = ReadonlyMap<string, HttpAnswer>;

export interface Connection {
  readonly exchange: Exchange;
  readonly session: PrivateSession;
}

export const endpointOf = (url: string): string => new URL(url).pathname.split('/').at(-1) ?? '';

const connect = (transport: Transport, markets: readonly Market[]): Connection => {
  const exchange = krakenExchange({ url: IN_PROCESS_URL, clock: new SteppedClock(NOON), transport });
  let nonce = NOON;
  const session = exchange.session({
    accountId: ANN,
    credentials: { apiKey: new Secret(KEY.apiKey), apiSecret: new Secret(KEY.apiSecret) },
    nonces: { next: () => (nonce += 1) },
    markets,
  });
  return { exchange, session };
};

/** No reading takes as many calls. */
const MOST_CALLS = 60;

/** The real adapter, connected to whatever `answer` says. @param sent is told the signature of each call */
export const connectTo = (
  answer: (endpoint: string) => HttpAnswer,
  markets: readonly Market[],
  sent: (signature: string) => void = () => {},
): Connection => {
  let calls = 0;
  return connect(async ({ url, headers }) => {
    calls += 1;
    if (calls > MOST_CALLS) throw new RangeError(`the adapter asked without end (given ${MOST_CALLS} calls)`);
    sent(headers['API-Sign'] ?? '');
    return answer(endpointOf(url));
  }, markets);
};

const SALE = 'fedcba9876543210fedcba9876543210';
const facts = (market: Market) => ({
  market,
  quantity: quantity('0.01'),
  deadline: NOON + 40_000,
  firstSend: true,
});

export const orderOf = (market: Market): OrderToSend => ({
  ...facts(market),
  clientOrderId: '0123456789abcdef0123456789abcdef',
  side: 'BUY',
  type: 'LIMIT_IOC',
  limitPrice: price('60000'),
});

const saleOf = (market: Market): OrderToSend => ({
  ...facts(market),
  clientOrderId: SALE,
  side: 'SELL',
  type: 'MARKET',
});

/** What an account with a history is answered, by the simulator's own code, and the markets it trades in. */
export const realAnswers = async () => {
  const clock = new SteppedClock(NOON);
  const simulator = createKrakenSimulator({ clock, seed: 1, prices: flatPrices });
  simulator.createAccount({ accountId: ANN, balances: { USD: '50000', BTC: '1', ETH: '3' } });
  simulator.addKey({ accountId: ANN, tier: 'pro', ...KEY });
  const answers = new Map<string, HttpAnswer>();
  const reach = inProcessTransport({ exchange: simulator, clock });
  const recorded: Transport = async (request) => {
    const answer = await reach(request);
    answers.set(endpointOf(request.url), answer);
    clock.advance(1_000);
    return answer;
  };
  const all = await connect(recorded, []).exchange.marketData.markets();
  const markets = all.filter(({ symbol }) => symbol === BTC || symbol === ETH);
  const market = markets.find(({ symbol }) => symbol === BTC);
  if (market === undefined) throw new Error('the simulator lists no BTC/USD');
  const { exchange, session } = connect(recorded, markets);
  await exchange.marketData.tickers([BTC, ETH]);
  await exchange.marketData.candles(BTC);
  const placed = await session.place(orderOf(market));
  if (placed.outcome !== 'PLACED') throw new Error(`the simulator refused an order: ${placed.message}`);
  await session.place(saleOf(market));
  await session.balances();
  await session.takerFee(market);
  await session.keyInfo();
  await session.findByClientOrderId(SALE, NOON);
  const order = await session.order(placed.exchangeOrderId);
  await session.fillsOf(order);
  const { fills } = await session.fillsSince(NOON, WHOLE);
  await session.orders([...new Set(fills.map(({ exchangeOrderId }) => exchangeOrderId))]);
  answers.set('CancelOrder', { status: 200, body: '{"error":[],"result":{"count":1}}' });
  return { answers: answers as Answers, markets, market, order, saleId: SALE };
};

/** Answers of the exchange itself, where they are at hand. */
export const capturedAnswers = (): Answers => {
  const files: Readonly<Record<string, string>> = {
    AddOrder: 'add-order.json',
    CancelOrder: 'cancel-order.json',
    ClosedOrders: 'closed-orders.json',
    OpenOrders: 'open-orders.json',
    OHLC: 'ohlc.json',
    Ticker: 'ticker.json',
    TradesHistory: 'trades-history.json',
  };
  if (!existsSync(FIXTURES)) return new Map();
  return new Map(
    Object.entries(files).map(([endpoint, file]) => [
      endpoint,
      { status: 200, body: readFileSync(join(FIXTURES, file), 'utf8') },
    ]),
  );
};
