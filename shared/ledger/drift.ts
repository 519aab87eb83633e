import type { AccountId } from '../account/account.ts';
import type { Market } from '../exchange/market.ts';
import { lessAtMost, type Quantity, text } from '../money/money.ts';
import type { Log, Meter } from '../telemetry/telemetry.ts';

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
  { log, meter }: { readonly log: Log; readonly meter: Meter },
): void => {
  const missing = lessAtMost(position, held);
  if (missing.lte(market.quantityStep)) return;
  const facts = {
    account: accountId,
    symbol: market.symbol,
    position: text(position),
    held: text(held),
    missing: text(missing),
  };
  log.warn('the exchange holds less than the position: sold or moved by hand?', facts);
  meter.count('DriftFound', facts);
};
