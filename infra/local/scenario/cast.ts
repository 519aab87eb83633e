import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import { hash32, uniform } from '../prices/chance.ts';

/** One account of the demonstration: what it owns at the exchange, and how it is registered. */
export interface Member {
  readonly accountId: string;
  /** Shown in the report. */
  readonly part: string;
  readonly balances: Readonly<Record<string, string>>;
  readonly registration: Readonly<Record<string, unknown>>;
}

export const MASTER_ID = 'm-apex';
export const TICK_MS = 300_000;

/** Who leaves while the master is away, and whose position stays. */
export const LEAVER = 'u-ann';
export const STAYER = 'u-ben';
/** Who is met by faults: an answer lost after an order was taken, a slow exchange, a failed balance. */
export const UNLUCKY = 'u-ben';
export const SLOW = 'u-ann';

export const master = (symbols: readonly MarketSymbol[]): Member => ({
  accountId: MASTER_ID,
  part: 'master, trades APEX',
  balances: { USD: '100000' },
  registration: { strategy: { name: 'apex', symbols, mode: 'live' } },
});

/** At least the five named ones; the others are ordinary users of seeded wealth. */
export const users = (count: number, seed: number, symbols: readonly MarketSymbol[]): readonly Member[] => {
  const own = symbols[0]?.split('/')[0] ?? 'BTC';
  const follows = { follows: MASTER_ID };
  const named: readonly Member[] = [
    { accountId: LEAVER, part: 'ordinary', balances: { USD: '10000' }, registration: follows },
    {
      accountId: STAYER,
      part: `ordinary, owns ${own} of its own`,
      balances: { USD: '25000', [own]: '0.5' },
      registration: follows,
    },
    { accountId: 'u-cho', part: 'small', balances: { USD: '1200' }, registration: follows },
    { accountId: 'u-dee', part: 'below its minimum', balances: { USD: '15' }, registration: follows },
    {
      accountId: 'u-eve',
      part: 'set to exit-only',
      balances: { USD: '5000' },
      registration: { ...follows, exitOnly: true },
    },
  ];
  const chance = uniform(hash32(seed, 'users'));
  const others = Array.from({ length: Math.max(0, count - named.length) }, (_, index): Member => {
    const accountId = `u-${String(index + named.length + 1).padStart(4, '0')}`;
    const wealth = Math.round(1_000 + 49_000 * chance() ** 3);
    return { accountId, part: 'ordinary', balances: { USD: String(wealth) }, registration: follows };
  });
  return [...named, ...others];
};
