import type { Account } from '../account/account.ts';
import { type Connection, withConnection } from '../account/connect.ts';
import type { Market } from '../exchange/market.ts';
import { attemptRead } from '../ledger/read.ts';
import { recordClosedOrder } from '../ledger/record-order.ts';
import { settleDoubtful } from '../ledger/settle-doubtful.ts';
import { type Quantity, text, ZERO_QUANTITY } from '../money/money.ts';
import { type Cause, clientOrderIdOf, type OrderRecord } from '../order/order.ts';
import { placeOnce } from '../order/place-once.ts';
import { type ClosedOrder, OrderInDoubt, type RejectedOrder, resumeOrder } from '../order/resume-order.ts';
import { SECOND } from '../time/clock.ts';
import { cancelOwnSales } from './cancel-own-sales.ts';
import { askedBy, type CopyPorts, lookUpPorts } from './copy-ports.ts';
import {
  afterOrder,
  type MadeGoodBy,
  type OwedSale,
  type OwingCopy,
  owesSale,
  stillOwed,
} from './owed-sale.ts';
import { cameLater, reachOf } from './reach.ts';
import { sizeOwed } from './size-owed.ts';

/** Who makes good gives way to who sells now. */
const LEASE_WAIT_MS = 10 * SECOND;
/** Of one try, where market orders keep being filled only in part. */
const MOST_ORDERS = 5;

/** The sale is still owed, and why. */
export class StillOwed extends Error {
  override readonly name = 'StillOwed';
}

/**
 * Sells what a copy still owes, as the only writer with the account's key, until it is sold or there is nothing
 * to sell. No switch, limit, price or health is asked. Each round is one market order with a cause of its own;
 * the next begins only when the one before is over and in the owed sale.
 *
 * @returns the sale as it was made good
 * @throws StillOwed, and whatever else kept it from being sold: try again
 */
export const makeGood = async (copy: OwingCopy, account: Account, ports: CopyPorts): Promise<OwedSale> => {
  const { accountId, trade } = copy;
  const terms = { holder: `owed sale ${trade.tradeId}`, priority: 'normal', waitMs: LEASE_WAIT_MS } as const;
  return await withConnection(account, terms, ports, async (connection) => {
    // Read again as the only writer: another check may have come first.
    const read = await ports.ledger.copies.get(accountId, trade.tradeId);
    if (read === undefined || !owesSale(read)) return read?.owed ?? copy.owed;
    const market = connection.markets.find(({ symbol }) => symbol === trade.symbol);
    if (market === undefined) {
      throw new StillOwed(
        `${account.exchange} does not list ${trade.symbol} any more: sell it by hand, or refresh the market rules`,
      );
    }
    await settleSymbol(read, connection, ports);
    return await sellOwed(read, market, connection, ports);
  });
};

/** What is held is not known before. */
const settleSymbol = async (
  { accountId, trade: { symbol } }: OwingCopy,
  connection: Connection,
  ports: CopyPorts,
): Promise<void> => {
  const inDoubt = await ports.ledger.orders.inDoubt(accountId);
  const sales = inDoubt.filter((order) => order.symbol === symbol && order.side === 'SELL');
  // One that is still open would stay in doubt.
  if (sales.length > 0) await cancelOwnSales(accountId, symbol, connection.session, ports);
  const doubtful = (await settleDoubtful(accountId, [symbol], connection, ports)).get(symbol);
  if (doubtful !== undefined) throw new OrderInDoubt(`the sale waits to know what is held: ${doubtful}`);
};

const sellOwed = async (
  begun: OwingCopy,
  market: Market,
  connection: Connection,
  ports: CopyPorts,
): Promise<OwedSale> => {
  const { accountId, trade } = begun;
  let copy = begun;
  let mayCancel = true;
  for (let orders = 0; orders < MOST_ORDERS; orders += 1) {
    await connection.keep();
    const cause: Cause = {
      kind: 'owed',
      accountId,
      tradeId: trade.tradeId,
      round: copy.owed.rounds + 1,
    };
    const { resumed, known } = await earlierOrder(cause, connection, ports);
    let over = resumed;
    if (over === undefined) {
      const next = await nextSale(copy, market, connection, ports);
      copy = next.copy;
      if (next.state === 'MADE_GOOD')
        return await finish(copy, laterThan(copy.owed), next.by, next.detail, ports);
      if (next.state === 'LOCKED') {
        const freed =
          mayCancel && (await cancelOwnSales(accountId, trade.symbol, connection.session, ports)) > 0;
        if (!freed) throw new StillOwed(next.detail);
        mayCancel = false;
        continue;
      }
      const { quantity, asked } = next;
      const request = { cause, market, quantity, asked, side: 'SELL', type: 'MARKET' } as const;
      const placed = await placeOnce(request, known, {
        ...lookUpPorts(ports, connection),
        beforeSend: async () => undefined,
      });
      if (placed.state === 'WITHHELD') throw new Error('nothing withholds a SELL');
      over = placed;
    }
    const left = await takeIn(copy, over, market, ports);
    if (left.remaining?.isZero()) return await finish(copy, left, 'SOLD', 'sold', ports);
    copy = await save(copy, left, ports);
    if (isUnsold(over)) throw new StillOwed('NOT_SOLD: the market order found no buyer');
  }
  throw new StillOwed(`a part is left after ${MOST_ORDERS} orders`);
};

/** What an earlier try of this round has sent, if it may have. */
const earlierOrder = async (
  cause: Cause,
  connection: Connection,
  ports: CopyPorts,
): Promise<{ readonly resumed?: ClosedOrder | RejectedOrder; readonly known?: OrderRecord }> => {
  const known = await ports.ledger.orders.get(cause.accountId, clientOrderIdOf(cause));
  if (known === undefined) return {};
  const resumed = await resumeOrder(known, lookUpPorts(ports, connection));
  return resumed.state === 'ABSENT' ? { known: resumed.record } : { resumed };
};

type NextSale = { readonly copy: OwingCopy } & (
  | { readonly state: 'SELL'; readonly quantity: Quantity; readonly asked: Quantity }
  | { readonly state: 'MADE_GOOD'; readonly by: MadeGoodBy; readonly detail: string }
  | { readonly state: 'LOCKED'; readonly detail: string }
);

/** What is to be sold now. What others have sold meanwhile leaves the owed sale for good. */
const nextSale = async (
  copy: OwingCopy,
  market: Market,
  { session }: Connection,
  ports: CopyPorts,
): Promise<NextSale> => {
  const { accountId, trade, owed } = copy;
  const position = await ports.ledger.positions.get(accountId, trade.symbol);
  if (position === undefined || position.quantity.isZero())
    return { copy, state: 'MADE_GOOD', by: 'CLOSED', detail: 'the position was sold meanwhile' };
  if (position.openedAt > owed.since) {
    const detail = 'the position was sold meanwhile; what is held now was bought later and is not owed';
    return { copy, state: 'MADE_GOOD', by: 'CLOSED', detail };
  }
  const reach = await reachOf(copy, position, ports.ledger);
  if (reach.isZero()) return { copy, state: 'MADE_GOOD', by: 'CLOSED', detail: cameLater(trade.symbol) };
  const held = (await session.balances()).find(({ asset }) => asset === market.base);
  const tickers = await attemptRead(() => ports.exchange(trade.exchange).marketData.tickers([trade.symbol]));
  if (!tickers.readable)
    ports.log.warn('selling without a price', { account: accountId, trade: trade.tradeId, why: tickers.why });
  const remaining = stillOwed(owed, reach, trade);
  const known =
    owed.remaining === undefined || remaining.lt(owed.remaining)
      ? await save(copy, { ...laterThan(owed), remaining }, ports)
      : copy;
  const size = sizeOwed({
    owed: remaining,
    position: position.quantity,
    reach,
    total: held?.total ?? ZERO_QUANTITY,
    free: held?.free ?? ZERO_QUANTITY,
    market,
    price: tickers.readable ? tickers.value.get(trade.symbol)?.bid : undefined,
  });
  if (size.ok) return { copy: known, state: 'SELL', quantity: size.quantity, asked: size.asked };
  if (size.reason === 'LOCKED') return { copy: known, state: 'LOCKED', detail: `LOCKED: ${size.detail}` };
  return { copy: known, state: 'MADE_GOOD', by: size.reason, detail: size.detail };
};

/**
 * Records the fills of an order that is over, and gives what it leaves of the sale. A crash before that is
 * saved finds the order again by its cause, since the round is still the same.
 *
 * @throws StillOwed where it was refused
 */
const takeIn = async (
  copy: OwingCopy,
  result: ClosedOrder | RejectedOrder,
  market: Market,
  ports: CopyPorts,
): Promise<OwedSale> => {
  if (result.state === 'REJECTED') {
    const { reason = 'UNKNOWN', message = 'no text' } = result.record;
    await save(copy, afterOrder(copy.owed, { asked: askedBy(result.record), filled: ZERO_QUANTITY }), ports);
    throw new StillOwed(`REJECTED: ${reason}: ${message}`);
  }
  await recordClosedOrder({ ...result, market, at: ports.clock.now() }, ports.ledger);
  return afterOrder(copy.owed, { asked: askedBy(result.before), filled: result.order.filled });
};

const isUnsold = (result: ClosedOrder | RejectedOrder): boolean =>
  result.state === 'CLOSED' && result.order.filled.isZero();

const laterThan = (owed: OwedSale): OwedSale => ({ ...owed, version: owed.version + 1 });

const save = async (copy: OwingCopy, owed: OwedSale, { ledger }: CopyPorts): Promise<OwingCopy> => {
  await ledger.copies.saveOwed(copy, owed);
  return { ...copy, owed };
};

const finish = async (
  copy: OwingCopy,
  last: OwedSale,
  by: MadeGoodBy,
  detail: string,
  ports: CopyPorts,
): Promise<OwedSale> => {
  const { accountId, trade } = copy;
  const made = { ...last, madeGood: { at: ports.clock.now(), by, detail } };
  await save(copy, made, ports);
  const fields = {
    account: accountId,
    trade: trade.tradeId,
    symbol: trade.symbol,
    by,
    sold: text(made.sold),
    tries: made.tries,
  };
  ports.log.info('an owed sale is made good', { ...fields, detail });
  ports.meter.count('SaleMadeGood', fields);
  return made;
};
