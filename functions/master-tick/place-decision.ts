import type { Account } from '../../shared/account/account.ts';
import type { Connection } from '../../shared/account/connect.ts';
import type { Market, MarketSymbol } from '../../shared/exchange/market.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import {
  floorTo,
  fraction,
  fractionOfBps,
  least,
  notional,
  ONE,
  type Price,
  plus,
  price,
  type Quantity,
  quantityFor,
  scale,
  ZERO_QUANTITY,
} from '../../shared/money/money.ts';
import { fitToMarket } from '../../shared/order/fit.ts';
import {
  type Cause,
  clientOrderIdOf,
  type OrderRecord,
  type OrderRequest,
} from '../../shared/order/order.ts';
import { placeOnce } from '../../shared/order/place-once.ts';
import {
  countOrder,
  equityGuard,
  observeEquity,
  rateGuard,
  tradingEquity,
} from '../../shared/protection/risk.ts';
import { type CountedBuy, judgeRunaway, whyTripped } from '../../shared/protection/runaway.ts';
import { pricesFrom } from '../../shared/snapshot/holdings.ts';
import type {
  Decision,
  EntryDecision,
  ExitDecision,
  LoadedStrategy,
} from '../../shared/strategy/strategy.ts';
import { SECOND } from '../../shared/time/clock.ts';
import type { MasterTickPorts, TickInput } from './master-tick.ts';
import type { Snapshot } from './observe.ts';

const PATIENCE_MS = 18 * SECOND;

/**
 * Sends what the strategy decided: sales first, then the entry. One order's failure stops no other.
 * Fills are not recorded here: they come with the cursor, so a crash in between loses none.
 *
 * @returns what kept single orders from coming to an end
 */
export const placeDecision = async (
  input: TickInput,
  account: Account,
  strategy: LoadedStrategy,
  decision: Decision,
  snapshot: Snapshot,
  connection: Connection,
  ports: MasterTickPorts,
): Promise<readonly Error[]> => {
  const problems: Error[] = [];
  const send = async (request: OrderRequest | string): Promise<void> => {
    if (typeof request === 'string') {
      ports.log.warn('a decision was not carried out', { account: account.accountId, why: request });
      return;
    }
    const sent = await attempt(() => place(request, account, snapshot, connection, ports));
    if (sent !== undefined) problems.push(sent);
  };
  for (const exit of decision.exits)
    await send(saleRequest(input, account, strategy, exit, snapshot, connection));
  if (decision.entry !== undefined)
    await send(entryRequest(input, account, strategy, decision.entry, snapshot, connection));
  return problems;
};

const attempt = async (run: () => Promise<void>): Promise<Error | undefined> => {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};

const marketOf = (symbol: MarketSymbol, { markets }: Connection): Market | undefined =>
  markets.find((market) => market.symbol === symbol);

const freeOf = (market: Market, { balances }: Snapshot): Quantity =>
  balances.find(({ asset }) => asset === market.base)?.free ?? ZERO_QUANTITY;

/** The order, or why there is none. */
const saleRequest = (
  { scheduledAt }: TickInput,
  { accountId }: Account,
  strategy: LoadedStrategy,
  exit: ExitDecision,
  snapshot: Snapshot,
  connection: Connection,
): OrderRequest | string => {
  const { symbol } = exit;
  const market = marketOf(symbol, connection);
  if (market === undefined) return `${symbol} is not listed at the exchange any more`;
  const fit = fitToMarket(
    least(exit.quantity, freeOf(market, snapshot)),
    market,
    snapshot.tickers.get(symbol)?.bid,
  );
  if (!fit.fits) return `SELL ${symbol} (${exit.reason}): ${fit.why}`;
  const cause: Cause = { kind: 'tick', accountId, tickId: scheduledAt, symbol, side: 'SELL' };
  return {
    cause,
    market,
    quantity: fit.quantity,
    configVersion: strategy.version,
    side: 'SELL',
    type: 'MARKET',
  };
};

const entryRequest = (
  { scheduledAt }: TickInput,
  { accountId, limits }: Account,
  strategy: LoadedStrategy,
  entry: EntryDecision,
  snapshot: Snapshot,
  connection: Connection,
): OrderRequest | string => {
  const { symbol } = entry;
  const market = marketOf(symbol, connection);
  const ticker = snapshot.tickers.get(symbol);
  if (market === undefined || ticker === undefined) return `BUY ${symbol}: there is no price for it now`;
  const cap = price(
    floorTo(scale(ticker.ask, fraction(plus(ONE, fractionOfBps(limits.maxSlippageBps)))), market.priceTick),
  );
  const fit = fitToMarket(quantityFor(entry.amount, cap), market, cap);
  if (!fit.fits) return `BUY ${symbol}: ${fit.why}`;
  const cause: Cause = { kind: 'tick', accountId, tickId: scheduledAt, symbol, side: 'BUY' };
  return {
    cause,
    market,
    quantity: fit.quantity,
    configVersion: strategy.version,
    side: 'BUY',
    type: 'LIMIT_IOC',
    limitPrice: cap,
  };
};

const place = async (
  request: OrderRequest,
  account: Account,
  snapshot: Snapshot,
  connection: Connection,
  ports: MasterTickPorts,
): Promise<void> => {
  const { ledger, clock, log } = ports;
  const { accountId } = account;
  await connection.keep();
  const known = await ledger.orders.get(accountId, clientOrderIdOf(request.cause));
  const result = await placeOnce(request, known, {
    orders: ledger.orders,
    session: connection.session,
    clock,
    log,
    patienceMs: PATIENCE_MS,
    beforeSend: async (order) =>
      request.side === 'BUY'
        ? await whyNotBuy(order, request.limitPrice, account, snapshot, connection, ports)
        : undefined,
  });
  if (result.state === 'WITHHELD') {
    log.info('an entry was withheld', {
      account: accountId,
      symbol: request.market.symbol,
      why: result.because,
    });
  }
  if (result.state === 'CLOSED' && result.before.state !== 'CLOSED') {
    await ledger.orders.replace(result.before, result.after);
  }
};

/** The switches and limits that stop a master's BUY, as they are right before it is sent. What cannot be read stops it. */
const whyNotBuy = async (
  order: OrderRecord,
  limitPrice: Price,
  { accountId, limits }: Account,
  { valuation, tickers }: Snapshot,
  { markets }: Connection,
  { ledger, clock, log, meter }: MasterTickPorts,
): Promise<string | undefined> => {
  const read = await attemptRead(() =>
    Promise.all([
      ledger.control.halt(),
      ledger.accounts.get(accountId),
      ledger.risk.get(accountId),
      ledger.runaway.breaker(),
    ]),
  );
  if (!read.readable) return `a switch or limit could not be read: ${read.why}`;
  const [halt, account, stored, breaker] = read.value;
  if (halt.engaged) return `halted by ${halt.by}: ${halt.why}`;
  const tripped = whyTripped({ readable: true, value: breaker });
  if (tripped !== undefined) return tripped;
  if (account === undefined || !account.enabled) return `${accountId} is disabled`;
  if (account.exitOnly) return `${accountId} is set to exit-only`;
  const { equity, cash } = valuation;
  const at = clock.now();
  const risk = observeEquity(stored, { accountId, equity, cash, at });
  const counted: CountedBuy = {
    accountId,
    clientOrderId: order.clientOrderId,
    notional: notional(order.quantity, limitPrice),
    at,
  };
  const judged = tradingEquity(risk, { equity, at }, pricesFrom(tickers, markets));
  const refused = equityGuard(judged, risk, limits) ?? rateGuard(counted, risk, equity, limits);
  if (refused !== undefined) return `${refused.reason}: ${refused.detail}`;
  await Promise.all([ledger.risk.save(countOrder(risk, counted)), ledger.runaway.count(counted, breaker)]);
  return await judgeRunaway(counted, breaker, { log, meter, runaway: ledger.runaway });
};
