import { type Decimal, ZERO } from './decimal.ts';
import type { Order } from './order-book.ts';
import type { World } from './world.ts';

const orderDifferences = (order: Order): readonly string[] => {
  const found: string[] = [];
  const check = (what: string, claimed: Decimal, summed: Decimal): void => {
    if (claimed.eq(summed)) return;
    found.push(
      `order ${order.id} of ${order.accountId}: ${what} is ${claimed.toFixed()}, its trades make ${summed.toFixed()}`,
    );
  };
  const sum = (read: (trade: Order['trades'][number]) => Decimal): Decimal =>
    order.trades.reduce((total, trade) => total.plus(read(trade)), ZERO);
  check(
    'what is filled',
    order.executed,
    sum((trade) => trade.volume),
  );
  check(
    'the cost',
    order.cost,
    sum((trade) => trade.cost),
  );
  check(
    'the fee',
    order.fee,
    sum((trade) => trade.fee),
  );
  if (!order.inQuote && order.executed.gt(order.volume)) {
    found.push(`order ${order.id} of ${order.accountId}: filled ${order.executed} of ${order.volume}`);
  }
  if (order.status !== 'open' && !order.held.isZero()) {
    found.push(`order ${order.id} of ${order.accountId} is over but still holds ${order.held.toFixed()}`);
  }
  const strangers = order.trades.filter((trade) => trade.accountId !== order.accountId);
  if (strangers.length > 0)
    found.push(`order ${order.id} of ${order.accountId} has trades of another account`);
  return found;
};

/** Recomputes every balance from transfers and trades, and every order from its trades. */
export const audit = (world: World): readonly string[] => {
  const found = world.orders.orders().flatMap(orderDifferences);
  for (const account of world.accounts.values()) {
    const expected = new Map<string, Decimal>();
    const add = (asset: string, amount: Decimal): void => {
      expected.set(asset, (expected.get(asset) ?? ZERO).plus(amount));
    };
    for (const { asset, amount } of account.transfers) add(asset, amount);
    for (const { pair, side, volume, cost, fee, feeInBase } of world.orders.tradesOf(account.id)) {
      add(pair.base.id, side === 'buy' ? volume : volume.negated());
      add(pair.quote.id, side === 'buy' ? cost.negated() : cost);
      add(feeInBase ? pair.base.id : pair.quote.id, fee.negated());
    }
    const held = new Map<string, Decimal>();
    for (const order of world.orders.openOf(account.id)) {
      const asset = order.side === 'buy' ? order.pair.quote.id : order.pair.base.id;
      held.set(asset, (held.get(asset) ?? ZERO).plus(order.held));
    }
    for (const asset of new Set([...expected.keys(), ...account.balances.keys()])) {
      const sum = expected.get(asset) ?? ZERO;
      const balance = account.balance(asset);
      const locked = account.held.get(asset) ?? ZERO;
      const name = `account ${account.id}, ${asset}`;
      if (!balance.eq(sum)) {
        found.push(
          `${name}: the balance is ${balance.toFixed()}, transfers and trades make ${sum.toFixed()}`,
        );
      }
      if (balance.isNegative() && !balance.isZero())
        found.push(`${name}: the balance is ${balance.toFixed()}`);
      if (!locked.eq(held.get(asset) ?? ZERO)) {
        found.push(
          `${name}: ${locked.toFixed()} is held, open orders hold ${(held.get(asset) ?? ZERO).toFixed()}`,
        );
      }
    }
  }
  return found;
};
