import { type Amount, text } from '../money/money.ts';
import { iso } from '../time/clock.ts';
import type { Statement } from './statement.ts';

/** A cell: decimals are exact, moments in UTC; what is absent is empty. */
type Cell = string | number | Amount | undefined;
type Row = readonly Cell[];

interface Section {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/**
 * The whole statement as CSV (RFC 4180: commas, CRLF, quotes doubled, as many fields in each line). The first field
 * names the section, the second is `columns` in the line that names its columns, else the number of the row. A text
 * that a spreadsheet would run as a formula is written as a text; figures are not touched.
 */
export const statementCsv = (statement: Statement): string => {
  const lines = sectionsOf(statement).flatMap(({ name, columns, rows }): readonly Row[] => [
    [name, 'columns', ...columns],
    ...rows.map((row, index) => [name, index + 1, ...row]),
  ]);
  const width = lines.reduce((widest, { length }) => Math.max(widest, length), 0);
  return lines.map((row) => line(row, width)).join('');
};

const line = (row: Row, width: number): string =>
  `${Array.from({ length: width }, (_, index) => cell(row[index])).join(',')}\r\n`;

const cell = (value: Cell): string => {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? quoted(harmless(value)) : text(value);
};

/** Spreadsheets take what begins like this for a formula, and look past blanks and line breaks before it. */
const FORMULA = /^[\s\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u;
const harmless = (value: string): string => (FORMULA.test(value) ? `'${value}` : value);
const quoted = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

const sectionsOf = (statement: Statement): readonly Section[] => [
  { name: 'statement', columns: ['figure', 'value'], rows: headOf(statement) },
  {
    name: 'parts',
    columns: ['part', statement.currency],
    rows: [
      ...statement.parts.map(({ part, amount }): Row => [part, amount]),
      ['change in equity', statement.equity.change],
    ],
  },
  { name: 'tracking', columns: ['figure', 'value'], rows: tracking(statement) },
  ...profitShare(statement),
  {
    name: 'flows',
    columns: ['kind', 'at', 'asset', 'amount', 'value'],
    rows: statement.flows.map(({ kind, at, asset, amount, value }) => [kind, iso(at), asset, amount, value]),
  },
  {
    name: 'positions',
    columns: ['symbol', 'quantity', 'cost', 'fees paid', 'price', 'value', 'unrealised'],
    rows: statement.positions.map(({ symbol, quantity, cost, fees, price, value, unrealised }) => [
      symbol,
      quantity,
      cost,
      fees,
      price,
      value,
      unrealised,
    ]),
  },
  trades(statement),
  copies(statement),
  {
    name: 'handed over',
    columns: ['symbol', 'at', 'units', 'value', 'reason', 'why'],
    rows: statement.handOvers.map(({ symbol, at, units, value, reason, why }) => [
      symbol,
      iso(at),
      units,
      value,
      reason,
      why,
    ]),
  },
  { name: 'notes', columns: ['note'], rows: statement.notes.map((note) => [note]) },
];

const headOf = (statement: Statement): readonly Row[] => {
  const { accountId, month, method, currency, follows, period, equity, realised, result } = statement;
  return [
    ['account', accountId],
    ['month', month],
    ['method', method],
    ['currency', currency],
    ['follows', follows],
    ['opened at', iso(period.openedAt)],
    ['closed at', iso(period.closedAt)],
    ['opening equity', equity.opening],
    ['closing equity', equity.closing],
    ["result of Nija's trades after fees", result],
    ['realised before fees', realised.beforeFees],
    ['fees of what was realised', realised.fees],
    ['realised after fees', realised.afterFees],
  ];
};

const tracking = ({ tracking: told }: Statement): readonly Row[] =>
  told.known
    ? [
        ['account bp', told.accountBps],
        ['master bp', told.masterBps],
        ['difference bp', told.differenceBps],
        ...told.causes.map(({ cause, bps }): Row => [`by ${cause} bp`, bps]),
      ]
    : [['not known', told.why]];

const profitShare = ({ profitShare: share }: Statement): readonly Section[] =>
  share === undefined
    ? []
    : [
        {
          name: 'profit share, shown and never taken',
          columns: ['figure', 'value'],
          rows: [
            ['rate', share.rate],
            ['profit before', share.before],
            ['profit after', share.after],
            ['high-water mark before', share.markBefore],
            ['high-water mark after', share.markAfter],
            ['above the mark', share.above],
            ['share', share.share],
          ],
        },
      ];

const trades = (statement: Statement): Section => ({
  name: 'trades',
  columns: [
    'id',
    'at',
    'symbol',
    'side',
    'quantity',
    'price',
    'cost',
    'fee asset',
    'fee amount',
    'fee value',
    'made by',
    'profit before fees',
    'fees of buying and selling',
    'profit after fees',
  ],
  rows: statement.trades.map(
    ({ fillId, at, symbol, side, quantity, price, cost, fee, origin, profit }): Row => [
      fillId,
      iso(at),
      symbol,
      side,
      quantity,
      price,
      cost,
      fee.asset,
      fee.amount,
      fee.value,
      origin,
      profit?.beforeFees,
      profit?.fees,
      profit?.afterFees,
    ],
  ),
});

const copies = (statement: Statement): Section => ({
  name: 'copies',
  columns: [
    'trade',
    'at',
    'symbol',
    'side',
    'state',
    'reason',
    "master's price",
    'quantity',
    'price',
    'fees',
    'ms to the order',
    'ms to the fill',
    'slippage bp',
  ],
  rows: statement.copies.map(
    (copy): Row => [
      copy.tradeId,
      iso(copy.at),
      copy.symbol,
      copy.side,
      copy.state,
      copy.reason,
      copy.masterPrice,
      copy.quantity,
      copy.price,
      copy.fees,
      copy.orderLatencyMs,
      copy.fillLatencyMs,
      copy.slippageBps,
    ],
  ),
});
