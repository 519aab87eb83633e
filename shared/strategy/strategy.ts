import { createHash } from 'node:crypto';
import type * as z from 'zod';
import type { Candle } from '../exchange/exchange.ts';
import type { Market, MarketSymbol } from '../exchange/market.ts';
import type { Fraction, Price, Quantity, QuoteAmount } from '../money/money.ts';
import type { Instant } from '../time/clock.ts';

/** Facts behind a decision, for logs and reports: decimals as texts, statistics as numbers. */
export type Numbers = Readonly<Record<string, string | number | boolean>>;

/** A position as the ledger knows it now, never as the strategy last wished it to be. */
export interface HeldPosition {
  readonly quantity: Quantity;
  /** Quote units paid for `quantity`, fees included. */
  readonly costBasis: QuoteAmount;
  readonly openedAt: Instant;
  /** The strategy's own memory of this position as last stored; `undefined` where there is none. */
  readonly state: unknown;
}

export interface StrategyAccount {
  /** Cash + held + value of assets. */
  readonly equity: QuoteAmount;
  /** Free quote currency. */
  readonly cash: QuoteAmount;
  /** What the exchange charges for a purchase and a sale together: 0.008 for 0.4 % taker on both sides. */
  readonly roundTripFee: Fraction;
  /** The strategy's own memory of the account as last stored; `undefined` where there is none. */
  readonly state: unknown;
}

export interface StrategyInput {
  readonly now: Instant;
  /** Closed 5-minute candles, oldest first, at most 720, for every symbol that is traded or held. */
  readonly candles: ReadonlyMap<MarketSymbol, readonly Candle[]>;
  /**
   * Symbols whose last candle has closed since the last decision: entries are judged for these alone. What is held
   * and not to be traded is never among them.
   */
  readonly newCandles: ReadonlySet<MarketSymbol>;
  readonly prices: ReadonlyMap<MarketSymbol, { readonly bid: Price; readonly ask: Price }>;
  /** Those with a quantity above zero. */
  readonly positions: ReadonlyMap<MarketSymbol, HeldPosition>;
  readonly account: StrategyAccount;
  readonly markets: ReadonlyMap<MarketSymbol, Market>;
}

/** A sale to be made at market. `quantity` is never above the position's. */
export interface ExitDecision {
  readonly symbol: MarketSymbol;
  readonly quantity: Quantity;
  readonly reason: string;
  readonly numbers: Numbers;
}

/** A purchase to be made, capped in price by the caller. */
export interface EntryDecision {
  readonly symbol: MarketSymbol;
  /** Quote units to spend on the asset; fees come on top and fit into the cash too. */
  readonly amount: QuoteAmount;
  /** The plan for the position: to be stored under the symbol before the order is sent. */
  readonly state: unknown;
  /** The conditions that held. */
  readonly reasons: readonly string[];
  readonly numbers: Numbers;
}

/** Something considered and not done, or done otherwise than planned, and why. */
export interface Rejection {
  readonly symbol: MarketSymbol;
  readonly reason: string;
  readonly numbers: Numbers;
}

export interface Decision {
  readonly exits: readonly ExitDecision[];
  readonly entry?: EntryDecision;
  readonly rejections: readonly Rejection[];
  /**
   * Position memories that differ from what was given: plain JSON (`null`: forgotten), to be stored under the
   * symbol. Best stored before the exits are sent; losing them is survivable (see the strategy). Never holds the
   * symbol of `entry`, whose own state is stored instead.
   */
  readonly states: ReadonlyMap<MarketSymbol, unknown>;
}

/** A sale that the exchange made and the ledger recorded. */
export interface Sale {
  /** Unique: a trade's id. A sale told twice counts once. */
  readonly id: string;
  readonly symbol: MarketSymbol;
  /** Proceeds after fees − cost basis of what was sold. */
  readonly profit: QuoteAmount;
  /** Whether the sale left nothing that could be sold (quantity zero, or below the market's minimum). */
  readonly closed: boolean;
}

/** A strategy with its settings validated and bound: what a tick and a backtest call. */
export interface LoadedStrategy {
  readonly name: string;
  /** `name/revision-hash of the validated settings`: recorded with each order. */
  readonly version: string;
  /** Candles wanted for each symbol: 0 where the strategy reads none. */
  readonly candlesNeeded: number;
  /** Pure: the same input gives the same decision, and the input is left as it was. */
  decide(input: StrategyInput): Decision;
  /** The account memory (plain JSON) after these sales, oldest first. Pure, and a sale told twice counts once. */
  settle(accountState: unknown, sales: readonly Sale[]): unknown;
}

/** A strategy's settings that do not fit; the message names every field. */
export class StrategyConfigError extends Error {
  override readonly name = 'StrategyConfigError';
}

export interface StrategyDefinition {
  readonly name: string;
  /** @throws StrategyConfigError */
  load(config: unknown): LoadedStrategy;
}

const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  if ('toJSON' in value) return JSON.parse(JSON.stringify(value));
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
};

/** Equal for settings that mean the same, whatever their order, spelling (`0.10`, `0.1`) or omitted defaults. */
export const configVersion = (name: string, revision: number, config: unknown): string => {
  const hash = createHash('sha256')
    .update(JSON.stringify(canonical(config)))
    .digest('hex');
  return `${name}/${revision}-${hash.slice(0, 12)}`;
};

const shown = (value: unknown): string => {
  const json = JSON.stringify(value);
  return json === undefined ? 'nothing' : json.slice(0, 60);
};

const valueAt = (config: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    config,
  );

/**
 * Declares a strategy.
 * @param revision rises when the rules change though the settings stay: part of the recorded version
 */
export const defineStrategy = <Config>(strategy: {
  readonly name: string;
  readonly revision: number;
  readonly config: z.ZodType<Config>;
  candlesNeeded(config: Config): number;
  decide(input: StrategyInput, config: Config): Decision;
  settle(accountState: unknown, sales: readonly Sale[]): unknown;
}): StrategyDefinition => ({
  name: strategy.name,
  load(config) {
    const parsed = strategy.config.safeParse(config);
    if (!parsed.success) {
      const problems = parsed.error.issues.map(
        ({ path, message }) =>
          `${path.length === 0 ? 'the settings' : path.join('.')}: ${message} (given ${shown(valueAt(config, path))})`,
      );
      throw new StrategyConfigError(
        `the settings of strategy '${strategy.name}' are not valid; correct them: ${problems.join('; ')}`,
      );
    }
    const settings = parsed.data;
    return {
      name: strategy.name,
      version: configVersion(strategy.name, strategy.revision, settings),
      candlesNeeded: strategy.candlesNeeded(settings),
      decide: (input) => strategy.decide(input, settings),
      settle: (accountState, sales) => strategy.settle(accountState, sales),
    };
  },
});
