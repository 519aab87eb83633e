import type { Account } from '../account/account.ts';
import { type Connection, withConnection } from '../account/connect.ts';
import type { Market } from '../exchange/market.ts';
import { patientConnection } from '../exit/patient-session.ts';
import { whyDelisted } from '../exit/why-unsold.ts';
import { reportDrift } from '../ledger/drift.ts';
import type { CopyContext } from '../ledger/ledger.ts';
import { attemptRead } from '../ledger/read.ts';
import { type Quantity, text, ZERO_QUANTITY } from '../money/money.ts';
import { minimumPriceOf } from '../order/fit.ts';
import type { OrderRecord } from '../order/order.ts';
import { OrderNotPlaced, placeOnce } from '../order/place-once.ts';
import { resumeOrder } from '../order/resume-order.ts';
import { contextAsSettled } from './context-as-settled.ts';
import type { Copy, CopyOutcome } from './copy.ts';
import {
  type CopyPorts,
  type CopyRunPorts,
  concludeCopy,
  connectionTerms,
  lookUpPorts,
  sellPatienceMs,
} from './copy-ports.ts';
import { reachOf } from './reach.ts';
import { sizeSell } from './size.ts';

/**
 * Replicates a master's SELL. No switch, limit, price or health is asked: only physics ends it without a sale.
 *
 * @throws whatever keeps the outcome open: an order in doubt, the exchange, the ledger, the lease
 */
export const copySell = async (
  copy: Copy,
  account: Account,
  context: CopyContext,
  ports: CopyRunPorts,
): Promise<CopyOutcome> => {
  const { trade } = copy;
  const holdsNothing = async (): Promise<boolean> => {
    const position = await ports.ledger.positions.get(account.accountId, trade.symbol);
    return position === undefined || position.quantity.isZero();
  };
  const nothingKnown = context.order === undefined && (await holdsNothing());
  // Once more after it: a purchase that is recorded meanwhile is in doubt no more, and a position.
  if (nothingKnown && !(await mayStillHold(copy, ports)) && (await holdsNothing())) {
    return await skip(copy, 'NO_POSITION', `no ${trade.symbol} was bought for ${account.accountId}`, ports);
  }
  return await withConnection(account, connectionTerms(copy, ports), ports, async (bare) => {
    const connection = patientConnection(bare, ports.clock, sellPatienceMs(ports));
    const market = connection.everListed.find(({ symbol }) => symbol === trade.symbol);
    if (market === undefined) {
      throw new Error(
        `the rules of ${trade.symbol} at ${account.exchange} are not known, and ${account.accountId} has a position in it: sell it by hand`,
      );
    }
    const now = await contextAsSettled(copy, connection, ports);
    if (now.copy?.outcome !== undefined) return now.copy.outcome;
    if (now.order === undefined) return await sell(copy, account, market, undefined, connection, ports);
    const resumed = await resumeOrder(now.order, lookUpPorts(ports, connection));
    if (resumed.state !== 'ABSENT') return await concludeCopy(copy, market, resumed, ports);
    return await sell(copy, account, market, resumed.record, connection, ports);
  });
};

/** A purchase in doubt may turn out to be a position: it is not known yet that there is nothing to sell. */
const mayStillHold = async ({ accountId, trade }: Copy, { ledger }: CopyPorts): Promise<boolean> =>
  (await ledger.orders.inDoubt(accountId)).some(
    ({ symbol, side }) => symbol === trade.symbol && side === 'BUY',
  );

const skip = async (
  copy: Copy,
  reason: 'NO_POSITION' | 'BELOW_MINIMUM' | 'SYMBOL_UNSUPPORTED',
  detail: string,
  ports: CopyPorts,
): Promise<CopyOutcome> => {
  const outcome: CopyOutcome = { state: 'SKIPPED', reason, detail };
  await ports.ledger.copies.finish(copy, outcome, ports.clock.now());
  return outcome;
};

/** Held, as the ledger knows, but not free, not to be seen or not taken: that is no reason to forget the sale. */
const failOwing = async (
  copy: Copy,
  {
    reason,
    detail,
    asked,
  }: Pick<Extract<CopyOutcome, { state: 'FAILED' }>, 'reason' | 'detail'> & { asked: Quantity },
  ports: CopyPorts,
): Promise<CopyOutcome> => {
  const outcome: CopyOutcome = { state: 'FAILED', reason, detail, asked };
  await ports.ledger.copies.finish(copy, outcome, ports.clock.now());
  return outcome;
};

const sell = async (
  copy: Copy,
  account: Account,
  market: Market,
  known: OrderRecord | undefined,
  connection: Connection,
  ports: CopyPorts,
): Promise<CopyOutcome> => {
  const { trade } = copy;
  const { accountId } = account;
  // Read as the only writer: an exit may have had the key before us.
  const [position, balances] = await Promise.all([
    ports.ledger.positions.get(accountId, trade.symbol),
    connection.session.balances(),
  ]);
  const managed = position?.quantity ?? ZERO_QUANTITY;
  if (market.status === 'delisted' && !managed.isZero())
    return await skip(copy, 'SYMBOL_UNSUPPORTED', whyDelisted(market, managed), ports);
  // A price only helps to see the minimum cost beforehand; without one the exchange decides.
  const tickers = await attemptRead(() =>
    ports.exchange(account.exchange).marketData.tickers([trade.symbol]),
  );
  if (!tickers.readable)
    ports.log.warn('selling without a price', { account: accountId, trade: trade.tradeId, why: tickers.why });
  const bid = tickers.readable ? tickers.value.get(trade.symbol)?.bid : undefined;
  const held = balances.find(({ asset }) => asset === market.base);
  const reach = await reachOf(copy, position, ports.ledger);
  if (reach.lt(managed)) {
    const figures = { position: text(managed), reach: text(reach) };
    ports.log.info('a late SELL leaves alone what came after its trade', {
      account: accountId,
      trade: trade.tradeId,
      symbol: trade.symbol,
      ...figures,
    });
  }
  reportDrift({ accountId, market, position: managed, held: held?.total ?? ZERO_QUANTITY }, ports);
  const size = sizeSell({
    position: managed,
    reach,
    soldFraction: trade.soldFraction,
    shown: held,
    market,
    price: minimumPriceOf(tickers.readable ? tickers.value.get(trade.symbol) : undefined),
  });
  if (!size.ok) {
    return size.reason === 'LOCKED' || size.reason === 'NOTHING_HELD_YET'
      ? await failOwing(copy, size, ports)
      : await skip(copy, size.reason, size.detail, ports);
  }
  const request = {
    cause: { kind: 'copy', accountId, tradeId: trade.tradeId },
    market,
    quantity: size.quantity,
    asked: size.asked,
    side: 'SELL',
    type: 'MARKET',
    ...(bid === undefined ? {} : { marketPrice: bid }),
  } as const;
  const result = await placeOnce(request, known, {
    ...lookUpPorts(ports, connection),
    beforeSend: async () => undefined,
  }).catch(restriction);
  if (result instanceof OrderNotPlaced) {
    const detail = `${result.code}: ${result.message}`;
    return await failOwing(copy, { reason: 'REJECTED', detail, asked: size.asked }, ports);
  }
  if (result.state === 'WITHHELD') throw new Error('nothing withholds a SELL');
  const fresh = known === undefined && position !== undefined;
  return await concludeCopy(copy, market, result, ports, fresh ? { asRead: { position } } : {});
};

/**
 * A market that takes no such orders may stay so for long, and what lies behind this sale in the account's queue is of
 * other markets, too: the checks go on with it. @throws every other error
 */
const restriction = (error: unknown): OrderNotPlaced => {
  if (error instanceof OrderNotPlaced && error.code === 'MARKET_RESTRICTED') return error;
  throw error;
};
