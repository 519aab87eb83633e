import { Decimal } from 'decimal.js';
import { copiesTable, tradesTable } from './copy-tables.ts';
import { cents, milliseconds, minute, short } from './figures.ts';
import type { Report } from './report.ts';
import { table } from './table.ts';
import { beside, wrap } from './wrap.ts';

/** With more users than these, tables show the first and count the rest. */
const ROWS = 12;

/** Narrower than this, lines are broken by the terminal. */
const LEAST_WIDTH = 80;

/**
 * The report for a person.
 *
 * @param columns of the terminal
 */
export const renderReport = (report: Report, columns: number): string => {
  const width = Math.max(LEAST_WIDTH, columns);
  return [
    heading('Balances in USD, read while the master is gone'),
    balances(report, width),
    heading("The master's trades, and what became of their copies"),
    tradesTable(report, width),
    heading('The last copies of the first five accounts'),
    copiesTable(report, width),
    heading('Exit while the master is gone and everything is halted'),
    exits(report, width),
    heading('What the checks of users did'),
    checks(report, width),
    heading('Proof of separation'),
    separation(report, width),
    heading('Guarantees, judged by the books of the exchange'),
    guarantees(report, width),
    '',
    footer(report, width),
    '',
  ].join('\n');
};

const heading = (title: string): string => `\n${title}\n${'─'.repeat(title.length)}`;

type Account = Report['accounts'][number];

const balances = ({ accounts }: Report, width: number): string => {
  const masters = accounts.filter(({ role }) => role === 'master');
  const users = accounts.filter(({ role }) => role === 'user');
  const hidden = users.length - ROWS;
  const lastKnown = accounts.flatMap(({ id, asOf }) =>
    asOf === undefined
      ? []
      : [`${id} cannot be read: its figures are the last known, of ${minute(asOf)} UTC.`],
  );
  return [
    table(
      ['account', 'part', 'status', 'cash', 'in orders', 'coins', 'equity'],
      [
        ...masters.map(balanceRow),
        sumOf(masters, 'master total'),
        ...users.slice(0, ROWS).map(balanceRow),
        ...(hidden > 0 ? [[`… ${hidden} more`, '', '', '', '', '', '']] : []),
        sumOf(users, 'user totals'),
      ],
      [3, 4, 5, 6],
      width,
    ),
    ...lastKnown,
  ].join('\n');
};

const balanceRow = (account: Account): readonly string[] => [
  account.id,
  account.part,
  account.status,
  cents(account.cash),
  cents(account.held),
  cents(coinsOf(account)),
  cents(account.equity),
];

/** What the coins of an account are worth. */
const coinsOf = ({ cash, held, equity }: Account): string | null =>
  cash === null || held === null || equity === null
    ? null
    : new Decimal(equity).minus(cash).minus(held).toFixed();

/** Last known figures are summed, too, but were not read. */
const sumOf = (accounts: readonly Account[], title: string): readonly string[] => {
  const known = accounts.filter(({ equity }) => equity !== null);
  const read = known.filter(({ asOf }) => asOf === undefined);
  const of = (pick: (account: Account) => string | null) =>
    known.reduce((total, account) => total.plus(cents(pick(account))), new Decimal(0)).toFixed(2);
  return [
    title,
    `${read.length} of ${accounts.length} read${read.length < known.length ? ', last known' : ''}`,
    '',
    of(({ cash }) => cash),
    of(({ held }) => held),
    of(coinsOf),
    of(({ equity }) => equity),
  ];
};

const exits = ({ exits: rows }: Report, width: number): string =>
  table(
    ['account', 'symbol', 'state', 'quantity', 'price', 'fees', 'after fees', ''],
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
    width,
  );

const CAUSES = { protection: 'stop', owed: 'failed SELL made good' } as const;

const checks = ({ checks: { sales, drifts, ...all } }: Report, width: number): string => {
  const rows = [
    ...sales.map(({ at, account, symbol, cause, quantity, price }) => [
      minute(at),
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
    table(['at (UTC)', 'account', 'symbol', 'what', ''], rows, [], width),
    ...wrap(
      `${all.checks} checks in ${all.rounds} rounds, ${all.roundsInOutage} of them with the master gone; one took ${milliseconds(all.medianMs) || '–'} (median), ${milliseconds(all.maxMs) || '–'} at most, up to eight at once.`,
      width,
    ),
    ...wrap(
      `While the exchange left ${all.hanging.account} without an answer, ${all.hanging.endedMeanwhile} others ended; only then did it hang up.`,
      width,
    ),
  ].join('\n');
};

const separation = ({ accounts, evidence }: Report, width: number): string => {
  const shown = accounts.slice(0, ROWS + 1);
  const lines = table(
    ['account', 'key fingerprint'],
    shown.map(({ id, keyFingerprint }) => [id, keyFingerprint]),
    [],
    width,
  );
  const hidden = accounts.length - shown.length;
  return `${lines}${hidden > 0 ? `\n… ${hidden} more` : ''}\n${wrap(evidence['isolation'] ?? '', width).join('\n')}`;
};

const NAME_WIDTH = 31;

const guarantees = ({ guarantees: held, evidence }: Report, width: number): string =>
  Object.entries(held)
    .map(([name, ok]) => beside(`${ok ? '✔' : '✘'} ${name}`.padEnd(NAME_WIDTH), evidence[name] ?? '', width))
    .join('\n');

const footer = ({ ok, timings, outage }: Report, width: number): string =>
  [
    `${timings.candles} candles, seed ${timings.seed}; latency from the master's fill to the copy's order p50 ${timings.copyLatencyP50Ms ?? '–'} ms, p99 ${timings.copyLatencyP99Ms ?? '–'} ms.`,
    outage.masterReachable
      ? 'The master was to be taken away, but its tick succeeded.'
      : `The master was taken away on purpose; its tick says: ${outage.masterError}`,
    `Took ${(timings.totalMs / 1000).toFixed(1)} s: boot ${timings.bootMs} ms, registration ${timings.registerMs} ms, trading ${timings.tradingMs} ms, outage ${timings.outageMs} ms.`,
    ok ? 'Every guarantee held.' : 'NOT every guarantee held: see ✘ above.',
  ]
    .flatMap((line) => wrap(line, width))
    .join('\n');
