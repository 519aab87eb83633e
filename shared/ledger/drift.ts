import type { AccountId } from '../account/account.ts';
import type { Asset, Market, MarketSymbol } from '../exchange/market.ts';
import { lessAtMost, type Quantity, text } from '../money/money.ts';
import type { Log, Meter } from '../telemetry/telemetry.ts';
import type { Instant } from '../time/clock.ts';

/**
 * The DRIFT item: the exchange holds less of an asset than the account's positions say. One for each account
 * and asset; one that is closed is begun anew where it comes again.
 */
export interface Drift {
  readonly accountId: AccountId;
  readonly asset: Asset;
  /** The positions in it. */
  readonly symbols: readonly MarketSymbol[];
  /** The sum of these positions, what the exchange holds, and the difference. */
  readonly managed: Quantity;
  readonly held: Quantity;
  readonly missing: Quantity;
  /** Why it was left as it is. */
  readonly why: string;
  /** How much was missing when it was told of last, or the less that it has become since. */
  readonly told: Quantity;
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  /** Since when the figures are these. */
  readonly figuresSince: Instant;
  /** When the owner's own trades were last read, and did not explain these figures. */
  readonly judgedAt?: Instant;
  /** When they could not be read last, and how often in a row; absent where they could. */
  readonly failedAt?: Instant;
  readonly failures?: number;
  /** Since when the exchange shows nothing that could be sold. */
  readonly goneSince?: Instant;
  readonly closedAt?: Instant;
  /** Rises by one with every change. */
  readonly version: number;
}

/**
 * Says it where the exchange holds less than the position: sold or moved by hand, or an error of ours. What is
 * within one step of the market's quantities is rounding. Nothing is changed: only what is held can be sold.
 */
export const reportDrift = (
  {
    accountId,
    market,
    position,
    held,
  }: {
    readonly accountId: AccountId;
    readonly market: Market;
    readonly position: Quantity;
    /** All that the exchange holds of the market's base, locked or free. */
    readonly held: Quantity;
  },
  ports: { readonly log: Log; readonly meter: Meter },
): void => {
  const missing = lessAtMost(position, held);
  if (missing.lte(market.quantityStep)) return;
  tell({ account: accountId, symbol: market.symbol, ...figures(position, held, missing) }, ports);
};

/** The same of a drift that a check has found, or found grown. */
export const tellDrift = (drift: Drift, ports: { readonly log: Log; readonly meter: Meter }): void => {
  const { accountId, symbols, managed, held, missing, why } = drift;
  tell({ account: accountId, symbol: symbols.join(', '), ...figures(managed, held, missing), why }, ports);
};

const figures = (position: Quantity, held: Quantity, missing: Quantity) => ({
  position: text(position),
  held: text(held),
  missing: text(missing),
});

const tell = (
  facts: Readonly<Record<string, string>>,
  { log, meter }: { readonly log: Log; readonly meter: Meter },
): void => {
  log.warn('the exchange holds less than the position: sold or moved by hand?', facts);
  meter.count('DriftFound', facts);
};
