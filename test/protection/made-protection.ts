import { marketSymbol } from '../../shared/exchange/market.ts';
import type { Position } from '../../shared/ledger/position.ts';
import { price, quantity, quote } from '../../shared/money/money.ts';
import { decide, type Judged } from '../../shared/protection/decide.ts';
import { type Protection, zProtection } from '../../shared/protection/protection-settings.ts';
import { type Seen, type Watch, watchOver } from '../../shared/protection/watch.ts';
import { market, NOON } from '../copying/made.ts';

export const BTC = marketSymbol('BTC/USD');

export const settingsOf = (settings: Record<string, unknown> = {}): Protection => zProtection.parse(settings);

/** Nothing but what is given fires. */
export const only = (settings: Record<string, unknown>): Protection =>
  settingsOf({ stopLoss: null, ...settings });

/** One BTC at an average cost of 50,000, fees included. */
export const position = (changes: Partial<Position> = {}): Position => ({
  accountId: 'u-ann',
  symbol: BTC,
  quantity: quantity('1'),
  costBasis: quote('50000'),
  openedAt: NOON,
  version: 1,
  ...changes,
});

export const seen = (bid: string | undefined, changes: Partial<Seen> = {}): Seen => ({
  position: position(),
  market: market('BTC/USD'),
  held: changes.position?.quantity ?? quantity('1'),
  bid: bid === undefined ? undefined : price(bid),
  at: NOON,
  ...changes,
});

/** What a check sees and decides, and what it remembers for the next. */
export const check = (
  before: Watch | undefined,
  now: Seen,
  settings: Protection,
  losses: Judged['losses'] = [],
) => {
  const watch = watchOver(before, now, settings);
  return { watch, decision: decide({ ...now, watch, settings, losses }) };
};

/** The watch after a level has fired. */
export const fired = (watch: Watch | undefined, level: string | undefined): Watch | undefined =>
  watch && {
    ...watch,
    levels: watch.levels.map((known) => (known.at === level ? { ...known, fired: true } : known)),
  };
