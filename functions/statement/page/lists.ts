import { type Html, html, type Part } from '../../../page/markup/html.ts';
import {
  basisPoints,
  difference,
  duration,
  moment,
  money,
  price,
  quantity,
} from '../../../page/parts/figures.ts';
import { nothing, section } from '../../../page/parts/section.ts';
import { type Column, table } from '../../../page/parts/table.ts';
import { type Amount, text } from '../../../shared/money/money.ts';
import type { CopyLine, Statement, TradeLine } from '../../../shared/statement/statement.ts';
import { ORIGIN_WORDS } from './words.ts';

const figure = (label: string): Column => ({ label, kind: 'figure' });
/** What is absent leaves its cell empty. */
const shown = <A extends Amount>(amount: A | undefined, as: (text: string) => Html): Part =>
  amount === undefined ? undefined : as(text(amount));

export const positionsSection = ({ positions }: Statement): Html =>
  section(
    { id: 'positions', title: 'Positions at the end' },
    positions.length === 0
      ? nothing('None.')
      : table({
          caption: 'Cost and fees of what is held',
          narrow: true,
          columns: [
            { label: 'Symbol' },
            ...['Quantity', 'Cost', 'Fees paid', 'Price', 'Value', 'Unrealised'].map(figure),
          ],
          rows: positions.map((position) => [
            position.symbol,
            quantity(text(position.quantity)),
            money(text(position.cost)),
            money(text(position.fees)),
            shown(position.price, price),
            money(text(position.value)),
            difference(text(position.unrealised)),
          ]),
        }),
  );

export const flowsSection = ({ flows, handOvers }: Statement): Html =>
  section(
    { id: 'flows', title: 'Deposits and withdrawals' },
    flows.length === 0
      ? nothing('None.')
      : table({
          caption: 'As they were noticed, at the prices of then',
          narrow: true,
          columns: [
            { label: 'What' },
            { label: 'When' },
            { label: 'Asset' },
            figure('Amount'),
            figure('Value'),
          ],
          rows: flows.map(({ kind, at, asset, amount, value }) => [
            kind === 'DEPOSIT' ? 'Deposit' : 'Withdrawal',
            moment(at),
            asset,
            quantity(text(amount)),
            shown(value, money),
          ]),
        }),
    handOvers.length === 0
      ? undefined
      : table({
          caption: 'Coins that passed between the owner and Nija',
          narrow: true,
          columns: [
            { label: 'Symbol' },
            { label: 'When' },
            figure('Units'),
            figure('Value'),
            { label: 'Why', kind: 'wide' },
          ],
          rows: handOvers.map(({ symbol, at, units, value, reason, why }) => [
            symbol,
            moment(at),
            quantity(text(units)),
            money(text(value)),
            `${reason}: ${why}`,
          ]),
        }),
  );

export const tradesSection = ({ trades }: Statement): Html =>
  section(
    { id: 'trades', title: 'Trades' },
    trades.length === 0
      ? nothing('None.')
      : table({
          caption: `${trades.length} executions`,
          narrow: true,
          columns: [
            { label: 'When' },
            { label: 'Symbol' },
            { label: 'Side' },
            ...['Quantity', 'Price', 'Cost', 'Fee'].map(figure),
            { label: 'Made by' },
            figure('Profit after fees'),
          ],
          rows: trades.map(tradeRow),
        }),
  );

const tradeRow = (trade: TradeLine): readonly Part[] => [
  moment(trade.at),
  trade.symbol,
  trade.side,
  quantity(text(trade.quantity)),
  price(text(trade.price)),
  money(text(trade.cost)),
  money(text(trade.fee.value)),
  ORIGIN_WORDS[trade.origin],
  shown(trade.profit?.afterFees, difference),
];

export const copiesSection = ({ copies }: Statement): Html => {
  const count = (state: CopyLine['state']) => copies.filter((copy) => copy.state === state).length;
  return section(
    { id: 'copies', title: 'Copies' },
    html`<p class="lead">${count('FILLED')} filled, ${count('SKIPPED')} skipped, ${count('FAILED')} failed, ${count('OPEN')} not ended.</p>`,
    table({
      caption: 'Each trade of the master, and how it ended here',
      narrow: true,
      columns: [
        { label: 'When' },
        { label: 'Symbol' },
        { label: 'Side' },
        { label: 'Outcome' },
        ...['Quantity', 'Price', 'Latency', 'Slippage'].map(figure),
      ],
      rows: copies.map((copy) => [
        moment(copy.at),
        copy.symbol,
        copy.side,
        copy.reason === undefined ? copy.state : `${copy.state}: ${copy.reason}`,
        shown(copy.quantity, quantity),
        shown(copy.price, price),
        copy.fillLatencyMs === undefined ? undefined : duration(copy.fillLatencyMs),
        shown(copy.slippageBps, basisPoints),
      ]),
    }),
  );
};
