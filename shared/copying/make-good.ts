import type { Account } from '../account/account.ts';
import { type Connection, withConnection } from '../account/connect.ts';
import type { Market } from '../exchange/market.ts';
import { patientConnection } from '../exit/patient-session.ts';
import { recordClosedOrder } from '../ledger/record-order.ts';
import { settleDoubtful } from '../ledger/settle-doubtful.ts';
import { text, ZERO_QUANTITY } from '../money/money.ts';
import { restsAfter } from '../order/back-off.ts';
import { type Cause, clientOrderIdOf, type OrderRecord } from '../order/order.ts';
import { placeOnce } from '../order/place-once.ts';
import {
  type ClosedOrder,
  isTooLittle,
  OrderInDoubt,
  type RejectedOrder,
  resumeOrder,
} from '../order/resume-order.ts';
import { SECOND } from '../time/clock.ts';
import { cancelOwnSales } from './cancel-own-sales.ts';
import { askedBy, type CopyPorts, lookUpPorts } from './copy-ports.ts';
import { nextSale, saveOwed } from './next-owed.ts';
import {
  afterOrder,
  laterThan,
  type MadeGoodBy,
  type OwedSale,
  type OwingCopy,
  owesSale,
  StillOwed,
} from './owed-sale.ts';

/** Who makes good gives way to who sells now. */
const LEASE_WAIT_MS = 10 * SECOND;
/** Of one try, where market orders keep being filled only in part. */
const MOST_ORDERS = 5;

/**
 * Sells what a copy still owes, as the only writer with the account's key, until it is sold or there is nothing
 * to sell. No switch, limit, price or health is asked. Each round is one market order with a cause of its own;
 * the next begins only when the one before is over and in the owed sale.
 *
 * @param patienceMs of all pauses for a key that has asked too often: what a check does before it may use up the
 * key, and does so with every check
 * @returns the sale as it was made good
 * @throws StillOwed, and whatever else kept it from being sold: try again
 */
export const makeGood = async (
  copy: OwingCopy,
  account: Account,
  patienceMs: number,
  ports: CopyPorts,
): Promise<OwedSale> => {
  const { accountId, trade } = copy;
  const terms = { holder: `owed sale ${trade.tradeId}`, priority: 'normal', waitMs: LEASE_WAIT_MS } as const;
  return await withConnection(account, terms, ports, async (bare) => {
    const connection = patientConnection(bare, ports.clock, patienceMs);
    // Read again as the only writer: another check may have come first.
    const read = await ports.ledger.copies.get(accountId, trade.tradeId);
    if (read === undefined || !owesSale(read)) return read?.owed ?? copy.owed;
    const market = connection.everListed.find(({ symbol }) => symbol === trade.symbol);
    if (market === undefined)
      throw new StillOwed(
        `the rules of ${trade.symbol} at ${account.exchange} are not known: sell it by hand`,
      );
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
    let wasAll = false;
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
      const resting = restsAfter(copy.owed.backOff, ports.clock.now());
      if (resting !== undefined) throw new StillOwed(resting);
      const { quantity, asked } = next;
      const request = { cause, market, quantity, asked, side: 'SELL', type: 'MARKET' } as const;
      const placed = await placeOnce(request, known, {
        ...lookUpPorts(ports, connection),
        beforeSend: async () => undefined,
      });
      if (placed.state === 'WITHHELD') throw new Error('nothing withholds a SELL');
      over = placed;
      wasAll = next.isAll;
    }
    const left = await takeIn(copy, over, market, ports);
    if (over.state === 'REJECTED') {
      const unsold = refusalOf(over);
      if (wasAll && isTooLittle(over)) return await finish(copy, left, 'DUST', unsold, ports);
      await saveOwed(copy, left, ports);
      throw new StillOwed(unsold);
    }
    if (left.remaining?.isZero()) return await finish(copy, left, 'SOLD', 'sold', ports);
    copy = await saveOwed(copy, left, ports);
    if (isUnsold(over)) throw new StillOwed(NO_BUYER);
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

/**
 * Records the fills of an order that is over, and gives what it leaves of the sale. A crash before that is
 * saved finds the order again by its cause, since the round is still the same.
 */
const takeIn = async (
  copy: OwingCopy,
  result: ClosedOrder | RejectedOrder,
  market: Market,
  ports: CopyPorts,
): Promise<OwedSale> => {
  const at = ports.clock.now();
  if (result.state === 'REJECTED') {
    const unsold = refusalOf(result);
    return afterOrder(copy.owed, { asked: askedBy(result.record), filled: ZERO_QUANTITY, unsold, at });
  }
  await recordClosedOrder({ ...result, market, at }, ports.ledger);
  const { filled } = result.order;
  const order = { asked: askedBy(result.before), filled, at };
  return afterOrder(copy.owed, filled.isZero() ? { ...order, unsold: NO_BUYER } : order);
};

const refusalOf = ({ record: { reason = 'UNKNOWN', message = 'no text' } }: RejectedOrder): string =>
  `REJECTED: ${reason}: ${message}`;

const NO_BUYER = 'NOT_SOLD: the market order found no buyer';

const isUnsold = (result: ClosedOrder | RejectedOrder): boolean =>
  result.state === 'CLOSED' && result.order.filled.isZero();

const finish = async (
  copy: OwingCopy,
  last: OwedSale,
  by: MadeGoodBy,
  detail: string,
  ports: CopyPorts,
): Promise<OwedSale> => {
  const { accountId, trade } = copy;
  const made = { ...last, madeGood: { at: ports.clock.now(), by, detail } };
  await saveOwed(copy, made, ports);
  const fields = {
    account: accountId,
    trade: trade.tradeId,
    symbol: trade.symbol,
    by,
    sold: text(made.sold),
    tries: made.tries,
  };
  if (by === 'DELISTED')
    ports.log.warn('an owed sale ends unsold: its market is delisted', { ...fields, detail });
  else ports.log.info('an owed sale is made good', { ...fields, detail });
  ports.meter.count('SaleMadeGood', fields);
  return made;
};
