import type { Account } from '../account/account.ts';
import { type Connection, withConnection } from '../account/connect.ts';
import { UnknownAccount } from '../account/errors.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import { attemptRead } from '../ledger/read.ts';
import { settleDoubtful } from '../ledger/settle-doubtful.ts';
import { ZERO_QUANTITY, ZERO_QUOTE } from '../money/money.ts';
import { minimumPriceOf } from '../order/fit.ts';
import { clientOrderIdOf } from '../order/order.ts';
import { SECOND } from '../time/clock.ts';
import { LeaseLost, LeaseUnavailable } from '../vault/lease.ts';
import { beginExit, findExit } from './begin-exit.ts';
import { cancelOrders } from './cancel-orders.ts';
import { type Bound, boundOf, unsold } from './continuing.ts';
import { concerns, type ExitInput, type ExitPorts, type ExitReport } from './exit-contract.ts';
import { type ExitRequest, type ExitSymbolResult, lastAskedAt } from './exit-request.ts';
import { type ExitTargets, exitTargets } from './exit-targets.ts';
import { keyTermsOf } from './key-terms.ts';
import { patientConnection } from './patient-session.ts';
import { planExit } from './plan-exit.ts';
import { sellOut } from './sell-out.ts';

/** For orders in doubt, all together: who asked for the exit would rather wait than ask again. */
const ASKED_SETTLE_MS = 120 * SECOND;

/**
 * Sells what an account holds, and verifies at the exchange that it is gone. No switch, minimum balance,
 * limit or master is asked.
 *
 * @param unattended nobody asked for it now: an exit that was asked for earlier goes on until it is flat. Its
 * `patienceMs` is that of all pauses for a key that has asked too often
 * @throws UnknownAccount, ExitMismatch, VaultError, LeaseUnavailable, LeaseLost, ExchangeError, LedgerError when nothing
 * could be begun or finished; failures of single symbols are in the report
 */
export const runExit = async (
  input: ExitInput,
  ports: ExitPorts,
  unattended?: Unattended,
): Promise<ExitReport> => {
  const { accountId } = input;
  try {
    const report = await run(input, ports, unattended);
    ports.log.info('exit', {
      account: accountId,
      cause: `exit ${report.requestId}`,
      state: report.state,
    });
    if (report.state === 'FLAT') ports.meter.count('ExitFlat', { account: accountId });
    if (report.state === 'INCOMPLETE') ports.meter.count('ExitFailed', { account: accountId });
    return report;
  } catch (error) {
    // Somebody else works with the key: often the same exit, asked for again.
    if (unattended !== undefined && (error instanceof LeaseUnavailable || error instanceof LeaseLost))
      throw error;
    const cause = `exit ${input.requestId ?? 'without an id'}`;
    ports.log.error('an exit failed', error, { account: accountId, cause });
    ports.meter.count('ExitFailed', { account: accountId });
    throw error;
  }
};

export interface Unattended {
  readonly patienceMs: number;
}

const run = async (
  input: ExitInput,
  ports: ExitPorts,
  unattended: Unattended | undefined,
): Promise<ExitReport> => {
  const { accountId } = input;
  const account = await ports.ledger.accounts.get(accountId);
  if (account === undefined) throw new UnknownAccount(accountId);
  const terms = keyTermsOf(input, unattended !== undefined);
  return await withConnection(account, terms, ports, async (bare) => {
    if (input.dryRun) return await planExit(input, account, bare, ports);
    const patient = (mostMs: number): Connection => patientConnection(bare, ports.clock, mostMs);
    if (unattended === undefined) return await carryOut(input, account, patient(AWAITED_MS), ports, false);
    const report = await carryOut(input, account, patient(unattended.patienceMs), ports, true);
    return { ...report, notes: [CONTINUED, ...report.notes] };
  });
};

/** Of all pauses for a key that has asked too often, where somebody waits for the exit. */
const AWAITED_MS = 120 * SECOND;

const CONTINUED = 'went on by itself, as it was asked for: an exit goes on with every check until it is flat';

const NOT_BEGUN = 'it never came to what was to be sold: ask again with the same request id';

const carryOut = async (
  input: ExitInput,
  account: Account,
  connection: Connection,
  ports: ExitPorts,
  continuing: boolean,
): Promise<ExitReport> => {
  const { ledger, clock } = ports;
  const found = await findExit(input, ports);
  const begun = await beginExit(input, found, continuing, ports);
  const { accountId, requestId, scope } = begun;
  const target = { accountId, requestId, scope };
  const head = { ...target, resumed: found.stored !== undefined };
  if (begun.state === 'FLAT') {
    return {
      ...head,
      state: 'FLAT',
      canceledOrders: [],
      results: begun.results,
      notes: ['this exit was finished before'],
    };
  }
  if (continuing && begun.results.length === 0) {
    // It died before it knew what there was; what is held by now is more or less than was meant.
    return { ...head, state: 'INCOMPLETE', canceledOrders: [], results: [], notes: [NOT_BEGUN] };
  }
  const settleMs = continuing ? undefined : ASKED_SETTLE_MS;
  const doubtful = await settleDoubtful(accountId, input.symbols, connection, ports, settleMs);
  const maybeSold = doubtful.size === 0 ? [] : await salesInDoubt(begun, ports);
  const targets = continuing
    ? { symbols: unsold(begun).map(({ symbol }) => symbol), notes: [] }
    : await targetsOf(input, begun, [...doubtful.keys()], connection, ports);
  const named = begun.results.map(({ symbol }) => symbol);
  const canceled = continuing
    ? await cancelOrders(
        (order) => named.includes(order.symbol) && order.openedAt <= lastAskedAt(begun),
        accountId,
        connection,
        ports,
      )
    : await cancelOrders((order) => concerns(input, targets.symbols, order), accountId, connection, ports);
  let request = await announce(begun, targets, ports);
  for (const symbol of targets.symbols) {
    // One symbol's failure stops no other.
    const earlier = request.results.find((result) => result.symbol === symbol);
    if (earlier !== undefined && maybeSold.includes(symbol)) {
      const detail = doubtful.get(symbol) ?? 'a sale of it is in doubt';
      request = await saveResult(request, { ...earlier, state: 'FAILED', detail }, ledger);
      continue;
    }
    const bound: Bound =
      continuing && earlier !== undefined
        ? await boundOf(request, earlier, ledger.positions)
        : { sells: 'all' };
    const sold = await sellOut(
      {
        accountId,
        scope,
        symbol,
        earlier,
        ...(bound.sells === 'all' ? {} : { most: bound.most }),
        mayRest: continuing,
        why: `exit ${requestId}`,
        causeOf: (round) => ({ kind: 'exit', accountId, requestId, symbol, round }),
      },
      {
        ...ports,
        session: connection.session,
        everListed: connection.everListed,
        keep: connection.keep,
        priceOf: async (of) => await minimumPriceIn(of, account, ports),
      },
    );
    const doubt = doubtful.get(symbol);
    // What a purchase in doubt may still bring, or nobody has asked for, is not sold yet, whatever was.
    const why = doubt ?? (bound.sells === 'nothing' && sold.state !== 'DELISTED' ? bound.because : undefined);
    const result: ExitSymbolResult = why === undefined ? sold : { ...sold, state: 'FAILED', detail: why };
    request = await saveResult(request, result, ledger);
  }
  const flat = canceled.failed === 0 && request.results.every(({ state }) => state !== 'FAILED');
  if (flat)
    await ledger.exits.save({
      ...request,
      state: 'FLAT',
      finishedAt: clock.now(),
      version: request.version + 1,
    });
  return {
    ...head,
    state: flat ? 'FLAT' : 'INCOMPLETE',
    canceledOrders: canceled.ids,
    results: request.results,
    notes: [...canceled.notes, ...targets.notes],
  };
};

const saveResult = async (
  request: ExitRequest,
  result: ExitSymbolResult,
  { exits }: ExitPorts['ledger'],
): Promise<ExitRequest> => {
  const others = request.results.filter(({ symbol }) => symbol !== result.symbol);
  const next = { ...request, results: [...others, result], version: request.version + 1 };
  await exits.save(next);
  return next;
};

/**
 * Symbols of which somebody else's sale is in doubt: what the ledger calls managed may be sold already, and the
 * rest is the owner's own. A sale of this exit is found out where its symbol is sold; an exit of everything
 * sells what the exchange shows, whosever it is.
 */
const salesInDoubt = async (
  { accountId, requestId, scope, results }: ExitRequest,
  { ledger }: ExitPorts,
): Promise<readonly MarketSymbol[]> => {
  if (scope === 'everything') return [];
  const ours = (symbol: MarketSymbol): string => {
    const rounds = results.find((result) => result.symbol === symbol)?.rounds ?? 0;
    return clientOrderIdOf({ kind: 'exit', accountId, requestId, symbol, round: rounds + 1 });
  };
  return (await ledger.orders.inDoubt(accountId))
    .filter(({ side, symbol, clientOrderId }) => side === 'SELL' && clientOrderId !== ours(symbol))
    .map(({ symbol }) => symbol);
};

/**
 * Names every symbol in the stored request before anything of it is sold: a sale that was recorded right before
 * the process died has left no position to find it by.
 */
const announce = async (
  request: ExitRequest,
  { symbols }: ExitTargets,
  { ledger }: ExitPorts,
): Promise<ExitRequest> => {
  const fresh = symbols.filter((symbol) => request.results.every((result) => result.symbol !== symbol));
  if (fresh.length === 0) return request;
  const results = fresh.map(
    (symbol): ExitSymbolResult => ({
      symbol,
      state: 'FAILED',
      quantity: ZERO_QUANTITY,
      proceeds: ZERO_QUOTE,
      fees: ZERO_QUOTE,
      left: ZERO_QUANTITY,
      detail: 'begun but not finished: ask again',
      rounds: 0,
    }),
  );
  const announced = {
    ...request,
    results: [...request.results, ...results],
    version: request.version + 1,
  };
  await ledger.exits.save(announced);
  return announced;
};

const targetsOf = async (
  input: ExitInput,
  request: ExitRequest,
  doubtful: readonly MarketSymbol[],
  connection: Connection,
  ports: ExitPorts,
): Promise<ExitTargets> =>
  exitTargets({
    scope: input.scope,
    only: input.symbols,
    begun: [...request.results.map(({ symbol }) => symbol), ...doubtful],
    positions: await ports.ledger.positions.list(input.accountId),
    balances: input.scope === 'everything' ? await connection.session.balances() : [],
    markets: connection.markets,
  });

const minimumPriceIn = async (symbol: MarketSymbol, account: Account, ports: ExitPorts) => {
  const tickers = await attemptRead(() => ports.exchange(account.exchange).marketData.tickers([symbol]));
  if (!tickers.readable)
    ports.log.warn('exiting without a price', { account: account.accountId, symbol, why: tickers.why });
  return minimumPriceOf(tickers.readable ? tickers.value.get(symbol) : undefined);
};
