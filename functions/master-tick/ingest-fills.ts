import { createHash } from 'node:crypto';
import type { Account } from '../../shared/account/account.ts';
import type { Connection, MarketRules } from '../../shared/account/connect.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import type { Fill, UnlistedFill } from '../../shared/exchange/exchange.ts';
import { isCash, type Market } from '../../shared/exchange/market.ts';
import { applyFills } from '../../shared/ledger/apply-fills.ts';
import type { Position } from '../../shared/ledger/position.ts';
import { FILLS_PER_TRANSACTION } from '../../shared/ledger/record-order.ts';
import {
  averagePrice,
  least,
  minus,
  ONE,
  plus,
  type QuoteAmount,
  quote,
  ratio,
  ZERO_QUANTITY,
  ZERO_QUOTE,
} from '../../shared/money/money.ts';
import { fitToMarket } from '../../shared/order/fit.ts';
import { ConcurrentChange } from '../../shared/order/order.ts';
import type { MasterLedger } from '../../shared/strategy/master-ledger.ts';
import type { Sale } from '../../shared/strategy/strategy.ts';
import type { Log } from '../../shared/telemetry/telemetry.ts';
import { type Clock, type Instant, MINUTE } from '../../shared/time/clock.ts';

/** Fills are read again from this long before the cursor: one may be listed late. A recorded fill is known by its id. */
const OVERLAP_MS = 10 * MINUTE;
/** Of the account's history in one tick, so that something is left of what its key may ask. */
const MOST_PAGES = 3;
const ATTEMPTS = 3;

export interface IngestPorts {
  readonly ledger: MasterLedger;
  readonly marketRules: Pick<MarketRules, 'refresh'>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Ingested {
  /** Where the next tick begins, but for the overlap; undefined where there never was an execution. */
  readonly cursor: Instant | undefined;
  /** Every execution before this moment is ingested, and none at or after it; absent where all are. */
  readonly readTo?: Instant;
  readonly trades: readonly Trade[];
  readonly sales: readonly Sale[];
  /** The first execution in a market that was listed since its rules were read: it is ingested when they are known. */
  readonly unlisted?: UnlistedFill;
}

export interface ReadFrom {
  /** Where the tick before ended; undefined where there never was an execution. */
  readonly cursor: Instant | undefined;
  /** Where a reading of this tick ended: nothing before it is read again. Without it, the overlap is. */
  readonly since?: Instant;
}

/** What is recorded is never told again, whatever fails after it. */
export interface Recorded {
  readonly trades: Trade[];
  readonly sales: Sale[];
  /** The moment of the first execution that is known of and not recorded; as far as it was looked. */
  missing?: Instant | undefined;
}

/**
 * Records a master's executions since the cursor, its own and the owner's by hand alike, each order's as one
 * TRADE for the followers, in the transaction that also moves the position.
 *
 * @param recorded gets what is recorded as soon as it is
 */
export const ingestFills = async (
  account: Account,
  { session, everListed, keep }: Connection,
  equity: QuoteAmount,
  from: ReadFrom,
  ports: IngestPorts,
  recorded: Recorded,
): Promise<Ingested> => {
  const { accountId } = account;
  const { cursor } = from;
  const since = from.since ?? Math.max((cursor ?? account.registeredAt) - OVERLAP_MS, account.registeredAt);
  const readAt = ports.clock.now();
  const reading = { keep, mostPages: MOST_PAGES };
  const { fills: listed, unlisted, onMargin = [], readTo } = await session.fillsSince(since, reading);
  const known = await ports.ledger.fills.recorded(
    accountId,
    listed.map(({ fillId }) => fillId),
  );
  const fresh = listed.filter(({ fillId, at }) => !known.has(fillId) && at >= account.registeredAt);
  const open = [...fresh, ...unlisted].map(({ at }) => at);
  recorded.missing = open.length === 0 ? readTo : Math.min(...open);
  const { trades, sales } = recorded;
  for (const fills of byOrder(fresh)) {
    const market = everListed.find(({ symbol }) => symbol === fills[0].symbol);
    if (market === undefined) {
      ports.log.warn('a fill in an unknown market is not copied', {
        account: accountId,
        symbol: fills[0].symbol,
        fill: fills[0].fillId,
      });
      continue;
    }
    const { trade, sale } = await record(account, market, fills, equity, ports);
    if (trade !== undefined) trades.push(trade);
    if (sale !== undefined) sales.push(sale);
  }
  const newest = Math.max(listed.at(-1)?.at ?? 0, onMargin.at(-1) ?? 0);
  const last = readTo === undefined ? newest || undefined : resumedAt(readTo, readAt);
  const next = last === undefined ? cursor : Math.max(cursor ?? last, last);
  const onMarginNow = onMargin.filter((at) => at > (cursor ?? 0)).length;
  if (onMarginNow > 0)
    ports.log.warn('executions on margin are neither recorded nor copied', {
      account: accountId,
      executions: onMarginNow,
    });
  const [first] = unlisted;
  const waits = first !== undefined && (await isListedAnew(account, first, ports));
  recorded.missing = undefined;
  const ingested = { trades, sales, ...(readTo === undefined ? {} : { readTo }) };
  return waits
    ? { ...ingested, cursor: Math.min(next ?? first.at, first.at), unlisted: first }
    : { ...ingested, cursor: next };
};

/** Whether the rules were read anew for it: whoever asks with these knows its market. */
const isListedAnew = async (
  { accountId, exchange }: Account,
  { at, pair, fillId }: UnlistedFill,
  { marketRules, log }: IngestPorts,
): Promise<boolean> => {
  if (await marketRules.refresh(exchange, at)) return true;
  log.warn('fills in a market that the exchange lists no more are neither recorded nor copied', {
    account: accountId,
    pair,
    fill: fillId,
  });
  return false;
};

/**
 * The next reading begins right where this one had to end, else it would read the same for ever; but never later than
 * the overlap before now, where one may be listed late.
 */
const resumedAt = (readTo: Instant, readAt: Instant): Instant => Math.min(readTo + OVERLAP_MS, readAt);

type Fills = readonly [Fill, ...Fill[]];

/** Fills of one order together, orders by their first fill, at most as many as one transaction carries. */
const byOrder = (fills: readonly Fill[]): readonly Fills[] => {
  const orders = new Map<string, Fill[]>();
  for (const fill of fills) {
    const known = orders.get(fill.exchangeOrderId);
    if (known === undefined) orders.set(fill.exchangeOrderId, [fill]);
    else known.push(fill);
  }
  return [...orders.values()].flatMap((group) => {
    const chunks: Fills[] = [];
    for (let from = 0; from < group.length; from += FILLS_PER_TRANSACTION) {
      const [first, ...rest] = group.slice(from, from + FILLS_PER_TRANSACTION);
      if (first !== undefined) chunks.push([first, ...rest]);
    }
    return chunks;
  });
};

const record = async (
  account: Account,
  market: Market,
  fills: Fills,
  equity: QuoteAmount,
  ports: { readonly ledger: MasterLedger; readonly clock: Clock; readonly log: Log },
): Promise<{ readonly trade: Trade | undefined; readonly sale: Sale | undefined }> => {
  const { accountId } = account;
  for (let attempt = 1; ; attempt += 1) {
    const before = await ports.ledger.positions.get(accountId, market.symbol);
    const after = applyFills(before, fills, market, accountId);
    const trade = tradeOf(account, market, fills, before, equity);
    if (trade === undefined) {
      ports.log.warn('a trade against something else than cash is recorded but not copied', {
        account: accountId,
        symbol: market.symbol,
      });
    }
    try {
      await ports.ledger.recordExecution({
        accountId,
        symbol: market.symbol,
        fills,
        position: { before, after },
        ...(trade === undefined ? {} : { trade }),
        at: ports.clock.now(),
      });
      return { trade, sale: saleOf(market, fills, before, after) };
    } catch (error) {
      if (!(error instanceof ConcurrentChange) || attempt === ATTEMPTS) throw error;
    }
  }
};

/** The same fills always make the same trade id. */
export const tradeIdOf = (accountId: string, fills: readonly Fill[]): string =>
  `t-${createHash('sha256')
    .update(JSON.stringify([accountId, fills.map(({ fillId }) => fillId).sort()]))
    .digest('hex')
    .slice(0, 24)}`;

const tradeOf = (
  account: Account,
  market: Market,
  fills: Fills,
  before: Position | undefined,
  equity: QuoteAmount,
): Trade | undefined => {
  // Copies are sized in cash; a trade BTC against ETH has no size in it.
  if (!isCash(market.quote)) return undefined;
  const [first] = fills;
  const quantity = fills.reduce((sum, fill) => plus(sum, fill.quantity), ZERO_QUANTITY);
  const notional = fills.reduce((sum, fill) => plus(sum, fill.cost), ZERO_QUOTE);
  const heldBefore = before?.quantity ?? ZERO_QUANTITY;
  return {
    tradeId: tradeIdOf(account.accountId, fills),
    masterId: account.accountId,
    exchange: account.exchange,
    symbol: market.symbol,
    side: first.side,
    quantity,
    price: averagePrice(notional, quantity),
    notional,
    masterEquityBefore: equity,
    soldFraction: heldBefore.isZero() ? ONE : least(ratio(quantity, heldBefore), ONE),
    at: Math.max(...fills.map(({ at }) => at)),
    exchangeOrderId: first.exchangeOrderId,
  };
};

const saleOf = (
  market: Market,
  fills: Fills,
  before: Position | undefined,
  after: Position | undefined,
): Sale | undefined => {
  const [first] = fills;
  if (first.side === 'BUY') return undefined;
  const proceeds = fills.reduce(
    (sum, { cost, fee }) => plus(sum, fee.asset === market.quote ? minus(cost, quote(fee.amount)) : cost),
    ZERO_QUOTE,
  );
  const costOfSold = minus(before?.costBasis ?? ZERO_QUOTE, after?.costBasis ?? ZERO_QUOTE);
  return {
    id: tradeIdOf(before?.accountId ?? '', fills),
    symbol: market.symbol,
    profit: minus(proceeds, costOfSold),
    closed: after === undefined || !fitToMarket(after.quantity, market, first.price).fits,
  };
};
