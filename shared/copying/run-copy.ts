import { isUnusable } from '../account/unusable.ts';
import { ExchangeError } from '../exchange/exchange.ts';
import { lessAtMost, type Quantity, ZERO_QUANTITY } from '../money/money.ts';
import { clientOrderIdOf, type OrderRecord } from '../order/order.ts';
import { OrderNotPlaced } from '../order/place-once.ts';
import { SECOND } from '../time/clock.ts';
import { LeaseLost, LeaseUnavailable } from '../vault/lease.ts';
import type { Copy, CopyOutcome } from './copy.ts';
import { copyBuy } from './copy-buy.ts';
import type { CopyMessage } from './copy-message.ts';
import { AccountChanged, askedBy, type CopyPorts, type CopyRunPorts, hasTimeAfter } from './copy-ports.ts';
import { copySell } from './copy-sell.ts';
import { owedAfter, stillOwed } from './owed-sale.ts';
import { reachOf } from './reach.ts';

/** The message names a copy that the ledger does not have: a row is written before its message, so one of them is not ours. */
export class CopyUnknown extends Error {
  override readonly name = 'CopyUnknown';
}

/**
 * Replicates one trade into one account and records how it ended. A copy that has ended is left as it is.
 *
 * @throws CopyUnknown
 * @throws whatever keeps the outcome open (exchange, ledger, lease, an order in doubt): deliver the message again
 */
export const runCopy = async (message: CopyMessage, ports: CopyRunPorts): Promise<CopyOutcome> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(message, ports);
    } catch (error) {
      const pauseMs = attempt * PAUSE_MS;
      if (attempt === ATTEMPTS || !passesSoon(error) || !hasTimeAfter(pauseMs, ports)) throw error;
      ports.log.warn('a copy is tried again at once', {
        account: message.accountId,
        trade: message.tradeId,
        why: error.message,
      });
      await ports.clock.sleep(pauseMs);
    }
  }
};

/** A message that fails comes back after minutes; what passes in seconds is tried again before that. */
const ATTEMPTS = 3;
const PAUSE_MS = 2 * SECOND;

const passesSoon = (error: unknown): error is Error =>
  error instanceof OrderNotPlaced ||
  error instanceof AccountChanged ||
  error instanceof LeaseUnavailable ||
  error instanceof LeaseLost ||
  (error instanceof ExchangeError && error.code === 'RATE_LIMITED');

const runOnce = async (message: CopyMessage, ports: CopyRunPorts): Promise<CopyOutcome> => {
  const context = await ports.ledger.copyContext(message.accountId, message.tradeId, message.masterId);
  const { copy, account } = context;
  if (copy === undefined) {
    throw new CopyUnknown(
      `the ledger has no copy of trade ${message.tradeId} for ${message.accountId}: the message is not one of the copier's`,
    );
  }
  if (copy.outcome !== undefined) return copy.outcome;
  if (account === undefined) {
    if (await inDoubt(copy, ports))
      throw new Error(
        `the copy of ${message.tradeId} has an order in doubt, and ${message.accountId} is not registered any more: it stays open until it is again`,
      );
    const detail = `${message.accountId} is not registered (any more)`;
    return await fail(copy, { state: 'FAILED', reason: 'ACCOUNT_UNKNOWN', detail }, ports);
  }
  try {
    const outcome = await (copy.trade.side === 'BUY' ? copyBuy : copySell)(copy, account, context, ports);
    report(copy, outcome, ports);
    return outcome;
  } catch (error) {
    // An order in doubt keeps the copy open: whether it was bought is not known yet.
    if (!isUnusable(error) || (await inDoubt(copy, ports))) throw error;
    const detail = `${error.code}: ${error.message}`;
    return await fail(copy, { state: 'FAILED', reason: 'ACCOUNT_UNUSABLE', detail }, ports);
  }
};

const orderOf = async (
  { accountId, trade }: Copy,
  { ledger }: CopyPorts,
): Promise<OrderRecord | undefined> => {
  const cause = { kind: 'copy', accountId, tradeId: trade.tradeId } as const;
  return await ledger.orders.get(accountId, clientOrderIdOf(cause));
};

const inDoubt = async (copy: Copy, ports: CopyPorts): Promise<boolean> =>
  (await orderOf(copy, ports))?.state === 'INTENT';

const fail = async (
  copy: Copy,
  because: Extract<CopyOutcome, { state: 'FAILED' }>,
  ports: CopyPorts,
): Promise<CopyOutcome> => {
  const asked = await askedOf(copy, ports);
  const outcome = asked === undefined ? because : { ...because, asked };
  await ports.ledger.copies.finish(copy, outcome, ports.clock.now());
  report(copy, outcome, ports);
  return outcome;
};

/** What a SELL calls for, by the ledger alone; not known while a purchase is in doubt. */
const askedOf = async (copy: Copy, ports: CopyPorts): Promise<Quantity | undefined> => {
  const { accountId, trade } = copy;
  const { ledger } = ports;
  if (trade.side === 'BUY') return undefined;
  // Sold for this trade already, and recorded by a check: what is left of the position is not asked for again.
  const order = await orderOf(copy, ports);
  if (order?.state === 'CLOSED') return lessAtMost(askedBy(order), order.filledQuantity ?? ZERO_QUANTITY);
  const inDoubt = await ledger.orders.inDoubt(accountId);
  if (inDoubt.some(({ symbol, side }) => symbol === trade.symbol && side === 'BUY')) return undefined;
  const position = await ledger.positions.get(accountId, trade.symbol);
  return stillOwed({}, await reachOf(copy, position, ledger), trade);
};

const report = (copy: Copy, outcome: CopyOutcome, ports: CopyPorts): void => {
  const { log, meter } = ports;
  const fields = {
    account: copy.accountId,
    trade: copy.trade.tradeId,
    symbol: copy.trade.symbol,
    side: copy.trade.side,
  };
  const owed = owedAfter(copy, outcome, ports.clock.now());
  if (owed !== undefined) meter.count('SaleOwed', { ...fields, why: owed.lastReason });
  switch (outcome.state) {
    case 'FILLED':
      log.info('copy filled', {
        ...fields,
        order: outcome.clientOrderId,
        quantity: outcome.quantity.toFixed(),
        price: outcome.price.toFixed(),
      });
      meter.count('CopyFilled', fields);
      meter.milliseconds('CopyOrderLatency', outcome.orderLatencyMs, fields);
      meter.basisPoints('CopySlippage', outcome.slippageBps.toNumber(), fields);
      if (outcome.short !== undefined && copy.trade.side === 'SELL') {
        log.warn('a sale was made only in part', { ...fields, short: outcome.short.toFixed() });
        meter.count('CopyFailed', { ...fields, reason: 'PARTLY_SOLD' });
      }
      return;
    case 'SKIPPED':
      log.info('copy skipped', { ...fields, reason: outcome.reason, detail: outcome.detail });
      meter.count('CopySkipped', { ...fields, reason: outcome.reason });
      // Also where the switch could not be read: nothing is bought either.
      if (outcome.reason === 'HALTED') meter.count('HaltEngaged', { ...fields, why: outcome.detail });
      return;
    case 'FAILED':
      log.warn('copy failed', { ...fields, reason: outcome.reason, detail: outcome.detail });
      meter.count('CopyFailed', { ...fields, reason: outcome.reason });
      return;
  }
};
