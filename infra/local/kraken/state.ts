import * as z from 'zod';
import { Account, type ApiKey, DEFAULT_TERMS, PERMISSIONS } from './accounts.ts';
import { signingKey } from './authentication.ts';
import type { RequestCounts } from './books.ts';
import { Decimal } from './decimal.ts';
import type { Order, Trade } from './order-book.ts';
import { PAIR_STATUSES, type PairSpec } from './pairs.ts';
import { TIERS } from './rate-limits.ts';
import { SYSTEM_STATUSES, type World } from './world.ts';

const amount = z.string().regex(/^-?\d+(\.\d+)?$/);
const amounts = z.record(z.string(), amount);
const side = z.enum(['buy', 'sell']);
const type = z.enum(['market', 'limit']);

const zTrade = z.strictObject({
  id: z.string(),
  positionId: z.string(),
  ledgerIds: z.array(z.string()),
  number: z.number(),
  price: amount,
  volume: amount,
  cost: amount,
  fee: amount,
  maker: z.boolean(),
  stamp: z.number(),
});

const zOrder = z.strictObject({
  id: z.string(),
  accountId: z.string(),
  apiKey: z.string(),
  pair: z.string(),
  side,
  type,
  volume: amount,
  price: amount.optional(),
  inQuote: z.boolean(),
  feeInBase: z.boolean(),
  flags: z.string(),
  clientId: z.string().optional(),
  userref: z.number().optional(),
  openStamp: z.number(),
  closeStamp: z.number().optional(),
  status: z.enum(['open', 'closed', 'canceled']),
  reason: z.string().nullable(),
  executed: amount,
  cost: amount,
  fee: amount,
  held: amount,
  trades: z.array(zTrade),
});

const zState = z.strictObject({
  version: z.literal(1),
  system: z.enum(SYSTEM_STATUSES),
  pairs: z.record(z.string(), z.enum(PAIR_STATUSES)),
  advancedTo: z.number().optional(),
  accounts: z.array(
    z.strictObject({
      id: z.string(),
      balances: amounts,
      held: amounts,
      transfers: z.array(z.strictObject({ asset: z.string(), amount, at: z.number() })),
      drawn: z.number(),
      lastStamp: z.number(),
    }),
  ),
  keys: z.array(
    z.strictObject({
      accountId: z.string(),
      apiKey: z.string(),
      apiSecret: z.string(),
      name: z.string(),
      tier: z.enum(TIERS),
      createdAt: z.number(),
      permissions: z.array(z.enum(PERMISSIONS)),
      // Absent in states of before.
      terms: z
        .strictObject({
          nonceWindow: z.int().nonnegative(),
          ipAllowList: z.array(z.string()),
          validUntil: z.number().exactOptional(),
        })
        .default(() => ({ ...DEFAULT_TERMS, ipAllowList: [] })),
      modifiedAt: z.number(),
      revoked: z.boolean(),
      lastNonce: z.string().regex(/^\d+$/),
      lastUsedAt: z.number(),
      failures: z.number(),
      lockedUntil: z.number(),
    }),
  ),
  orders: z.array(zOrder),
  requests: z.array(
    z.strictObject({ apiKey: z.string().optional(), endpoint: z.string(), count: z.number() }),
  ),
});
export type SimulatorState = z.input<typeof zState>;

const texts = (map: ReadonlyMap<string, Decimal>): Record<string, string> =>
  Object.fromEntries([...map].map(([asset, value]) => [asset, value.toFixed()]));

const writeTrade = (trade: Trade): z.input<typeof zTrade> => ({
  id: trade.id,
  positionId: trade.positionId,
  ledgerIds: [...trade.ledgerIds],
  number: trade.number,
  price: trade.price.toFixed(),
  volume: trade.volume.toFixed(),
  cost: trade.cost.toFixed(),
  fee: trade.fee.toFixed(),
  maker: trade.maker,
  stamp: trade.stamp,
});

const writeOrder = (order: Order): z.input<typeof zOrder> => ({
  id: order.id,
  accountId: order.accountId,
  apiKey: order.apiKey,
  pair: order.pair.id,
  side: order.side,
  type: order.type,
  volume: order.volume.toFixed(),
  ...(order.price && { price: order.price.toFixed() }),
  inQuote: order.inQuote,
  feeInBase: order.feeInBase,
  flags: order.flags,
  ...(order.clientId !== undefined && { clientId: order.clientId }),
  ...(order.userref !== undefined && { userref: order.userref }),
  openStamp: order.openStamp,
  ...(order.closeStamp !== undefined && { closeStamp: order.closeStamp }),
  status: order.status,
  reason: order.reason,
  executed: order.executed.toFixed(),
  cost: order.cost.toFixed(),
  fee: order.fee.toFixed(),
  held: order.held.toFixed(),
  trades: order.trades.map(writeTrade),
});

export const snapshot = (world: World, requests: RequestCounts): SimulatorState => ({
  version: 1,
  system: world.system,
  pairs: world.listing.statuses(),
  ...(world.engine.advancedTo !== undefined && { advancedTo: world.engine.advancedTo }),
  accounts: [...world.accounts.values()].map((account) => ({
    id: account.id,
    balances: texts(account.balances),
    held: texts(account.held),
    transfers: account.transfers.map((transfer) => ({ ...transfer, amount: transfer.amount.toFixed() })),
    drawn: account.drawn,
    lastStamp: account.lastStamp,
  })),
  keys: [...world.keys.values()].map(({ signingKey: _, permissions, terms, lastNonce, ...key }) => ({
    ...key,
    permissions: [...permissions],
    terms: { ...terms, ipAllowList: [...terms.ipAllowList] },
    lastNonce: lastNonce.toString(),
  })),
  orders: world.orders.orders().map(writeOrder),
  requests: requests
    .list()
    .map(({ apiKey, endpoint, count }) => ({ ...(apiKey !== undefined && { apiKey }), endpoint, count })),
});

const readOrder = (stored: z.output<typeof zOrder>, pair: PairSpec): Order => ({
  ...stored,
  pair,
  volume: new Decimal(stored.volume),
  price: stored.price === undefined ? undefined : new Decimal(stored.price),
  clientId: stored.clientId,
  userref: stored.userref,
  closeStamp: stored.closeStamp,
  executed: new Decimal(stored.executed),
  cost: new Decimal(stored.cost),
  fee: new Decimal(stored.fee),
  held: new Decimal(stored.held),
  trades: stored.trades.map((trade) => ({
    ...trade,
    orderId: stored.id,
    accountId: stored.accountId,
    pair,
    side: stored.side,
    type: stored.type,
    feeInBase: stored.feeInBase,
    price: new Decimal(trade.price),
    volume: new Decimal(trade.volume),
    cost: new Decimal(trade.cost),
    fee: new Decimal(trade.fee),
  })),
});

const readAccount = (stored: z.output<typeof zState>['accounts'][number]): Account => {
  const account = new Account(stored.id);
  for (const [asset, value] of Object.entries(stored.balances))
    account.balances.set(asset, new Decimal(value));
  for (const [asset, value] of Object.entries(stored.held)) account.held.set(asset, new Decimal(value));
  for (const transfer of stored.transfers) {
    account.transfers.push({ ...transfer, amount: new Decimal(transfer.amount) });
  }
  account.drawn = stored.drawn;
  account.lastStamp = stored.lastStamp;
  return account;
};

const readKey = (stored: z.output<typeof zState>['keys'][number]): ApiKey => ({
  ...stored,
  permissions: new Set(stored.permissions),
  signingKey: signingKey(stored.apiSecret),
  lastNonce: BigInt(stored.lastNonce),
});

/** What was kept is not a state of this simulator: the message says what is wrong with it. */
export class SavedStateError extends TypeError {
  override readonly name = 'SavedStateError';
}

/** Fills an empty world. @throws SavedStateError for a state that is not one of this simulator's */
export const restore = (
  world: World,
  pairs: readonly PairSpec[],
  requests: RequestCounts,
  state: unknown,
): void => {
  const parsed = zState.safeParse(state);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SavedStateError(
      `the Kraken simulator's saved state cannot be used: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unreadable'}; start with a fresh one`,
    );
  }
  const { accounts, keys, orders, system, advancedTo } = parsed.data;
  world.system = system;
  for (const stored of accounts) world.accounts.set(stored.id, readAccount(stored));
  for (const stored of keys) world.keys.set(stored.apiKey, readKey(stored));
  for (const stored of orders) {
    const pair = pairs.find((spec) => spec.id === stored.pair);
    if (pair === undefined) {
      throw new SavedStateError(
        `the Kraken simulator's saved state has orders on ${stored.pair}, which is not among its pairs; give the same prices as before or start with a fresh state`,
      );
    }
    const order = readOrder(stored, pair);
    world.orders.add(order);
    for (const trade of order.trades) world.fees.record(order.accountId, trade.stamp / 1000, trade.cost);
  }
  for (const spec of pairs) {
    const status = parsed.data.pairs[spec.id];
    if (status === undefined) world.listing.delist(spec);
    else world.listing.setStatus(spec, status);
  }
  for (const { apiKey, endpoint, count } of parsed.data.requests) requests.add(apiKey, endpoint, count);
  if (advancedTo !== undefined) world.engine.resumeFrom(advancedTo);
};
