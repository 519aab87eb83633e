import type { Account } from '../../shared/account/account.ts';
import type { Connection } from '../../shared/account/connect.ts';
import { symbolsToPrice, type Valuation, valueAccount } from '../../shared/account/equity.ts';
import type { AssetBalance, Candle, Ticker } from '../../shared/exchange/exchange.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import type { Position } from '../../shared/ledger/position.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import { type Fraction, fraction, plus, quote, ZERO_QUANTITY } from '../../shared/money/money.ts';
import { OrderInDoubt, resumeOrder } from '../../shared/order/resume-order.ts';
import type { Decision, HeldPosition, LoadedStrategy, Sale } from '../../shared/strategy/strategy.ts';
import { type Instant, MINUTE, SECOND } from '../../shared/time/clock.ts';
import { type Ingested, ingestFills } from './ingest-fills.ts';
import type { MasterTickPorts, TickInput, TickReport } from './master-tick.ts';
import { placeDecision } from './place-decision.ts';
import { type Memories, readMemories, writeMemory } from './tick-memory.ts';

const CANDLE_MS = 5 * MINUTE;

/** One master's account and its markets at this moment. */
export interface Snapshot {
  readonly balances: readonly AssetBalance[];
  readonly tickers: ReadonlyMap<MarketSymbol, Ticker>;
  readonly valuation: Valuation;
}

/** The tick, as the only writer with the master's key. */
export const evaluate = async (
  input: TickInput,
  account: Account & { readonly strategy: NonNullable<Account['strategy']> },
  strategy: LoadedStrategy,
  connection: Connection,
  ports: MasterTickPorts,
): Promise<TickReport> => {
  const { ledger, log } = ports;
  const { accountId } = account;
  await settleInDoubt(account, connection, ports);
  const snapshot = await observe(account, connection, ports);
  const memories = await readMemories(accountId, ledger, log);
  const memory = memories.tick;
  const { equity } = snapshot.valuation;
  const earlier = await ingestFills(account, connection, equity, memory.cursor, ports);

  const positions = await ledger.positions.list(accountId);
  const symbols = [...new Set([...account.strategy.symbols, ...positions.map(({ symbol }) => symbol)])];
  const candles = await closedCandles(symbols, account, strategy, ports);
  const newCandles = new Set(
    symbols.filter((symbol) => (candles.get(symbol)?.at(-1)?.at ?? 0) > (memory.lastCandles[symbol] ?? 0)),
  );
  let accountState = strategy.settle(memory.account, earlier.sales);
  const decision = strategy.decide({
    now: ports.clock.now(),
    candles,
    newCandles,
    prices: snapshot.tickers,
    positions: held(positions, memories),
    account: {
      equity: snapshot.valuation.equity,
      cash: quote(freeCash(snapshot.balances, account)),
      roundTripFee: await roundTripFee(account, connection),
      state: accountState,
    },
    markets: new Map(connection.markets.map((market) => [market.symbol, market])),
  });
  explain(accountId, decision, strategy, ports);

  // Memories are stored before orders: an order that is placed and then forgotten still has its plan.
  for (const [symbol, state] of decision.states) await ledger.strategyStates.put(accountId, symbol, state);
  if (decision.entry !== undefined)
    await ledger.strategyStates.put(accountId, decision.entry.symbol, decision.entry.state);
  const lastCandles = Object.fromEntries(
    symbols.map((symbol) => [symbol, candles.get(symbol)?.at(-1)?.at ?? memory.lastCandles[symbol] ?? 0]),
  );
  const live = account.strategy.mode === 'live';
  const problems = live
    ? await placeDecision(input, account, strategy, decision, snapshot, connection, ports)
    : [];
  const sent = live && (decision.exits.length > 0 || decision.entry !== undefined);
  const now: Ingested = sent
    ? await ingestFills(account, connection, equity, earlier.cursor, ports)
    : { cursor: earlier.cursor, trades: [], sales: [] };
  accountState = strategy.settle(accountState, now.sales);
  const next = {
    account: accountState,
    lastCandles,
    ...(now.cursor === undefined ? {} : { cursor: now.cursor }),
  };
  await writeMemory(accountId, next, memory, ledger);
  await forgetClosed(account, decision, [...earlier.sales, ...now.sales], ports);
  if (problems.length > 0)
    throw new AggregateError(
      problems,
      `${problems.length} orders of ${accountId} did not come to an end in this tick: ${problems.map(({ message }) => message).join('; ')}`,
    );
  log.info('tick', {
    account: accountId,
    cause: `tick ${input.scheduledAt}`,
    trades: earlier.trades.length + now.trades.length,
  });
  return {
    accountId,
    balance: snapshot.valuation,
    trades: [...earlier.trades, ...now.trades],
    decisions: [
      ...decision.exits.map(({ symbol, reason }) => `SELL ${symbol}: ${reason}`),
      ...(decision.entry === undefined
        ? []
        : [`BUY ${decision.entry.symbol}: ${decision.entry.reasons.join(', ')}`]),
    ],
  };
};

/** Orders of a tick that died: their fills come with the cursor, only their own end is found out here. */
const settleInDoubt = async (
  account: Account,
  { session }: Connection,
  ports: MasterTickPorts,
): Promise<void> => {
  const { ledger, clock, log } = ports;
  for (const record of await ledger.orders.inDoubt(account.accountId)) {
    try {
      const resumed = await resumeOrder(record, {
        orders: ledger.orders,
        session,
        clock,
        log,
        patienceMs: 2 * SECOND,
      });
      if (resumed.state === 'CLOSED') await ledger.orders.replace(resumed.before, resumed.after);
    } catch (error) {
      if (!(error instanceof OrderInDoubt)) throw error;
      log.warn('an order stays in doubt until the next tick', {
        account: account.accountId,
        order: record.clientOrderId,
        why: error.message,
      });
    }
  }
};

const observe = async (
  account: Account & { readonly strategy: NonNullable<Account['strategy']> },
  connection: Connection,
  ports: MasterTickPorts,
): Promise<Snapshot> => {
  const balances = await connection.session.balances();
  const symbols = [
    ...new Set([...account.strategy.symbols, ...symbolsToPrice(balances, connection.markets)]),
  ];
  const tickers = await ports.exchange(account.exchange).marketData.tickers(symbols);
  return { balances, tickers, valuation: valueAccount(balances, tickers, connection.markets) };
};

const freeCash = (balances: readonly AssetBalance[], account: Account) =>
  balances.find(({ asset }) => asset === account.quoteCurrency)?.free ?? ZERO_QUANTITY;

const roundTripFee = async (
  account: Account & { readonly strategy: NonNullable<Account['strategy']> },
  connection: Connection,
): Promise<Fraction> => {
  const market = connection.markets.find(({ symbol }) => symbol === account.strategy.symbols[0]);
  if (market === undefined)
    throw new Error(
      `${account.exchange} does not list ${account.strategy.symbols[0]}: correct the symbols of ${account.accountId}`,
    );
  const fee = await connection.session.takerFee(market);
  return fraction(plus(fee, fee));
};

const closedCandles = async (
  symbols: readonly MarketSymbol[],
  account: Account,
  strategy: LoadedStrategy,
  ports: MasterTickPorts,
): Promise<ReadonlyMap<MarketSymbol, readonly Candle[]>> => {
  if (strategy.candlesNeeded === 0) return new Map();
  const { marketData } = ports.exchange(account.exchange);
  const closedBy = (at: Instant): boolean => at + CANDLE_MS <= ports.clock.now();
  const series = await Promise.all(
    symbols.map(async (symbol) => {
      const read = await attemptRead(() => marketData.candles(symbol));
      // Without candles there is no entry, but stops are still guarded by the price.
      if (!read.readable)
        ports.log.warn('no candles in this tick', { account: account.accountId, symbol, why: read.why });
      const candles = read.readable ? read.value : [];
      const closed = candles.slice(0, candles.findLastIndex(({ at }) => closedBy(at)) + 1);
      return [symbol, closed.slice(-strategy.candlesNeeded)] as const;
    }),
  );
  return new Map(series);
};

const held = (positions: readonly Position[], memories: Memories): ReadonlyMap<MarketSymbol, HeldPosition> =>
  new Map(
    positions.map(({ symbol, quantity, costBasis, openedAt }) => [
      symbol,
      { quantity, costBasis, openedAt, state: memories.planOf(symbol) },
    ]),
  );

const explain = (
  accountId: string,
  decision: Decision,
  strategy: LoadedStrategy,
  { log }: MasterTickPorts,
): void => {
  const fields = { account: accountId, version: strategy.version };
  for (const { symbol, reason, numbers } of decision.exits)
    log.info('exit decided', { ...fields, symbol, reason, numbers: JSON.stringify(numbers) });
  const { entry } = decision;
  if (entry !== undefined)
    log.info('entry decided', {
      ...fields,
      symbol: entry.symbol,
      reasons: entry.reasons.join(', '),
      numbers: JSON.stringify(entry.numbers),
    });
  for (const { symbol, reason, numbers } of decision.rejections)
    log.info('not traded', { ...fields, symbol, reason, numbers: JSON.stringify(numbers) });
};

/** A plan goes with its position: one left behind would be taken for the plan of the next. */
const forgetClosed = async (
  account: Account,
  decision: Decision,
  sales: readonly Sale[],
  { ledger }: MasterTickPorts,
): Promise<void> => {
  const { accountId } = account;
  const candidates = new Set(sales.filter(({ closed }) => closed).map(({ symbol }) => symbol));
  if (decision.entry !== undefined) candidates.add(decision.entry.symbol);
  if (candidates.size === 0) return;
  const open = new Set((await ledger.positions.list(accountId)).map(({ symbol }) => symbol));
  const doubtful = new Set((await ledger.orders.inDoubt(accountId)).map(({ symbol }) => symbol));
  for (const symbol of candidates) {
    if (!open.has(symbol) && !doubtful.has(symbol)) await ledger.strategyStates.remove(accountId, symbol);
  }
};
