import { basisPoints, milliseconds, minute, short } from './figures.ts';
import { percentile } from './percentile.ts';
import type { CopyRow, Report } from './report.ts';
import { table } from './table.ts';

/** Of more trades than these, the last are shown and the others counted. */
const TRADES = 15;
const ACCOUNTS = 5;
const COPIES_EACH = 6;

/** The last trades of the master, each with what became of its copies. */
export const tradesTable = ({ trades: all, copies }: Report, width: number): string => {
  const hidden = all.length - TRADES;
  const rows = all.slice(-TRADES).map((trade) => {
    const own = copies.filter((copy) => copy.trade === trade.id);
    const filled = own.filter(({ state }) => state === 'FILLED');
    const latencies = filled.map(({ latencyMs }) => latencyMs ?? 0).sort((a, b) => a - b);
    const slippages = filled.map(({ slippageBps }) => Number(slippageBps)).sort((a, b) => a - b);
    return [
      minute(trade.at),
      trade.side,
      trade.symbol,
      short(trade.quantity, 8),
      short(trade.price, 8),
      String(filled.length),
      milliseconds(percentile(latencies, 0.5)),
      basisPoints(percentile(slippages, 0.5)),
      reasons(own),
    ];
  });
  return [
    ...(hidden > 0 ? [`… ${hidden} more before these, all with --json`] : []),
    table(
      ['at (UTC)', 'side', 'symbol', 'quantity', 'price', 'copied', 'latency', 'slippage', 'not copied'],
      rows,
      [3, 4, 5, 6, 7],
      width,
    ),
    "Latency, from the fill to the copy's order, and slippage are medians of the copies.",
  ].join('\n');
};

const reasons = (copies: readonly CopyRow[]): string => {
  const counts = new Map<string, number>();
  for (const { state, reason } of copies)
    if (state !== 'FILLED') counts.set(reason ?? state, (counts.get(reason ?? state) ?? 0) + 1);
  return [...counts].map(([reason, count]) => (count === 1 ? reason : `${reason} ×${count}`)).join(', ');
};

/** The last copies of the first accounts. */
export const copiesTable = ({ accounts, trades: all, copies }: Report, width: number): string => {
  const shown = accounts.filter(({ role }) => role === 'user').slice(0, ACCOUNTS);
  const trades = new Map(all.map((trade, index) => [trade.id, { ...trade, index }]));
  const place = ({ trade }: CopyRow): number => trades.get(trade)?.index ?? 0;
  return table(
    ['account', 'side', 'symbol', 'outcome', 'quantity', 'price', 'latency', 'slippage', 'why not'],
    shown.flatMap(({ id }) =>
      copies
        .filter((copy) => copy.account === id)
        .sort((a, b) => place(a) - place(b))
        .slice(-COPIES_EACH)
        .map((copy) => [
          id,
          trades.get(copy.trade)?.side ?? '',
          trades.get(copy.trade)?.symbol ?? '',
          copy.state,
          short(copy.quantity, 8),
          short(copy.price, 8),
          milliseconds(copy.latencyMs),
          basisPoints(copy.slippageBps),
          whyNot(copy),
        ]),
    ),
    [4, 5, 6, 7],
    width,
  );
};

/** The reason by its code; what more there is to say of it is in `detail`, with `--json`. */
const whyNot = ({ reason, madeGood }: CopyRow): string =>
  [reason ?? '', madeGood === null ? '' : `made good by ${madeGood}`]
    .filter((part) => part !== '')
    .join('; ');
