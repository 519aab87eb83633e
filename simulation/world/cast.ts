import type { Registration } from '../../shared/account/registration.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import type { Random } from '../kernel/random.ts';

/** What an operator says of a member beside its id and exchange. */
type Settings = { readonly [Name in keyof Registration]?: unknown };

/** One account as the seed has drawn it. */
export interface Part {
  readonly accountId: string;
  readonly role: 'master' | 'user';
  /** By unified asset, decimal texts. */
  readonly balances: Readonly<Record<string, string>>;
  readonly settings: Settings;
  /** How much the exchange lets the key ask. */
  readonly tier: 'starter' | 'intermediate' | 'pro';
  /** Registered that many steps after the beginning; 0: before it. */
  readonly joinsAtStep: number;
}

export interface Cast {
  readonly parts: readonly Part[];
  /** A strategy trades by itself, and needs candles. */
  readonly withHistory: boolean;
}

/** Of seeds; a tick of it costs ten of those of an owner who trades by hand. */
const STRATEGY_SHARE = 1 / 12;
const LATECOMERS = 0.2;
const TWO_MASTERS = 0.3;
/** Mostly few: what one user does to another shows with two, and each costs as much as all that happens to it. */
const drawUserCount = (random: Random): number =>
  random.chance(0.1) ? random.whole(4, 6) : random.whole(2, 3);

/** Coins of one's own, worth some hundreds or thousands each. */
const OWN_COINS: Readonly<Record<string, string>> = {
  BTC: '0.02',
  ETH: '0.4',
  SOL: '9',
  XRP: '700',
  LTC: '15',
  DOGE: '12000',
};

/** One or two masters, and two to six users of every kind. */
export const drawCast = (random: Random, symbols: readonly MarketSymbol[], steps: number): Cast => {
  const strategyTrades = tradesByItself(random);
  const masters = Array.from({ length: random.split('masters').chance(TWO_MASTERS) ? 2 : 1 }, (_, index) =>
    drawMaster(random.split(`master ${index + 1}`), index + 1, symbols, strategyTrades && index === 0),
  );
  const users = Array.from({ length: drawUserCount(random.split('users')) }, (_, index) =>
    drawUser(random.split(`user ${index + 1}`), index + 1, masters, symbols, steps),
  );
  return { parts: [...masters, ...users], withHistory: strategyTrades };
};

/** Whether a strategy trades in this seed; asked before its markets are drawn. */
export const tradesByItself = (random: Random): boolean => random.split('strategy').chance(STRATEGY_SHARE);

const drawMaster = (
  random: Random,
  number: number,
  symbols: readonly MarketSymbol[],
  byItself: boolean,
): Part => ({
  accountId: `m-${number}`,
  role: 'master',
  balances: { USD: String(random.whole(5_000, 200_000)), ...ownCoins(random, symbols, 0.4) },
  settings: { strategy: { name: byItself ? 'apex' : 'manual', symbols, mode: 'live' } },
  tier: random.pick(['intermediate', 'pro']),
  joinsAtStep: 0,
});

const drawUser = (
  random: Random,
  number: number,
  masters: readonly Part[],
  symbols: readonly MarketSymbol[],
  steps: number,
): Part => {
  const late = random.chance(LATECOMERS);
  return {
    accountId: `u-${number}`,
    role: 'user',
    balances: { USD: drawWealth(random), ...ownCoins(random, symbols, 0.3) },
    settings: {
      ...drawFollowing(random, masters),
      ...drawLimits(random),
      ...drawSizing(random),
      ...drawProtection(random),
      ...(random.chance(0.03) ? { exitOnly: true } : {}),
      ...(random.chance(0.08) ? { deniedSymbols: [random.pick(symbols)] } : {}),
      ...(random.chance(0.08) ? { allowedSymbols: symbols.slice(0, 1) } : {}),
    },
    tier: random.pick(['starter', 'intermediate', 'pro']),
    joinsAtStep: late ? random.whole(1, Math.max(1, Math.floor(steps / 2))) : 0,
  };
};

/** From below what an account needs to buy, by what just suffices for one order, to far above. */
const drawWealth = (random: Random): string => {
  const kind = random.fraction();
  if (kind < 0.08) return `${random.whole(1, 24)}.${random.whole(10, 99)}`;
  if (kind < 0.3) return String(random.whole(30, 400));
  if (kind < 0.9) return String(random.whole(1_000, 30_000));
  return String(random.whole(100_000, 2_000_000));
};

const ownCoins = (
  random: Random,
  symbols: readonly MarketSymbol[],
  probability: number,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    symbols.flatMap((symbol) => {
      const asset = symbol.slice(0, symbol.indexOf('/'));
      const amount = OWN_COINS[asset];
      return random.chance(probability) && amount !== undefined ? [[asset, amount]] : [];
    }),
  );

const drawFollowing = (random: Random, masters: readonly Part[]): Settings =>
  random.chance(0.07) ? {} : { follows: (random.chance(0.7) ? masters[0] : random.pick(masters))?.accountId };

const drawLimits = (random: Random): Settings => ({
  limits: {
    ...(random.chance(0.3) ? { maxTradeFraction: `0.${random.whole(2, 9)}` } : {}),
    // Prices move on between a master's order and its copies: with the usual limit half of them would be skipped.
    ...(random.chance(0.5) ? { maxSlippageBps: String(random.pick([20, 100, 300, 1_000])) } : {}),
    ...(random.chance(0.9) ? { maxTradeAgeSeconds: random.pick([240, 900, 1_800, 3_600]) } : {}),
    ...(random.chance(0.15) ? { maxOpenPositions: random.whole(1, 3) } : {}),
    ...(random.chance(0.1) ? { maxOrdersPerHour: random.whole(1, 6) } : {}),
    ...(random.chance(0.2) ? { maxDailyLoss: '0.5', maxDrawdown: '0.6' } : {}),
  },
});

const drawSizing = (random: Random): Settings => {
  const kind = random.fraction();
  if (kind < 0.6) return {};
  if (kind < 0.75) return { sizing: { mode: 'proportional', multiplier: random.pick(['0.5', '2', '3']) } };
  if (kind < 0.9) return { sizing: { mode: 'fixed-amount', amount: String(random.whole(5, 300)) } };
  return { sizing: { mode: 'fixed-ratio', ratio: random.pick(['0.01', '0.1', '0.5']) } };
};

const drawProtection = (random: Random): Settings => {
  if (random.chance(0.4)) return {};
  return {
    protection: {
      ...(random.chance(0.1) ? { enabled: false } : {}),
      ...(random.chance(0.6) ? { stopLoss: random.pick(['0.01', '0.03', '0.08', null]) } : {}),
      ...(random.chance(0.3)
        ? {
            takeProfit: [
              { at: '0.02', sell: '0.5' },
              { at: '0.06', sell: '0.5' },
            ],
          }
        : {}),
      ...(random.chance(0.2) ? { trailing: { activateAt: '0.01', distance: '0.02' } } : {}),
      ...(random.chance(0.1) ? { maxHoldingHours: random.whole(1, 3) } : {}),
      ...(random.chance(0.3) ? { onMaxDrawdown: 'exit', onDailyLoss: 'exit' } : {}),
    },
  };
};
