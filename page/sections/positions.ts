import type { Level, PositionView } from '../../shared/reporting/contract/position-answer.ts';
import type { ViewAnswerOf } from '../../shared/reporting/view-contract.ts';
import { type Html, html, type Part } from '../markup/html.ts';
import { ago, difference, moment, money, percent, price, quantity } from '../parts/figures.ts';
import { mark, type Tone } from '../parts/mark.ts';
import { failing, nothing } from '../parts/section.ts';
import { table } from '../parts/table.ts';

type Answer = ViewAnswerOf<'positions'>;
type Held = Extract<Answer['accounts'][number], { readable: true }>;

/** What Nija has bought and still holds, with the prices at which it sells by itself. */
export const positionTable = ({ accounts, page }: Answer, now: number): Html => {
  const held = accounts.filter((account): account is Held => account.readable);
  const rows = held.flatMap((account) => account.positions.map((position) => row(account, position, now)));
  return html`
${accounts.map((account) => {
  if (!account.readable) return html`<p><strong>${account.accountId}</strong></p>${failing(account.why)}`;
  return [
    account.levelsUnreadable === undefined
      ? undefined
      : html`<p><strong>${account.accountId}</strong> ${mark('bad', 'Stops not readable')} ${account.levelsUnreadable}</p>`,
    account.unjudgedUnreadable === undefined
      ? undefined
      : html`<p><strong>${account.accountId}</strong> ${mark('bad', 'Not known whether stops are judged')} ${account.unjudgedUnreadable}</p>`,
  ];
})}
${
  rows.length === 0
    ? nothing(none(accounts.length, held.length, page))
    : table({
        caption: 'Prices are the last that the ledger knows; stops are judged by the price at the exchange.',
        columns: [
          { label: 'Position' },
          { label: 'Quantity', kind: 'figure' },
          { label: 'Average cost', kind: 'figure' },
          { label: 'Last price', kind: 'figure' },
          { label: 'Value', kind: 'figure' },
          { label: 'Unrealised', kind: 'figure' },
          { label: 'Stops and targets', kind: 'wide' },
        ],
        rows,
      })
}`;
};

const none = (accounts: number, readable: number, { next }: Answer['page']): string => {
  if (readable === 0 && accounts > 0) return 'No positions could be read.';
  if (readable < accounts) return 'No positions are open in the accounts that could be read.';
  return next === undefined
    ? 'No positions are open.'
    : 'No positions are open in the accounts of this page.';
};

const row = (account: Held, position: PositionView, now: number): readonly Part[] => [
  html`${position.symbol}<br><span class="quiet small">${account.accountId}, since ${ago(position.openedAt, now)}</span>`,
  quantity(position.quantity),
  position.averageCost === undefined
    ? html`<span class="quiet">not known</span>`
    : price(position.averageCost),
  position.price.known
    ? html`${price(position.price.price)}<br><span class="quiet small">${ago(position.price.at, now)}</span>`
    : html`${mark('warn', 'not known')} <span class="small why">${position.price.why}</span>`,
  position.value === undefined
    ? html`<span class="quiet">not known</span>`
    : html`${money(position.value)} ${account.quoteCurrency}`,
  position.unrealised === undefined
    ? html`<span class="quiet">not known</span>`
    : difference(position.unrealised),
  html`${watch(account, position, now)}${levels(account, position)}`,
];

const watch = (account: Held, { unjudged, selling }: PositionView, now: number): Part => [
  account.unjudgedUnreadable === undefined
    ? undefined
    : html`<p>${mark('bad', 'could not be read')} <span class="small">whether anything judges these</span></p>`,
  selling === undefined
    ? undefined
    : html`<p>${mark('warn', 'being sold')} <span class="small">${selling}</span></p>`,
  unjudged === undefined
    ? undefined
    : html`<p>${mark('bad', 'not protected')} <span class="small">${unjudged.why}, since ${ago(unjudged.since, now)}</span></p>`,
];

const levels = (account: Held, { levels: known, levelsUnreadable: why }: PositionView): Html => {
  if (account.levelsUnreadable !== undefined) return mark('bad', 'could not be read');
  if (why !== undefined) return html`${mark('bad', 'could not be read')} <span class="small">${why}</span>`;
  if (known.length === 0) return html`<span class="quiet">none set</span>`;
  return html`<ul class="levels small">${known.map((level) => html`<li>${levelText(level)}</li>`)}</ul>`;
};

const NAMES: Readonly<Record<Level['kind'], string>> = {
  stop: 'Stop',
  'trailing-stop': 'Trailing stop',
  'take-profit': 'Target',
  'max-holding': 'Sold at the latest',
};
const TONES: Readonly<Record<Level['state'], Tone>> = {
  waiting: 'quiet',
  armed: 'good',
  reached: 'warn',
  done: 'quiet',
  off: 'bad',
};

const levelText = ({ kind, state, price: at, until, sell, detail }: Level): Html => html`
${NAMES[kind]} ${at === undefined ? undefined : html`<strong>${price(at)}</strong>`} ${
  until === undefined ? undefined : moment(until)
} ${sell === undefined ? undefined : `(${percent(sell)})`} ${mark(TONES[state], state)} <span class="quiet">${detail}</span>`;
