import { Decimal } from 'decimal.js';
import { percentile } from './percentile.ts';
import type { CopyRow, Report } from './report.ts';
import { table } from './table.ts';

/** With more users than these, tables show the first and count the rest. */
const ROWS = 12;

/** The report for a person. */
export const renderReport = (report: Report): string =>
  [
    heading('Balances, read while the master is gone'),
    balances(report),
    heading("The master's trades, and what became of their copies"),
    trades(report),
    heading('The last copies of the first five accounts'),
    copies(report),
    heading('Exit while the master is gone and everything is halted'),
    exits(report),
    heading('What the checks of users did'),
    checks(report),
    heading('Proof of separation'),
    separation(report),
    heading('Guarantees, judged by the books of the exchange'),
    guarantees(report),
    '',
    footer(report),
    '',
  ].join('\n');

const heading = (title: string): string => `\n${title}\n${'─'.repeat(title.length)}`;

const cents = (amount: string | null): string =>
  amount === null ? 'unreadable' : new Decimal(amount).toFixed(2);
const short = (figure: string | null, places: number): string =>
  figure === null ? '' : new Decimal(figure).toSignificantDigits(places).toFixed();

const balances = ({ accounts }: Report): string => {
  const masters = accounts.filter(({ role }) => role === 'master');
  const users = accounts.filter(({ role }) => role === 'user');
  const row = (account: Report['accounts'][number]) => [
    account.id,
    account.part,
    account.asOf === undefined ? account.status : `${account.status} (as of ${account.asOf.slice(0, 16)})`,
    cents(account.cash),
    cents(account.held),
    cents(account.equity),
    account.currency,
  ];
  const sum = (rows: typeof accounts, title: string) => {
    const readable = rows.filter(({ equity }) => equity !== null);
    const of = (pick: (account: Report['accounts'][number]) => string | null) =>
      readable.reduce((total, account) => total.plus(cents(pick(account))), new Decimal(0)).toFixed(2);
    return [
      title,
      '',
      `${readable.length} of ${rows.length} read`,
      of(({ cash }) => cash),
      of(({ held }) => held),
      of(({ equity }) => equity),
      'USD',
    ];
  };
  const hidden = users.length - ROWS;
  return table(
    ['account', 'part', 'status', 'cash', 'held', 'equity', ''],
    [
      ...masters.map(row),
      sum(masters, 'master total'),
      ...users.slice(0, ROWS).map(row),
      ...(hidden > 0 ? [[`… ${hidden} more`, '', '', '', '', '', '']] : []),
      sum(users, 'user totals'),
    ],
    [3, 4, 5],
  );
};

const trades = ({ trades: all, copies: rows }: Report): string =>
  table(
    [
      'at (UTC)',
      'side',
      'symbol',
      'quantity',
      'price',
      'copied',
      'skipped',
      'latency p50',
      'worst',
      'slippage p50',
    ],
    all.map((trade) => {
      const own = rows.filter((copy) => copy.trade === trade.id);
      const filled = own.filter(({ state }) => state === 'FILLED');
      const latencies = filled.map(({ latencyMs }) => latencyMs ?? 0).sort((a, b) => a - b);
      const slippages = filled.map(({ slippageBps }) => Number(slippageBps)).sort((a, b) => a - b);
      return [
        trade.at.slice(0, 19).replace('T', ' '),
        trade.side,
        trade.symbol,
        short(trade.quantity, 8),
        short(trade.price, 8),
        String(filled.length),
        reasons(own),
        milliseconds(percentile(latencies, 0.5)),
        milliseconds(latencies.at(-1)),
        percentile(slippages, 0.5) === undefined ? '' : `${percentile(slippages, 0.5)?.toFixed(1)} bp`,
      ];
    }),
    [3, 4, 5, 7, 8, 9],
  );

const milliseconds = (value: number | undefined): string => (value === undefined ? '' : `${value} ms`);

const reasons = (copies: readonly CopyRow[]): string => {
  const counts = new Map<string, number>();
  for (const { state, reason } of copies)
    if (state !== 'FILLED') counts.set(reason ?? state, (counts.get(reason ?? state) ?? 0) + 1);
  return [...counts].map(([reason, count]) => (count === 1 ? reason : `${reason} ×${count}`)).join(', ');
};

const copies = ({ accounts, trades: all, copies: rows }: Report): string => {
  const shown = accounts.filter(({ role }) => role === 'user').slice(0, 5);
  const order = new Map(all.map((trade, index) => [trade.id, index]));
  return table(
    ['account', 'side', 'symbol', 'outcome', 'quantity', 'price', 'latency', 'slippage', 'why not'],
    shown.flatMap(({ id }) =>
      rows
        .filter((copy) => copy.account === id)
        .sort((a, b) => (order.get(a.trade) ?? 0) - (order.get(b.trade) ?? 0))
        .slice(-6)
        .map((copy) => {
          const trade = all.find((candidate) => candidate.id === copy.trade);
          return [
            id,
            trade?.side ?? '',
            trade?.symbol ?? '',
            copy.reason === null ? copy.state : `${copy.state} ${copy.reason}`,
            short(copy.quantity, 8),
            short(copy.price, 8),
            copy.latencyMs === null ? '' : milliseconds(copy.latencyMs),
            copy.slippageBps === null ? '' : `${new Decimal(copy.slippageBps).toFixed(1)} bp`,
            copy.madeGood === null
              ? (copy.detail ?? '').slice(0, 60)
              : `since made good by a check: ${copy.madeGood}`,
          ];
        }),
    ),
    [4, 5, 6, 7],
  );
};

const exits = ({ exits: rows }: Report): string =>
  table(
    ['account', 'symbol', 'state', 'quantity', 'price', 'fees', 'proceeds after fees', ''],
    rows.map((row) => [
      row.account,
      row.symbol,
      row.state,
      short(row.quantity, 8),
      short(row.price, 8),
      cents(row.fees),
      cents(row.proceeds),
      row.detail,
    ]),
    [3, 4, 5, 6],
  );

const CAUSES = { protection: 'stop', owed: 'failed SELL made good' } as const;

const checks = ({ checks: { sales, drifts, ...all } }: Report): string => {
  const rows = [
    ...sales.map(({ at, account, symbol, cause, quantity, price }) => [
      at.slice(0, 19).replace('T', ' '),
      account,
      symbol,
      CAUSES[cause],
      `sold ${short(quantity, 8)} at ${short(price, 8)}`,
    ]),
    ...drifts.map(({ account, symbols, managed, held, missing }) => [
      '',
      account,
      symbols.join(', '),
      'drift',
      `${managed} managed, ${held} held, ${missing} missing`,
    ]),
  ];
  return [
    table(['at (UTC)', 'account', 'symbol', 'what', ''], rows, []),
    `${all.checks} checks in ${all.rounds} rounds, ${all.roundsInOutage} of them with the master gone; one took ${milliseconds(all.medianMs) || '–'} (median), ${milliseconds(all.maxMs) || '–'} at most, up to eight at once.`,
    `While the exchange left ${all.hanging.account} without an answer, ${all.hanging.endedMeanwhile} others ended; only then did it hang up.`,
  ].join('\n');
};

const separation = ({ accounts, evidence }: Report): string => {
  const shown = accounts.slice(0, ROWS + 1);
  const lines = table(
    ['account', 'key fingerprint'],
    shown.map(({ id, keyFingerprint }) => [id, keyFingerprint]),
    [],
  );
  const hidden = accounts.length - shown.length;
  return `${lines}${hidden > 0 ? `\n… ${hidden} more` : ''}\n${evidence['isolation'] ?? ''}`;
};

const NAME_WIDTH = 30;
const LINE_WIDTH = 118;

const guarantees = ({ guarantees: held, evidence }: Report): string =>
  Object.entries(held)
    .map(([name, ok]) => wrapped(`${ok ? '✔' : '✘'} ${name}`.padEnd(NAME_WIDTH), evidence[name] ?? ''))
    .join('\n');

/** The text beside its title, broken between words, its lines aligned. */
const wrapped = (title: string, shown: string): string => {
  const lines: string[] = [];
  let line = title;
  for (const word of shown.split(' ')) {
    if (line.length + word.length + 1 > LINE_WIDTH && line.trim() !== '') {
      lines.push(line);
      line = ' '.repeat(title.length);
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
};

const footer = ({ ok, timings, outage }: Report): string =>
  [
    `${timings.candles} candles, seed ${timings.seed}; latency from the master's fill to the copy's order p50 ${timings.copyLatencyP50Ms ?? '–'} ms, p99 ${timings.copyLatencyP99Ms ?? '–'} ms.`,
    `Master: ${outage.masterError}`,
    `Took ${(timings.totalMs / 1000).toFixed(1)} s: boot ${timings.bootMs} ms, registration ${timings.registerMs} ms, trading ${timings.tradingMs} ms, outage ${timings.outageMs} ms.`,
    ok ? 'Every guarantee held.' : 'NOT every guarantee held: see ✘ above.',
  ].join('\n');
