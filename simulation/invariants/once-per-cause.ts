import { createHash } from 'node:crypto';
import { Decimal } from '../../infra/local/kraken/decimal.ts';
import type { OurOrder } from './evidence/evidence.ts';
import { guarantee } from './guarantee.ts';

/** 32 digits of the cause's hash: so no two causes share an order, and no cause has two. */
const idOf = (cause: string): string => createHash('sha256').update(cause).digest('hex').slice(0, 32);

const same = (one: unknown, other: string | undefined): boolean =>
  one === undefined || other === undefined
    ? one === other
    : typeof one === 'string' && new Decimal(one).eq(other);

/** What is wrong with the intent of an order that the exchange has just taken. */
const wrongIntent = ({ order, item, cause }: OurOrder): string | undefined => {
  if (item === undefined) return 'no intent was written before it';
  if (item['state'] !== 'INTENT') return `its item was ${String(item['state'])} when it was taken`;
  if (cause === undefined) return `its item names no cause (${String(item['cause'])})`;
  if (idOf(String(item['cause'])) !== order.clientOrderId) return 'its client id is not that of its cause';
  const differs = (['symbol', 'side'] as const).find((name) => item[name] !== order[name]);
  if (differs !== undefined)
    return `its ${differs} is ${String(item[differs])} in the intent and ${order[differs]} at the exchange`;
  if (!same(item['quantity'], order.quantity))
    return `its quantity is ${String(item['quantity'])} in the intent and ${order.quantity} at the exchange`;
  if (!same(item['limitPrice'], order.limitPrice))
    return `its limit is ${String(item['limitPrice'])} in the intent and ${order.limitPrice} at the exchange`;
  return undefined;
};

/** Whatever crashed, was repeated or went unanswered: of each cause the exchange takes one order at most. */
export const oncePerCause = guarantee('4 at most one order for a cause', (evidence, broken) => {
  const taken = new Map<string, string>();
  evidence.onOrder((ours) => {
    const { orderId, accountId, clientOrderId, side, quantity, symbol } = ours.order;
    const what = `order ${orderId} of ${accountId} (${side} ${quantity} ${symbol})`;
    const wrong = wrongIntent(ours);
    if (wrong !== undefined) broken(`${what}: ${wrong}`);
    const id = `${accountId} ${clientOrderId}`;
    const first = taken.get(id);
    if (first !== undefined)
      broken(`${what} is the second for one cause, ${String(ours.item?.['cause'])}: the first is ${first}`);
    taken.set(id, orderId);
  });
  return undefined;
});
