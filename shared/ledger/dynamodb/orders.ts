import * as z from 'zod';
import { type AccountId, zAccountId, zSymbol } from '../../account/account.ts';
import { EXCHANGE_ERROR_CODES } from '../../exchange/exchange.ts';
import { zPrice, zQuantity } from '../../money/schema.ts';
import { ConcurrentChange, type OrderRecord, type OrderStore } from '../../order/order.ts';
import { type Entity, fromItem, type Key, toItem } from './entity.ts';
import { SORT, unfinishedIndexes } from './keys.ts';
import { ConditionFailed, type Table } from './table-access.ts';
import { ABSENT, type Write } from './writes.ts';

export const orderKey = (accountId: AccountId, clientOrderId: string): Key => ({
  pk: accountId,
  sk: SORT.order(clientOrderId),
});

export const orderEntity: Entity<OrderRecord> = {
  kind: 'ORDER',
  schema: z.object({
    accountId: zAccountId,
    clientOrderId: z.string().min(1),
    cause: z.string(),
    symbol: zSymbol,
    side: z.enum(['BUY', 'SELL']),
    type: z.enum(['LIMIT_IOC', 'MARKET']),
    quantity: zQuantity,
    asked: zQuantity.exactOptional(),
    limitPrice: zPrice.exactOptional(),
    configVersion: z.string().exactOptional(),
    marketPrice: zPrice.exactOptional(),
    state: z.enum(['INTENT', 'NOT_PLACED', 'REJECTED', 'CLOSED']),
    attempt: z.int().min(1),
    createdAt: z.number(),
    intendedAt: z.number(),
    deadline: z.number(),
    exchangeOrderId: z.string().min(1).exactOptional(),
    filledQuantity: zQuantity.exactOptional(),
    reason: z.enum(EXCHANGE_ERROR_CODES).exactOptional(),
    message: z.string().exactOptional(),
  }),
  key: (order) => orderKey(order.accountId, order.clientOrderId),
  indexes: (order) =>
    order.state === 'INTENT'
      ? {
          lsi1sk: `INTENT#${order.clientOrderId}`,
          ...unfinishedIndexes('order', order.accountId, order.createdAt, order.clientOrderId),
        }
      : {},
};

/**
 * The write of `next` in place of `previous`, which must still be as it was read. An order that the exchange has given
 * an id since then was placed, whatever was looked for and not found meanwhile.
 */
export const orderReplacement = (previous: OrderRecord, next: OrderRecord): Write & { type: 'put' } => ({
  type: 'put',
  what: `order ${previous.clientOrderId} of ${previous.accountId}`,
  item: toItem(orderEntity, next),
  condition: {
    expression:
      next.state === 'NOT_PLACED' && previous.exchangeOrderId === undefined
        ? '#state = :state AND #attempt = :attempt AND attribute_not_exists(#exchangeOrderId)'
        : '#state = :state AND #attempt = :attempt',
    values: { state: previous.state, attempt: previous.attempt },
  },
});

export const dynamoOrders = (table: Table): OrderStore => ({
  get: async (accountId, clientOrderId) => {
    const item = await table.get(
      `read order ${clientOrderId} of ${accountId}`,
      orderKey(accountId, clientOrderId),
    );
    return item === undefined ? undefined : fromItem(orderEntity, item);
  },
  create: async (order) => {
    try {
      await table.write({
        type: 'put',
        what: `order ${order.clientOrderId} of ${order.accountId}`,
        item: toItem(orderEntity, order),
        condition: ABSENT,
      });
      return true;
    } catch (error) {
      if (error instanceof ConditionFailed) return false;
      throw error;
    }
  },
  replace: async (previous, next) => {
    if (previous.accountId !== next.accountId || previous.clientOrderId !== next.clientOrderId) {
      throw new ConcurrentChange(
        `order ${previous.clientOrderId} of ${previous.accountId} cannot become another order (given ${next.clientOrderId} of ${next.accountId})`,
      );
    }
    try {
      await table.write(orderReplacement(previous, next));
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      throw new ConcurrentChange(
        `order ${previous.clientOrderId} of ${previous.accountId} is not ${previous.state} in attempt ${previous.attempt} any more: read it again`,
      );
    }
  },
  inDoubt: async (accountId) => {
    const items = await table.all({
      what: `list the orders in doubt of ${accountId}`,
      index: 'lsi1',
      where: {
        expression: '#pk = :account AND begins_with(#lsi1sk, :intent)',
        values: { account: accountId, intent: 'INTENT#' },
      },
      consistent: true,
    });
    return items
      .map((item) => fromItem(orderEntity, item))
      .sort((a, b) => a.createdAt - b.createdAt || a.clientOrderId.localeCompare(b.clientOrderId));
  },
});
