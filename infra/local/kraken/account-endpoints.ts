import type { Account, ApiKey } from './accounts.ts';
import { Decimal, shown, ZERO } from './decimal.ts';
import { Refusal, TEXTS } from './errors.ts';
import type { FeeTier } from './fees.ts';
import type { PairSpec } from './pairs.ts';
import type { Funds } from './visibility.ts';
import type { PrivateEndpoint, World } from './world.ts';

export const accountOf = (world: World, key: ApiKey): Account => {
  const account = world.accounts.get(key.accountId);
  if (account === undefined) throw new Refusal(TEXTS.internal);
  return account;
};

const visibleBalances = (world: World, key: ApiKey): Funds =>
  world.visibility.frozen(key.accountId, world.clock.now()) ?? accountOf(world, key);

/** Reward variants (`XXBT.F`) have the decimals of their asset. */
const decimalsOf = (world: World, asset: string): number =>
  world.listing.asset(asset.split('.')[0] ?? asset)?.decimals ?? 8;

const balance: PrivateEndpoint = (world, key) =>
  Object.fromEntries(
    [...visibleBalances(world, key).balances].map(([asset, amount]) => [
      asset,
      shown(amount, decimalsOf(world, asset)),
    ]),
  );

const balanceEx: PrivateEndpoint = (world, key) => {
  const { balances, held } = visibleBalances(world, key);
  return Object.fromEntries(
    [...balances].map(([asset, amount]) => {
      const decimals = decimalsOf(world, asset);
      return [
        asset,
        {
          balance: shown(amount, decimals),
          // Rounded up, so that what is free is never shown as more than it is.
          hold_trade: (held.get(asset) ?? ZERO).toFixed(decimals, Decimal.ROUND_UP),
        },
      ];
    }),
  );
};

const lastPriceInUsd = (world: World, asset: string): Decimal => {
  const plain = asset.split('.')[0] ?? asset;
  if (plain === 'ZUSD' || plain === 'USD') return new Decimal(1);
  const known = world.listing.asset(plain);
  const pair = world.listing.pairs().find((spec) => spec.base.id === known?.id && spec.quote.id === 'ZUSD');
  const market = pair && world.markets.get(pair.id);
  return market?.at(world.clock.now())?.last ?? ZERO;
};

const tradeBalance: PrivateEndpoint = (world, key) => {
  const { balances } = visibleBalances(world, key);
  let worth = ZERO;
  for (const [asset, amount] of balances) worth = worth.plus(amount.times(lastPriceInUsd(world, asset)));
  const usd = balances.get('ZUSD') ?? ZERO;
  const open = world.orders.openOf(key.accountId);
  const pending = open.reduce((sum, order) => {
    const price = order.price ?? ZERO;
    return sum.plus(order.volume.minus(order.executed).times(price));
  }, ZERO);
  const amount = (value: Decimal): string => shown(value, 4);
  return {
    eb: amount(worth),
    tb: amount(usd),
    m: amount(ZERO),
    uv: amount(pending),
    n: amount(ZERO),
    c: amount(ZERO),
    v: amount(ZERO),
    e: amount(usd),
    mf: amount(usd),
  };
};

const feeOf = (
  current: FeeTier,
  next: FeeTier | undefined,
  tiers: readonly FeeTier[],
  side: 'maker' | 'taker',
): Record<string, unknown> => {
  const four = (value: string): string => new Decimal(value).toFixed(4);
  return {
    fee: four(current[side]),
    minfee: four(tiers.at(-1)?.[side] ?? current[side]),
    maxfee: four(tiers[0]?.[side] ?? current[side]),
    nextfee: next === undefined ? null : four(next[side]),
    nextvolume: next === undefined ? null : four(next.volume),
    tiervolume: four(current.volume),
  };
};

const tradeVolume: PrivateEndpoint = (world, key, form) => {
  const now = world.clock.now();
  const pairs: readonly PairSpec[] = (form['pair'] ?? '')
    .split(',')
    .filter((name) => name !== '')
    .map((name) => {
      const spec = world.listing.find(name);
      if (spec === undefined) throw new Refusal(TEXTS.unknownPair);
      return spec;
    });
  const { current, next } = world.fees.tier(key.accountId, now);
  const { tiers } = world.fees;
  const forEach = (side: 'maker' | 'taker'): Record<string, unknown> =>
    Object.fromEntries(pairs.map((spec) => [spec.id, feeOf(current, next, tiers, side)]));
  return {
    currency: 'ZUSD',
    volume: world.fees.volume(key.accountId, now).toFixed(4, Decimal.ROUND_DOWN),
    ...(pairs.length === 0 ? {} : { fees: forEach('taker'), fees_maker: forEach('maker') }),
  };
};

const keyInfo: PrivateEndpoint = (world, key) => {
  const secondsText = (at: number): string => String(Math.floor(at / 1000));
  const facts: readonly (readonly [snake: string, camel: string, value: unknown])[] = [
    ['api_key_name', 'apiKeyName', key.name],
    ['api_key', 'apiKey', key.apiKey],
    ['nonce', 'nonce', key.lastNonce.toString()],
    ['nonce_window', 'nonceWindow', key.terms.nonceWindow],
    ['permissions', 'permissions', [...key.permissions]],
    ['iban', 'iban', 'AA00 N84G SIMU LATD'],
    ['valid_until', 'validUntil', secondsText(key.terms.validUntil ?? 0)],
    ['query_from', 'queryFrom', '0'],
    ['query_to', 'queryTo', '0'],
    ['created_time', 'createdTime', secondsText(key.createdAt)],
    ['modified_time', 'modifiedTime', secondsText(key.modifiedAt)],
    ['ip_allowlist', 'ipAllowlist', [...key.terms.ipAllowList]],
    ['last_used', 'lastUsed', secondsText(key.lastUsedAt)],
  ];
  return Object.fromEntries(
    facts.map(([snake, camel, value]) => [world.keyInfoCase === 'snake' ? snake : camel, value]),
  );
};

export const ACCOUNT_ENDPOINTS: Readonly<Record<string, PrivateEndpoint>> = {
  Balance: balance,
  BalanceEx: balanceEx,
  TradeBalance: tradeBalance,
  TradeVolume: tradeVolume,
  GetApiKeyInfo: keyInfo,
};
