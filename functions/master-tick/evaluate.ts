import type { Account } from '../../shared/account/account.ts';
import type { Connection } from '../../shared/account/connect.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { patientConnection, UNATTENDED_MS } from '../../shared/exit/patient-session.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import type { Fraction } from '../../shared/money/money.ts';
import type { MasterLedger } from '../../shared/strategy/master-ledger.ts';
import type { Decision, LoadedStrategy } from '../../shared/strategy/strategy.ts';
import { LeaseLost } from '../../shared/vault/lease.ts';
import { admissible } from './admissible.ts';
import { type Ingestion, ingestionsOf, type ReadBy } from './ingestion.ts';
import { type Judgement, judgePositions } from './judge-positions.ts';
import type { MasterTickPorts, TickInput, TickReport } from './master-tick.ts';
import { noteEquity } from './note-equity.ts';
import { observe, roundTripFee, type TradingAccount } from './observe.ts';
import { placeDecision } from './place-decision.ts';
import { settleInDoubt } from './settle-in-doubt.ts';
import {
  type Memories,
  noteUnrecorded,
  readMemories,
  storeUnrecorded,
  type TickMemory,
  writeFee,
  writeMemory,
} from './tick-memory.ts';

const NOWHERE: ReadonlySet<MarketSymbol> = new Set();
/** Where a sale is decided and not all is read: a hundred executions each, and what a small key may ask ends them sooner. */
const MOST_READINGS = 8;

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
  const patient = patientConnection(connection, ports.clock, UNATTENDED_MS);
  const ingestions = ingestionsOf({ account, connection, patient }, snapshot.valuation, ports);
  let known = await ingestions.since(memory.cursor);
  const trades = [...known.trades];
  const sales = [...known.sales];
  let accountState = strategy.settle(memory.account, known.sales);
  let stored = memory;
  const remember = async (next: TickMemory): Promise<void> => {
    if (memories.readable) await writeMemory(accountId, next, stored, ledger);
    stored = next;
  };
  // What follows may fail, or ask more than the key has left: a sale that is recorded is not told again, and the next
  // tick must not begin to read there again.
  const rememberIngested = async (): Promise<void> =>
    await remember({ ...stored, account: accountState, ...(known.isKnown ? {} : reached(known)) });
  const wasBehind = known.readTo !== undefined;
  const problems: Error[] = [];
  let isNoted = false;
  // A note that cannot be stored is tried again at the end, and stops no sale that more reading allows.
  const noteWhereBehind = async (): Promise<void> => {
    if (known.readTo === undefined || isNoted || !memories.readable) return;
    const noted = await attemptRead(() => noteBehind(account, memories, ledger));
    if (noted.readable) isNoted = true;
    else
      problems.push(new Error(`that executions of ${accountId} are unread could not be noted: ${noted.why}`));
  };
  await noteWhereBehind();
  await rememberIngested();
  // Before orders: what they move is surely not in the balances yet. It reads as much again: what the key has left is
  // for deciding.
  if (!wasBehind) await noteEquity(input, account, snapshot, connection, ports);

  const fee = await knownFee(account, { connection, patient }, memories, problems, ports);
  const judge = async (): Promise<Judgement> =>
    await judgePositions(
      { account, strategy, state: accountState, roundTripFee: fee, memories, snapshot },
      connection,
      ports,
    );
  const isLive = account.strategy.mode === 'live';
  let judged = await judge();
  if (isLive && judged.decided.exits.some(({ symbol }) => !inDoubt.has(symbol))) {
    // A position lacks what is not read yet, a sale by hand, say: it is sold by what is left of it, or waits.
    const before = known;
    for (let readings = 0; readings < MOST_READINGS; readings += 1) {
      const rest = await ingestions.readOn(known);
      if (rest === undefined) break;
      const isFurther = rest.isKnown || (rest.readTo ?? 0) > (known.readTo ?? 0);
      known = rest;
      trades.push(...rest.trades);
      sales.push(...rest.sales);
      accountState = strategy.settle(accountState, rest.sales);
      await noteWhereBehind();
      await rememberIngested().catch((error: unknown) => problems.push(asError(error)));
      if (!isFurther) break;
    }
    if (known !== before) judged = await judge();
  }
  const { decided, symbols, lastCandles } = judged;
  problems.push(...known.problems);
  const isBehind = known.readTo !== undefined;
  const sentBefore = memories.unrecorded ?? new Set(symbols);
  let unrecorded = known.isKnown ? NOWHERE : new Set([...sentBefore, ...(isBehind ? symbols : [])]);
  const doubtful = new Set([...inDoubt, ...unrecorded]);
  const mayBuy = memories.readable && snapshot.valuation.complete && problems.length === 0;
  const decision = admissible(decided, mayBuy, doubtful, account, ports);
  explain(accountId, decision, strategy, ports);

  // Memories are stored before orders: an order that is placed and then forgotten still has its plan. What was judged
  // of positions that lack executions is none.
  if (memories.readable && !isBehind) {
    for (const [symbol, state] of decision.states) await ledger.strategyStates.put(accountId, symbol, state);
  }
  if (decision.entry !== undefined)
    await ledger.strategyStates.put(accountId, decision.entry.symbol, decision.entry.state);
  const decidedIn = [...decision.exits, ...(decision.entry === undefined ? [] : [decision.entry])];
  const sent = isLive && decidedIn.length > 0;
  if (sent) {
    unrecorded = new Set([...unrecorded, ...decidedIn.map(({ symbol }) => symbol)]);
    await noteUnrecorded(accountId, unrecorded, ledger);
    problems.push(...(await placeDecision(input, account, strategy, decision, snapshot, patient, ports)));
    known = await ingestions.after(known);
    problems.push(...known.problems);
    trades.push(...known.trades);
    sales.push(...known.sales);
    accountState = strategy.settle(accountState, known.sales);
  }
  const noteWhatIsLeft = async (): Promise<void> => {
    const placed = sent ? await ledger.orders.inDoubt(accountId) : [];
    // What an order in doubt has executed may come later.
    const mayCome = new Set([...inDoubt, ...placed.map(({ symbol }) => symbol)]);
    const left = known.isKnown ? mayCome : new Set([...unrecorded, ...symbols]);
    const isStored = sent || isNoted || memories.unrecorded?.size !== 0;
    await storeUnrecorded(accountId, left, isStored, ledger);
  };
  // Where it fails, what was noted before the orders stands; the sales made must be remembered all the same.
  if (known.isKnown || known.readTo !== undefined)
    await noteWhatIsLeft().catch((error: unknown) => problems.push(asError(error)));
  await remember({ account: accountState, lastCandles, ...reached(known) });
  // What is not known to be closed keeps its plan until a tick that knows.
  if (known.isKnown) {
    const gone = memories.plans.filter((symbol) => !judged.held.has(symbol));
    const closed = sales.flatMap((sale) => (sale.closed ? [sale.symbol] : []));
    const entered = decision.entry === undefined ? [] : [decision.entry.symbol];
    await forgetClosed(account, new Set([...gone, ...closed, ...entered]), ports);
  }
  if (problems.length > 0)
    throw new AggregateError(
      problems,
      `the tick of ${accountId} did not do all it should; the next one goes on: ${problems.map(({ message }) => message).join('; ')}`,
    );
  log.info('tick', {
    account: accountId,
    cause: `tick ${input.scheduledAt}`,
    trades: trades.length,
  });
  return {
    accountId,
    balance: snapshot.valuation,
    trades,
    decisions: [
      ...decision.exits.map(({ symbol, reason }) => `SELL ${symbol}: ${reason}`),
      ...(decision.entry === undefined
        ? []
        : [`BUY ${decision.entry.symbol}: ${decision.entry.reasons.join(', ')}`]),
    ],
  };
};

/**
 * Before the cursor is stored: the next tick may not be able to read at all, and must not take positions for whole that
 * lack what this one has not read.
 */
const noteBehind = async (
  { accountId, strategy }: TradingAccount,
  { unrecorded = NOWHERE }: Memories,
  ledger: MasterLedger,
): Promise<void> => {
  const held = (await ledger.positions.list(accountId)).map(({ symbol }) => symbol);
  await noteUnrecorded(accountId, new Set([...unrecorded, ...strategy.symbols, ...held]), ledger);
};

/** The fee as it is, or, loudly, as it last was: a stop does not wait for it, a purchase does. @throws where there was none */
const knownFee = async (
  account: TradingAccount,
  { connection, patient }: Pick<ReadBy, 'connection' | 'patient'>,
  memories: Memories,
  problems: Error[],
  { ledger }: MasterTickPorts,
): Promise<Fraction> => {
  const last = memories.roundTripFee;
  try {
    const fee = await roundTripFee(account, last === undefined ? patient : connection);
    await writeFee(account.accountId, fee, memories, ledger).catch((error: unknown) =>
      problems.push(asError(error)),
    );
    return fee;
  } catch (error) {
    if (last === undefined || error instanceof LeaseLost) throw error;
    problems.push(asError(error));
    return last;
  }
};

const reached = ({ cursor }: Ingestion) => (cursor === undefined ? {} : { cursor });

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

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
  { accountId }: Account,
  plans: ReadonlySet<MarketSymbol>,
  { ledger }: MasterTickPorts,
): Promise<void> => {
  if (plans.size === 0) return;
  const open = new Set((await ledger.positions.list(accountId)).map(({ symbol }) => symbol));
  const doubtful = new Set((await ledger.orders.inDoubt(accountId)).map(({ symbol }) => symbol));
  for (const symbol of plans) {
    if (!open.has(symbol) && !doubtful.has(symbol)) await ledger.strategyStates.remove(accountId, symbol);
  }
};
