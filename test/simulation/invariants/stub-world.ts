import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { QueueCounts } from '../../../infra/local/aws/sqs/queue.ts';
import { createKrakenSimulator } from '../../../infra/local/kraken/simulator.ts';
import type { LogLine } from '../../../infra/local/local-host.ts';
import { fixedPrice } from '../../../infra/local/prices/price-source.ts';
import { Secret } from '../../../shared/account/credentials.ts';
import { krakenExchange } from '../../../shared/exchange/kraken/kraken.ts';
import { type Market, marketSymbol } from '../../../shared/exchange/market.ts';
import { dynamoMasterLedger } from '../../../shared/ledger/dynamodb/master-ledger.ts';
import { ledgerTable } from '../../../shared/ledger/dynamodb/table.ts';
import { price, quantity } from '../../../shared/money/money.ts';
import { type Cause, causeText, clientOrderIdOf } from '../../../shared/order/order.ts';
import { memoryDynamoDb } from '../../../simulation/aws/dynamodb/memory-dynamodb.ts';
import { IN_PROCESS_URL, inProcessTransport } from '../../../simulation/exchange/in-process.ts';
import { quietProfiles } from '../../../simulation/kernel/profiles.ts';
import { Sim } from '../../../simulation/kernel/sim.ts';
import type { Invariant, Member, Seen, Told, World } from '../../../simulation/world/world.ts';

export const SYMBOL = marketSymbol('SOL/USD');
export const CANARY = 'Canary0000000001x';
const START_AT = Date.UTC(2026, 0, 5, 12);
const TABLE = 'ledger';

type Fields = Readonly<Record<string, unknown>>;

/** What an order of a history is. Without a cause it is one of the owner's own. */
export interface StubOrder {
  readonly accountId: string;
  readonly side: 'BUY' | 'SELL';
  readonly quantity: string;
  readonly cause?: Cause;
}

/** A few accounts at a real simulated exchange and a real table in memory, in which a test makes history by hand. */
export interface Stub {
  readonly world: World & { readonly told: Told[] };
  readonly sim: Sim;
  /** Writes an item as it is. */
  put(pk: string, sk: string, fields: Fields): Promise<void>;
  see(seen: Seen): void;
  log(line: Partial<LogLine>): void;
  /** What is left in the queue of copies. */
  leave(counts: Partial<QueueCounts>): void;
  /** The ORDER item of an intent. */
  intend(order: StubOrder, changes?: Fields): Promise<void>;
  /** At the exchange, with Nija's key or, where it has no cause, with the owner's. @returns its executions' ids */
  place(order: StubOrder): Promise<readonly string[]>;
  /** The executions as the ledger keeps them, with the position that they lead to. */
  record(accountId: string, tradeIds: readonly string[], position: string): Promise<void>;
  /** What the invariant says of it by now; undefined where it holds. */
  said(): Promise<string | undefined>;
}

export const stubWorld = async (invariant: Invariant): Promise<Stub> => {
  const sim = new Sim({ seed: 1, startAt: START_AT, profiles: quietProfiles });
  const exchange = createKrakenSimulator({
    clock: sim.clock,
    seed: 1,
    prices: [fixedPrice(SYMBOL, '100')],
    fees: { maker: '0', taker: '0' },
  });
  const members = ['m-1', 'u-1', 'u-2'].map((accountId): Member => {
    exchange.createAccount({ accountId, balances: { USD: '10000', SOL: '5' } });
    const own = exchange.addKey({ accountId, name: 'own' });
    const { apiKey, apiSecret } = exchange.addKey({ accountId });
    keys.set(apiKey, apiSecret);
    keys.set(own.apiKey, own.apiSecret);
    return {
      accountId,
      role: accountId.startsWith('m-') ? 'master' : 'user',
      apiKey,
      ownKey: own.apiKey,
      ownSecret: own.apiSecret,
      registeredAt: START_AT,
    };
  });
  const database = memoryDynamoDb({ table: ledgerTable(TABLE), now: () => sim.now() });
  const listeners: ((seen: Seen, at: number) => void)[] = [];
  const lines: LogLine[] = [];
  let waiting: QueueCounts = { available: 0, inFlight: 0, delayed: 0 };
  const nothing = (): void => {};
  const world: World = {
    sim,
    canary: CANARY,
    exchange,
    symbols: [SYMBOL],
    members,
    ledger: dynamoMasterLedger({
      client: database.client,
      table: TABLE,
      clock: sim.clock,
      chance: { id: () => 'id' },
    }),
    items: () => database.items(),
    changes: database.stream,
    queues: [{ name: 'copies', counts: () => waiting }],
    lines,
    told: [],
    onSeen: (listener) => void listeners.push(listener),
    call: () => Promise.reject(new Error('nobody is called in a stub')),
    storeSecret: nothing,
    stopMaster: nothing,
    startMaster: nothing,
    deploy: nothing,
    recycle: nothing,
    redriveDeadLetters: nothing,
  };
  const kraken = krakenExchange({
    url: IN_PROCESS_URL,
    clock: sim.clock,
    transport: inProcessTransport({ exchange, clock: sim.clock }),
  });
  const markets = await kraken.marketData.markets();
  const market = markets.find((one): one is Market => one.symbol === SYMBOL);
  if (market === undefined) throw new Error(`the exchange lists no such market (given '${SYMBOL}')`);
  let nonce = START_AT * 1_000;
  let hands = 0;
  invariant.start?.(world);

  const put: Stub['put'] = async (pk, sk, fields) => {
    await database.client.send(new PutCommand({ TableName: TABLE, Item: { pk, sk, ...fields } }));
    invariant.afterEvent?.(world);
  };
  return {
    world,
    sim,
    put,
    see: (seen) => {
      for (const listener of listeners) listener(seen, sim.now());
    },
    log: (line) =>
      void lines.push({
        at: new Date(sim.now()).toISOString(),
        level: 'info',
        function: 'exit',
        message: 'something',
        fields: {},
        ...line,
      }),
    leave: (counts) => {
      waiting = { ...waiting, ...counts };
    },
    intend: async ({ accountId, side, quantity: amount, cause }, changes = {}) => {
      if (cause === undefined) throw new TypeError('an intent has a cause');
      const clientOrderId = clientOrderIdOf(cause);
      await put(accountId, `ORDER#${clientOrderId}`, {
        kind: 'ORDER',
        accountId,
        clientOrderId,
        cause: causeText(cause),
        symbol: SYMBOL,
        side,
        quantity: amount,
        state: 'INTENT',
        ...(side === 'BUY' ? { limitPrice: '110' } : {}),
        ...changes,
      });
    },
    place: async ({ accountId, side, quantity: amount, cause }) => {
      const member = members.find((one) => one.accountId === accountId);
      const apiKey = cause === undefined ? member?.ownKey : member?.apiKey;
      if (apiKey === undefined) throw new TypeError(`nobody is called that (given '${accountId}')`);
      const nonces = {
        next: () => {
          nonce += 1;
          return nonce;
        },
      };
      const credentials = { apiKey: new Secret(apiKey), apiSecret: new Secret(keys.get(apiKey) ?? '') };
      const session = kraken.session({ accountId, credentials, nonces, markets });
      hands += 1;
      const common = {
        clientOrderId: cause === undefined ? `hand-${hands}` : clientOrderIdOf(cause),
        market,
        quantity: quantity(amount),
        deadline: sim.now() + 30_000,
        firstSend: true,
      };
      const placed = await session.place(
        side === 'BUY'
          ? { ...common, side, type: 'LIMIT_IOC', limitPrice: price('110') }
          : { ...common, side, type: 'MARKET' },
      );
      if (placed.outcome !== 'PLACED') throw new Error(`${placed.outcome}: ${placed.message}`);
      invariant.afterEvent?.(world);
      return exchange.books.order(placed.exchangeOrderId)?.tradeIds ?? [];
    },
    record: async (accountId, tradeIds, position) => {
      for (const trade of exchange.books.trades().filter(({ tradeId }) => tradeIds.includes(tradeId)))
        await put(accountId, `FILL#${trade.tradeId}`, {
          kind: 'FILL',
          symbol: trade.symbol,
          side: trade.side,
          exchangeOrderId: trade.orderId,
          quantity: trade.quantity,
          price: trade.price,
          cost: trade.cost,
          fee: { asset: trade.feeAsset, amount: trade.fee },
        });
      await put(accountId, `POSITION#${SYMBOL}`, {
        kind: 'POSITION',
        accountId,
        symbol: SYMBOL,
        quantity: position,
      });
    },
    said: async () => (invariant.afterEvent?.(world) ?? (await invariant.atEnd?.(world)))?.message,
  };
};

const keys = new Map<string, string>();

export const copyOf = (accountId: string, tradeId: string): Cause => ({ kind: 'copy', accountId, tradeId });

/** A TRADE item's fields. */
export const tradeOf = (tradeId: string, changes: Fields = {}): Fields => ({
  kind: 'TRADE',
  tradeId,
  masterId: 'm-1',
  exchange: 'kraken',
  symbol: SYMBOL,
  side: 'BUY',
  quantity: '1',
  price: '100',
  notional: '100',
  masterEquityBefore: '10000',
  soldFraction: '1',
  at: START_AT,
  exchangeOrderId: 'O1',
  ...changes,
});

/** A COPY item's fields. */
export const copyItem = (accountId: string, trade: Fields, changes: Fields = {}): Fields => ({
  kind: 'COPY',
  accountId,
  trade,
  createdAt: START_AT,
  ...changes,
});
