import { expect, it } from 'vitest';
import { marketSymbol } from '../../shared/exchange/market.ts';
import type { Read } from '../../shared/ledger/read.ts';
import { type Cause, causeText, clientOrderIdOf } from '../../shared/order/order.ts';
import { ownershipOf } from '../../shared/reporting/separation.ts';

const cause = (accountId: string, tradeId: string): Cause => ({ kind: 'copy', accountId, tradeId });
const order = (of: Cause, clientOrderId = clientOrderIdOf(of)) =>
  ({
    readable: true,
    value: { cause: causeText(of), clientOrderId, symbol: marketSymbol('BTC/USD'), side: 'BUY' },
  }) as const;
type Orders = readonly (ReturnType<typeof order> | Extract<Read<never>, { readable: false }>)[];
const ownership = (orders: Orders) => ownershipOf('u-ann', orders);

it('of orders that were all made for the account finds nothing', () => {
  const orders = [order(cause('u-ann', 't-1')), order(cause('u-ann', 't-2'))];

  expect(ownership(orders)).toEqual({ byOwner: { 'u-ann': 2 }, problems: [] });
});

it('of an order that was made for another account says so', () => {
  const found = ownership([order(cause('u-ann', 't-1')), order(cause('u-bob', 't-1'))]);

  expect(found.byOwner).toEqual({ 'u-ann': 1, 'u-bob': 1 });
  expect(found.problems).toEqual([
    `the BUY of BTC/USD with client id ${clientOrderIdOf(cause('u-bob', 't-1'))}, among the orders of u-ann, was made for u-bob`,
  ]);
});

it('of an order that bears the client id of another cause says so', () => {
  const foreign = clientOrderIdOf(cause('u-bob', 't-1'));

  expect(ownership([order(cause('u-ann', 't-1'), foreign)]).problems).toEqual([
    `the BUY of BTC/USD with client id ${foreign}, among the orders of u-ann, has not the client id of its cause`,
  ]);
});

it('of an order that cannot be read does not say that it is fine', () => {
  expect(ownership([{ readable: false, why: 'it is damaged' }])).toEqual({
    byOwner: {},
    problems: ['an order of u-ann cannot be read: it is damaged'],
  });
});

it('of a cause that names nobody says that its owner is unknown', () => {
  const odd = order(cause('u-ann', 't-1'));

  const { byOwner, problems } = ownershipOf('u-ann', [{ ...odd, value: { ...odd.value, cause: 'by hand' } }]);

  expect(byOwner).toEqual({ unknown: 1 });
  expect(problems).toHaveLength(2);
});
