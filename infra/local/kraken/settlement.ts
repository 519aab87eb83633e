import type { Instant } from '../../../shared/time/clock.ts';
import type { Account } from './accounts.ts';
import { Decimal, ZERO } from './decimal.ts';
import { ledgerId, positionId, tradeId, tradeNumber } from './ids.ts';
import type { Order, Trade } from './order-book.ts';

export interface Execution {
  readonly seed: number;
  readonly price: Decimal;
  readonly volume: Decimal;
  readonly maker: boolean;
  /** Of the cost. */
  readonly rate: Decimal;
  readonly now: Instant;
}

/** Moves the money of one execution and releases its part of what was held. The caller records the trade. */
export const settle = (order: Order, account: Account, execution: Execution): Trade => {
  const { seed, price, volume, maker, rate, now } = execution;
  const { pair } = order;
  // Rounded down, so that many small executions never cost more than was held for the order.
  const cost = price.times(volume).toDecimalPlaces(pair.costDecimals, Decimal.ROUND_DOWN);
  const fee = order.feeInBase
    ? volume.times(rate).toDecimalPlaces(pair.base.decimals, Decimal.ROUND_DOWN)
    : cost.times(rate).toDecimalPlaces(pair.costDecimals, Decimal.ROUND_DOWN);
  const quoteFee = order.feeInBase ? ZERO : fee;
  const baseFee = order.feeInBase ? fee : ZERO;
  if (order.side === 'buy') {
    account.add(pair.quote.id, cost.plus(quoteFee).negated());
    account.add(pair.base.id, volume.minus(baseFee));
  } else {
    account.add(pair.quote.id, cost.minus(quoteFee));
    account.add(pair.base.id, volume.plus(baseFee).negated());
  }
  const heldAsset = order.side === 'buy' ? pair.quote.id : pair.base.id;
  const used = order.side === 'buy' ? cost.plus(quoteFee) : volume.plus(baseFee);
  const released = Decimal.min(order.held, used);
  account.hold(heldAsset, released.negated());
  order.held = order.held.minus(released);
  order.executed = order.executed.plus(volume);
  order.cost = order.cost.plus(cost);
  order.fee = order.fee.plus(fee);
  account.drawn += 1;
  const draw = account.drawn;
  return {
    id: tradeId(seed, account.id, draw),
    positionId: positionId(seed, account.id, draw),
    ledgerIds: [ledgerId(seed, account.id, draw, 'base'), ledgerId(seed, account.id, draw, 'quote')],
    number: tradeNumber(seed, account.id, draw),
    orderId: order.id,
    accountId: account.id,
    pair,
    side: order.side,
    type: order.type,
    price,
    volume,
    cost,
    fee,
    feeInBase: order.feeInBase,
    maker,
    stamp: account.stamp(now),
  };
};
