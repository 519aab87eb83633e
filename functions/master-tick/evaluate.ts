import type { Account } from '../../shared/account/account.ts';
import type { Connection } from '../../shared/account/connect.ts';
import type { Valuation } from '../../shared/account/equity.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import type { Position } from '../../shared/ledger/position.ts';
import { quote } from '../../shared/money/money.ts';
import type { Decision, HeldPosition, LoadedStrategy, Sale } from '../../shared/strategy/strategy.ts';
import { type Instant, iso, MINUTE } from '../../shared/time/clock.ts';
import { type Ingested, ingestFills, type Recorded } from './ingest-fills.ts';
import type { MasterTickPorts, TickInput, TickReport } from './master-tick.ts';
import { noteEquity } from './note-equity.ts';
import { closedCandles, freeCash, observe, roundTripFee, type TradingAccount } from './observe.ts';
import { placeDecision } from './place-decision.ts';
import { settleInDoubt } from './settle-in-doubt.ts';
import { forgetUnrecorded, type Memories, noteUnrecorded, readMemories, writeMemory } from './tick-memory.ts';

/** What was executed; nothing where it could not be found out. */
interface Ingestion extends Ingested {
  /** All of it, up to now. */
  readonly isKnown: boolean;
}

const NOWHERE: ReadonlySet<MarketSymbol> = new Set();

/** The tick, as the only writer with the master's key. */
export const evaluate = async (
  input: TickInput,
  account: TradingAccount,
  strategy: LoadedStrategy,
  connection: Connection,
  ports: MasterTickPorts,
): Promise<TickReport> => {
  const { ledger, log } = ports;
  const { accountId } = account;
  const inDoubt = await settleInDoubt(input, account, connection, ports);
  const snapshot = await observe(account, connection, ports);
  const memories = await readMemories(accountId, ledger, log);
  const memory = memories.tick;
  const problems: Error[] = [];
  const ingest = async (cursor: Instant | undefined): Promise<Ingestion> => {
    const recorded: Recorded = { trades: [], sales: [] };
    try {
      const ingested = await ingestPriced(account, connection, snapshot.valuation, cursor, ports, recorded);
      const { unlisted, readTo } = ingested;
      if (unlisted !== undefined)
        problems.push(
          new Error(
            `fill ${unlisted.fillId} of ${account.accountId} is in a market that was listed since the rules were read (given '${unlisted.pair}'): the next tick publishes it`,
          ),
        );
      if (readTo !== undefined)
        problems.push(
          new Error(
            `the executions of ${accountId} are read and published up to ${iso(readTo)} so far: the next ticks go on`,
          ),
        );
      return { ...ingested, isKnown: readTo === undefined };
    } catch (error) {
      // Positions are guarded all the same; the fills are still there in the next tick.
      problems.push(asError(error));
      return { cursor, ...recorded, isKnown: false };
    }
  };
  const earlier = await ingest(memory.cursor);
  let accountState = strategy.settle(memory.account, earlier.sales);
  // What follows may fail, or ask more than the key has left: a sale that is recorded is not told again, and the next
  // tick must not begin to read there again.
  const read = earlier.isKnown ? {} : reached(earlier);
  const remembered = { ...memory, account: accountState, ...read };
  if (memories.readable) await writeMemory(accountId, remembered, memory, ledger);
  // Before orders: what they move is surely not in the balances yet. It reads as much again: what the key has left is
  // for deciding.
  if (earlier.readTo === undefined) await noteEquity(input, account, snapshot, connection, ports);

  const positions = await ledger.positions.list(accountId);
  const symbols = [...new Set([...account.strategy.symbols, ...positions.map(({ symbol }) => symbol)])];
  const candles = await closedCandles(symbols, account, strategy, ports);
  const newCandles = new Set(
    symbols.filter((symbol) => (candles.get(symbol)?.at(-1)?.at ?? 0) > (memory.lastCandles[symbol] ?? 0)),
  );
  const unrecorded = earlier.isKnown ? NOWHERE : (memories.unrecorded ?? new Set(symbols));
  const doubtful = new Set([...inDoubt, ...unrecorded]);
  const decided = strategy.decide({
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
  const mayBuy = memories.readable && snapshot.valuation.complete && problems.length === 0;
  const decision = admissible(decided, mayBuy, doubtful, account, ports);
  explain(accountId, decision, strategy, ports);

  // Memories are stored before orders: an order that is placed and then forgotten still has its plan.
  if (memories.readable) {
    for (const [symbol, state] of decision.states) await ledger.strategyStates.put(accountId, symbol, state);
  }
  if (decision.entry !== undefined)
    await ledger.strategyStates.put(accountId, decision.entry.symbol, decision.entry.state);
  const lastCandles = Object.fromEntries(
    symbols.map((symbol) => [symbol, candles.get(symbol)?.at(-1)?.at ?? memory.lastCandles[symbol] ?? 0]),
  );
  const decidedIn = [...decision.exits, ...(decision.entry === undefined ? [] : [decision.entry])];
  const sent = account.strategy.mode === 'live' && decidedIn.length > 0;
  if (sent) {
    const symbolsSent = decidedIn.map(({ symbol }) => symbol);
    await noteUnrecorded(accountId, new Set([...unrecorded, ...symbolsSent]), ledger);
    problems.push(...(await placeDecision(input, account, strategy, decision, snapshot, connection, ports)));
  }
  const now: Ingestion = sent ? await ingest(earlier.cursor) : { ...earlier, trades: [], sales: [] };
  if (now.isKnown && (sent || memories.unrecorded?.size !== 0))
    await forgetUnrecorded(accountId, ledger).catch((error: unknown) => problems.push(asError(error)));
  accountState = strategy.settle(accountState, now.sales);
  const next = {
    account: accountState,
    lastCandles,
    ...reached(now),
  };
  if (memories.readable) await writeMemory(accountId, next, remembered, ledger);
  await forgetClosed(account, decision, [...earlier.sales, ...now.sales], ports);
  if (problems.length > 0)
    throw new AggregateError(
      problems,
      `the tick of ${accountId} did not do all it should; the next one goes on: ${problems.map(({ message }) => message).join('; ')}`,
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

const reached = ({ cursor }: Ingestion) => (cursor === undefined ? {} : { cursor });

/** Between two readings of the rules for a price that is missing. */
const REFRESH_MS = 10 * MINUTE;

/**
 * A master without the price of what it holds has no equity that its trades could be measured by. Where the price is
 * missing because the exchange does not list the market any more, the rules are known to say so in the next tick.
 */
const ingestPriced = async (
  account: Account,
  connection: Connection,
  { equity, complete, unpriced }: Valuation,
  cursor: Instant | undefined,
  ports: MasterTickPorts,
  recorded: Recorded,
): Promise<Ingested> => {
  if (complete) return await ingestFills(account, connection, equity, cursor, ports, recorded);
  await ports.marketRules.refresh(account.exchange, ports.clock.now() - REFRESH_MS);
  throw new Error(
    `${account.accountId} holds ${unpriced.join(', ')} without a price now: its fills are published when there is one`,
  );
};

/**
 * What of a decision may be sent. An order in doubt has moved the position or will, and so has one whose executions
 * could not be read: nothing is decided in its symbol until that is known. Nothing is bought on what is known only
 * in part.
 */
const admissible = (
  decision: Decision,
  mayBuy: boolean,
  doubtful: ReadonlySet<MarketSymbol>,
  { accountId }: Account,
  { log }: MasterTickPorts,
): Decision => {
  const { entry, ...rest } = decision;
  const exits = rest.exits.filter(({ symbol }) => !doubtful.has(symbol));
  for (const { symbol, reason } of rest.exits.filter((exit) => doubtful.has(exit.symbol))) {
    log.warn('a sale waits for an order in doubt', { account: accountId, symbol, reason });
  }
  if (entry === undefined) return { ...rest, exits };
  if (mayBuy && !doubtful.has(entry.symbol)) return { ...rest, exits, entry };
  log.warn('an entry was dropped: not all is known that it was decided on', {
    account: accountId,
    symbol: entry.symbol,
  });
  return { ...rest, exits };
};

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

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
