import { accountOf } from './account-endpoints.ts';
import type { Account, ApiKey } from './accounts.ts';
import { invalidArgument, Refusal, TEXTS } from './errors.ts';
import type { Order, Trade } from './order-book.ts';
import { type Form, readOrder } from './order-request.ts';
import { described, renderOrder, renderTrade } from './order-view.ts';
import type { Funds } from './visibility.ts';
import type { PrivateEndpoint, World } from './world.ts';

const PAGE = 50;

const isTrue = (text: string | undefined): boolean => text === 'true' || text === '1' || text === 'True';

const addOrder: PrivateEndpoint = (world, key, form) => {
  const account = accountOf(world, key);
  const now = world.clock.now();
  if (world.system === 'maintenance') throw new Refusal(TEXTS.unavailable);
  if (world.system === 'cancel_only') throw new Refusal(TEXTS.cancelOnly);
  const request = readOrder(form, world.listing, now);
  if (world.system === 'post_only' && !request.postOnly) throw new Refusal(TEXTS.postOnlyMode);
  const lagMs = world.faults.lagFor(key.apiKey, key.accountId);
  const before = lagMs > 0 ? fundsOf(account) : undefined;
  const order = world.engine.place(key, request, now);
  const descr = { order: described(request) };
  if (order === undefined) return { descr };
  const { calls, forMs = Number.POSITIVE_INFINITY } = world.faults.hiddenFor(key.apiKey, key.accountId);
  world.visibility.hide(order.id, { calls, until: now + forMs });
  if (before !== undefined) {
    const span = { calls: Number.POSITIVE_INFINITY, until: now + lagMs };
    world.visibility.freezeBalances(key.accountId, before, span);
  }
  return { descr, txid: [order.id] };
};

const fundsOf = ({ balances, held }: Account): Funds => ({
  balances: new Map(balances),
  held: new Map(held),
});

const ofForm = (orders: readonly Order[], form: Form): readonly Order[] => {
  const { cl_ord_id: clientId, userref } = form;
  return orders.filter(
    (order) =>
      (clientId === undefined || order.clientId === clientId) &&
      (userref === undefined || String(order.userref) === userref),
  );
};

const cancelOrder: PrivateEndpoint = (world, key, form) => {
  const open = world.orders.openOf(key.accountId);
  const { txid, cl_ord_id: clientId } = form;
  if (txid === undefined && clientId === undefined) throw new Refusal(TEXTS.invalidArguments);
  const wanted = open.filter((order) =>
    txid === undefined ? order.clientId === clientId : order.id === txid || String(order.userref) === txid,
  );
  if (wanted.length === 0) throw new Refusal(TEXTS.unknownOrder);
  for (const order of wanted) world.engine.cancel(key, order, world.clock.now());
  return { count: wanted.length };
};

const cancelAll: PrivateEndpoint = (world, key) => {
  const open = world.orders.openOf(key.accountId);
  for (const order of open) world.engine.cancel(key, order, world.clock.now());
  return { count: open.length };
};

const rendered = (orders: readonly Order[], form: Form): Record<string, unknown> =>
  Object.fromEntries(orders.map((order) => [order.id, renderOrder(order, isTrue(form['trades']))]));

const openOrders: PrivateEndpoint = (world, key, form) => {
  const shown = ofForm(world.orders.openOf(key.accountId), form).filter((order) =>
    world.visibility.shows(order.id, world.clock.now()),
  );
  return { open: rendered([...shown].reverse(), form) };
};

/** A bound is a time in seconds or the id of something that happened at one. */
const bound = (text: string | undefined, field: string, stampOf: (id: string) => number | undefined) => {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,12}(\.\d+)?$/.test(text)) return Number(text) * 1e6;
  const stamp = stampOf(text);
  if (stamp === undefined) throw invalidArgument(field);
  return stamp;
};

const offset = (form: Form): number => {
  const text = form['ofs'] ?? '0';
  if (!/^\d{1,9}$/.test(text)) throw invalidArgument('ofs');
  return Number(text);
};

/** After `start`, up to and with `end`, newest first, one page of 50. */
const page = <T>(
  items: readonly T[],
  form: Form,
  timeOf: (item: T) => number,
  stampOf: (id: string) => number | undefined,
): { readonly count: number; readonly items: readonly T[] } => {
  const start = bound(form['start'], 'start', stampOf) ?? Number.NEGATIVE_INFINITY;
  const end = bound(form['end'], 'end', stampOf) ?? Number.POSITIVE_INFINITY;
  const matching = items.filter((item) => timeOf(item) > start && timeOf(item) <= end);
  matching.sort((one, other) => timeOf(other) - timeOf(one));
  const from = offset(form);
  return { count: matching.length, items: matching.slice(from, from + PAGE) };
};

const closedOrders: PrivateEndpoint = (world, key, form) => {
  const closed = ofForm(world.orders.ordersOf(key.accountId), form).filter(
    (order) => order.status !== 'open' && world.visibility.shows(order.id, world.clock.now()),
  );
  const byOpening = form['closetime'] === 'open';
  const timeOf = (order: Order): number =>
    byOpening ? order.openStamp : (order.closeStamp ?? order.openStamp);
  const { count, items } = page(closed, form, timeOf, (id) => {
    const found = ownOrder(world, key, id);
    return found && timeOf(found);
  });
  return { closed: rendered(items, form), ...(isTrue(form['without_count']) ? {} : { count }) };
};

const ownOrder = (world: World, key: ApiKey, id: string): Order | undefined => {
  const order = world.orders.order(id);
  return order?.accountId === key.accountId ? order : undefined;
};

const idsOf = (form: Form): readonly string[] => {
  const ids = (form['txid'] ?? '').split(',').filter((id) => id !== '');
  if (ids.length === 0 || ids.length > PAGE) throw invalidArgument('txid');
  return ids;
};

const queryOrders: PrivateEndpoint = (world, key, form) => {
  const found = idsOf(form).map((id) => {
    const order = ownOrder(world, key, id);
    if (order === undefined || !world.visibility.shows(id, world.clock.now()))
      throw new Refusal(TEXTS.unknownOrder);
    return order;
  });
  return rendered(found, form);
};

const tradesHistory: PrivateEndpoint = (world, key, form) => {
  const own = world.orders.tradesOf(key.accountId);
  const now = world.clock.now();
  const hidden = new Set(own.map(({ orderId }) => orderId).filter((id) => !world.visibility.shows(id, now)));
  const trades = own.filter((trade) => !hidden.has(trade.orderId));
  const { count, items } = page(
    trades,
    form,
    (trade) => trade.stamp,
    (id) => world.orders.trade(id)?.stamp,
  );
  return { trades: renderedTrades(items), ...(isTrue(form['without_count']) ? {} : { count }) };
};

const renderedTrades = (trades: readonly Trade[]): Record<string, unknown> =>
  Object.fromEntries(trades.map((trade) => [trade.id, renderTrade(trade)]));

const queryTrades: PrivateEndpoint = (world, key, form) => {
  const found = idsOf(form).map((id) => {
    const trade = world.orders.trade(id);
    if (trade === undefined || trade.accountId !== key.accountId) throw invalidArgument('txid');
    return trade;
  });
  return renderedTrades(found);
};

export const ORDER_ENDPOINTS: Readonly<Record<string, PrivateEndpoint>> = {
  AddOrder: addOrder,
  CancelOrder: cancelOrder,
  CancelAll: cancelAll,
  OpenOrders: openOrders,
  ClosedOrders: closedOrders,
  QueryOrders: queryOrders,
  TradesHistory: tradesHistory,
  QueryTrades: queryTrades,
};
