import type { Account } from '../../shared/account/account.ts';
import type { Connection } from '../../shared/account/connect.ts';
import type { Market, MarketSymbol } from '../../shared/exchange/market.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import {
  floorTo,
  fraction,
  fractionOfBps,
  least,
  ONE,
  plus,
  price,
  type Quantity,
  quantityFor,
  scale,
  ZERO_QUANTITY,
} from '../../shared/money/money.ts';
import { fitToMarket } from '../../shared/order/fit.ts';
import { type Cause, clientOrderIdOf, type OrderRequest } from '../../shared/order/order.ts';
import { placeOnce } from '../../shared/order/place-once.ts';
import type {
  Decision,
  EntryDecision,
  ExitDecision,
  LoadedStrategy,
} from '../../shared/strategy/strategy.ts';
import { SECOND } from '../../shared/time/clock.ts';
import type { Snapshot } from './evaluate.ts';
import type { MasterTickPorts, TickInput } from './master-tick.ts';

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
    const sent = await attempt(() => place(request, connection, ports));
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
  { session }: Connection,
  ports: MasterTickPorts,
): Promise<void> => {
  const { ledger, clock, log } = ports;
  const { accountId } = request.cause;
  const known = await ledger.orders.get(accountId, clientOrderIdOf(request.cause));
  const result = await placeOnce(request, known, {
    orders: ledger.orders,
    session,
    clock,
    log,
    patienceMs: PATIENCE_MS,
    beforeSend: async () => (request.side === 'BUY' ? await haltReason(ports) : undefined),
  });
  if (result.state === 'WITHHELD')
    log.info('an entry was withheld', {
      account: accountId,
      symbol: request.market.symbol,
      why: result.because,
    });
  if (result.state === 'CLOSED' && result.before.state !== 'CLOSED')
    await ledger.orders.replace(result.before, result.after);
};

/** A switch that cannot be read stops a BUY. */
const haltReason = async ({ ledger }: MasterTickPorts): Promise<string | undefined> => {
  const halt = await attemptRead(() => ledger.control.halt());
  if (!halt.readable) return `the halt switch could not be read: ${halt.why}`;
  return halt.value.engaged ? `halted by ${halt.value.by}: ${halt.value.why}` : undefined;
};
