import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import { hash32, uniform } from '../prices/chance.ts';

/** One account of the demonstration: what it owns at the exchange, and how it is registered. */
export interface Member {
  readonly accountId: string;
  /** Shown in the report. */
  readonly part: string;
  readonly balances: Readonly<Record<string, string>>;
  readonly registration: Readonly<Record<string, unknown>>;
  /** Never buys, whether or not the master lives: set so, or too poor. */
  readonly exitOnly: boolean;
}

export const MASTER_ID = 'm-apex';
/** The name of the master's schedule. */
export const SCHEDULE = `master-tick ${MASTER_ID}`;
export const TICK_MS = 300_000;

/** Who leaves while the master is away, and whose position stays. */
export const LEAVER = 'u-ann';
export const STAYER = 'u-ben';
/** What a run must reach to show anything: candles traded through, and trades of each side copied. */
export const LEAST_CANDLES = 600;
export const LEAST_COPIED = 3;

/** Who is met by faults: an answer lost after an order was taken, a slow exchange, a failed balance. */
export const UNLUCKY = 'u-ben';
export const SLOW = 'u-ann';
/**
 * Which of its orders are answered late. Several: on a busy machine all others may have ended before one of them
 * was even sent, which then shows nothing.
 */
export const SLOW_ORDERS = { first: 3, count: 3 };
/** Whose sale the exchange refuses once, so that a check has to make it good. */
export const REFUSED = 'u-fay';
/** Whose exchange does not answer while all are checked: the first that is served. */
export const HANGING = LEAVER;

/** Who has a stop loss nearer than the others', and at which share below its cost. */
export const PROTECTED = 'u-cho';
export const STOP_LOSS = '0.06';
/** Who moves coins away by hand, and which share of what Nija bought. */
export const MOVER = 'u-fay';
export const MOVED_SHARE = '0.4';

/** Real milliseconds: long enough for the others' copies on a slow machine. */
export const SLOW_ANSWER_MS = 2_000;

export const master = (symbols: readonly MarketSymbol[]): Member => ({
  accountId: MASTER_ID,
  part: 'master, trades APEX',
  balances: { USD: '100000' },
  registration: { strategy: { name: 'apex', symbols, mode: 'live' } },
  exitOnly: false,
});

/** At least the six named ones; the others are ordinary users of seeded wealth. */
export const users = (count: number, seed: number, symbols: readonly MarketSymbol[]): readonly Member[] => {
  const own = symbols[0]?.split('/')[0] ?? 'BTC';
  const ordinary = { registration: { follows: MASTER_ID }, exitOnly: false };
  const named: readonly Member[] = [
    { accountId: LEAVER, part: 'ordinary', balances: { USD: '10000' }, ...ordinary },
    {
      accountId: STAYER,
      part: `ordinary, owns ${own} of its own`,
      balances: { USD: '25000', [own]: '0.5' },
      ...ordinary,
    },
    {
      accountId: PROTECTED,
      part: 'small, with a near stop loss',
      balances: { USD: '1200' },
      registration: { follows: MASTER_ID, protection: { stopLoss: STOP_LOSS } },
      exitOnly: false,
    },
    {
      accountId: 'u-dee',
      part: 'below its minimum',
      balances: { USD: '15' },
      ...ordinary,
      exitOnly: true,
    },
    {
      accountId: 'u-eve',
      part: 'set to exit-only',
      balances: { USD: '5000' },
      registration: { follows: MASTER_ID, exitOnly: true },
      exitOnly: true,
    },
    { accountId: MOVER, part: 'moves coins by hand', balances: { USD: '20000' }, ...ordinary },
  ];
  const chance = uniform(hash32(seed, 'users'));
  const others = Array.from({ length: Math.max(0, count - named.length) }, (_, index): Member => {
    // Followers are served in the order of their ids: the slow one comes first, so that the others can pass it.
    const accountId = `u-more-${String(index + named.length + 1).padStart(4, '0')}`;
    const wealth = Math.round(1_000 + 49_000 * chance() ** 3);
    return { accountId, part: 'ordinary', balances: { USD: String(wealth) }, ...ordinary };
  });
  return [...named, ...others];
};
