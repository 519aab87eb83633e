import type { Account } from '../../shared/account/account.ts';
import { type Connection, withConnection } from '../../shared/account/connect.ts';
import { UnknownAccount } from '../../shared/account/errors.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import type { ExitRequest, ExitSymbolResult } from '../../shared/exit/exit-request.ts';
import { type ExitTargets, exitTargets } from '../../shared/exit/exit-targets.ts';
import { patientSession } from '../../shared/exit/patient-session.ts';
import { sellOut } from '../../shared/exit/sell-out.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import { settleDoubtful } from '../../shared/ledger/settle-doubtful.ts';
import { ZERO_QUANTITY, ZERO_QUOTE } from '../../shared/money/money.ts';
import { SECOND } from '../../shared/time/clock.ts';
import { concerns, type ExitInput, type ExitPorts, type ExitReport } from './exit-contract.ts';
import { planExit } from './plan-exit.ts';

/** The same request id was used for another exit: nothing was done. */
export class ExitMismatch extends Error {
  override readonly name = 'ExitMismatch';
}

/** Longer than the lease's time to live: an exit is served next. */
const LEASE_WAIT_MS = 30 * SECOND;

/**
 * Sells what an account holds, and verifies at the exchange that it is gone. No switch, minimum balance,
 * limit or master is asked.
 *
 * @throws UnknownAccount, ExitMismatch, VaultError, LeaseUnavailable, LeaseLost, ExchangeError, LedgerError when nothing
 * could be begun or finished; failures of single symbols are in the report
 */
export const runExit = async (input: ExitInput, ports: ExitPorts): Promise<ExitReport> => {
  const { accountId, requestId } = input;
  const fields = { account: accountId, cause: `exit ${requestId}` };
  try {
    const report = await run(input, ports);
    ports.log.info('exit', { ...fields, state: report.state });
    if (report.state === 'FLAT') ports.meter.count('ExitFlat', { account: accountId });
    if (report.state === 'INCOMPLETE') ports.meter.count('ExitFailed', { account: accountId });
    return report;
  } catch (error) {
    ports.log.error('an exit failed', error, fields);
    ports.meter.count('ExitFailed', { account: accountId });
    throw error;
  }
};

const run = async (input: ExitInput, ports: ExitPorts): Promise<ExitReport> => {
  const { accountId, requestId } = input;
  const account = await ports.ledger.accounts.get(accountId);
  if (account === undefined) throw new UnknownAccount(accountId);
  const terms = { holder: `exit ${requestId}`, priority: 'exit', waitMs: LEASE_WAIT_MS } as const;
  return await withConnection(account, terms, ports, async (connection) => {
    if (input.dryRun) return await planExit(input, account, connection, ports);
    const session = patientSession(connection, ports.clock);
    return await carryOut(input, account, { ...connection, session }, ports);
  });
};

const carryOut = async (
  input: ExitInput,
  account: Account,
  connection: Connection,
  ports: ExitPorts,
): Promise<ExitReport> => {
  const { ledger, clock } = ports;
  const begun = await begin(input, ports);
  const head = { accountId: input.accountId, requestId: input.requestId, scope: input.scope };
  if (begun.state === 'FLAT') {
    return {
      ...head,
      state: 'FLAT',
      canceledOrders: [],
      results: begun.results,
      notes: ['this exit was finished before'],
    };
  }
  const doubtful = await settleDoubtful(input.accountId, input.symbols, connection, ports);
  const targets = await targetsOf(input, begun, [...doubtful.keys()], connection, ports);
  const canceled = await cancelOrders(input, targets.symbols, connection, ports);
  let request = await announce(begun, targets, ports);
  for (const symbol of targets.symbols) {
    // One symbol's failure stops no other.
    const earlier = request.results.find((result) => result.symbol === symbol);
    const sold = await sellOut(
      { ...head, symbol, earlier },
      {
        ...ports,
        session: connection.session,
        markets: connection.markets,
        keep: connection.keep,
        bid: (of) => bidOf(of, account, ports),
      },
    );
    const doubt = doubtful.get(symbol);
    // What a purchase in doubt may still bring is not sold yet, whatever was.
    const result: ExitSymbolResult = doubt === undefined ? sold : { ...sold, state: 'FAILED', detail: doubt };
    request = {
      ...request,
      results: [...request.results.filter((other) => other.symbol !== symbol), result],
      version: request.version + 1,
    };
    await ledger.exits.save(request);
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
      detail: 'begun but not finished: ask again with the same request id',
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

const begin = async (input: ExitInput, { ledger, clock }: ExitPorts): Promise<ExitRequest> => {
  const { accountId, requestId, scope, symbols } = input;
  const stored = await ledger.exits.get(accountId, requestId);
  if (stored !== undefined) {
    const same =
      stored.scope === scope && JSON.stringify(stored.symbols ?? null) === JSON.stringify(symbols ?? null);
    if (same) return stored;
    throw new ExitMismatch(
      `request id '${requestId}' of ${accountId} belongs to another exit (${stored.scope}, ${stored.symbols?.join(', ') ?? 'all symbols'}): use a new id`,
    );
  }
  const request: ExitRequest = {
    accountId,
    requestId,
    scope,
    ...(symbols === undefined ? {} : { symbols }),
    state: 'RUNNING',
    results: [],
    requestedAt: clock.now(),
    version: 1,
  };
  await ledger.exits.save(request);
  return request;
};

/** An order that stays open keeps what it holds, so the exit is not flat then; the sale of the rest goes on. */
const cancelOrders = async (
  input: ExitInput,
  targets: readonly MarketSymbol[],
  { session }: Connection,
  { log }: ExitPorts,
) => {
  const ids: string[] = [];
  const notes: string[] = [];
  const orders = await attemptRead(() => session.openOrders());
  if (!orders.readable) return { ids, notes: [`open orders could not be listed: ${orders.why}`], failed: 1 };
  for (const order of orders.value.filter((open) => concerns(input, targets, open))) {
    const canceled = await attemptRead(() => session.cancel(order.exchangeOrderId));
    if (canceled.readable) {
      ids.push(order.exchangeOrderId);
      continue;
    }
    notes.push(`order ${order.exchangeOrderId} (${order.symbol}) could not be cancelled: ${canceled.why}`);
    log.warn('an open order could not be cancelled', {
      account: input.accountId,
      order: order.exchangeOrderId,
      why: canceled.why,
    });
  }
  return { ids, notes, failed: notes.length };
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

const bidOf = async (symbol: MarketSymbol, account: Account, ports: ExitPorts) => {
  const tickers = await attemptRead(() => ports.exchange(account.exchange).marketData.tickers([symbol]));
  if (!tickers.readable)
    ports.log.warn('exiting without a price', { account: account.accountId, symbol, why: tickers.why });
  return tickers.readable ? tickers.value.get(symbol)?.bid : undefined;
};
