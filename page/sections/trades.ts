import type { CopyView, TradeView } from '../../shared/reporting/contract/trade-answer.ts';
import type { ViewAnswerOf } from '../../shared/reporting/view-contract.ts';
import { type Html, html, type Part } from '../markup/html.ts';
import { basisPoints, duration, moment, price, quantity } from '../parts/figures.ts';
import { mark, type Tone } from '../parts/mark.ts';
import { nothing } from '../parts/section.ts';
import { table } from '../parts/table.ts';

type Answer = ViewAnswerOf<'trades'>;
type Readable = Extract<TradeView, { readable: true }>;

/** The latest trades of all masters; each opens to what became of it in every account. */
export const tradeList = ({ trades, failing, next }: Answer): Html => html`
${failing.map(
  ({ accountId, why }) =>
    html`<p>${mark('bad', 'Not readable')} Trades of <strong>${accountId}</strong>: ${why}</p>`,
)}
${
  trades.length === 0
    ? nothing(failing.length === 0 ? 'No trades yet.' : 'No trades of the masters that could be read.')
    : html`<div class="trades">${trades.map(trade)}</div>`
}${next === undefined ? undefined : html`<p class="quiet">These are the newest ${trades.length}; there are older ones. <code>nija trades</code> lists them.</p>`}`;

const trade = (view: TradeView): Html =>
  view.readable
    ? html`
<details><summary><span class="trade">${moment(view.at)} <strong>${view.side} ${view.symbol}</strong> <span>${quantity(view.quantity)} at ${price(view.price)}</span> <span class="quiet">${view.masterId}</span> ${counts(view)}</span></summary>
<div class="inside">${copies(view)}</div></details>`
    : html`
<p>${mark('bad', 'Not readable')} A trade of <strong>${view.masterId}</strong>, ${moment(view.at)}: ${view.why}</p>`;

const counts = ({ copies: of }: Readable): Html => {
  if (of === undefined) return html`<span class="quiet">copies not read</span>`;
  const { filled, skipped, failed, open, unreadable } = of.counts;
  const told = [
    filled > 0 ? mark('good', `${filled} filled`) : undefined,
    skipped > 0 ? mark('quiet', `${skipped} skipped`) : undefined,
    failed > 0 ? mark('bad', `${failed} failed`) : undefined,
    open > 0 ? mark('warn', `${open} open`) : undefined,
    unreadable > 0 ? mark('bad', `${unreadable} not readable`) : undefined,
  ].filter((part) => part !== undefined);
  const whose = of.next === undefined ? undefined : html`<span class="quiet">${OF_FIRST}</span>`;
  return told.length === 0
    ? html`<span class="quiet">no copies</span> ${whose}`
    : html`${told.map((part) => html`${part} `)}${whose}`;
};

/** Counts and lists are then of those alone. */
const OF_FIRST = 'among the first accounts';

const copies = (view: Readable): Html => {
  if (view.copies === undefined) return nothing('The copies of this trade could not be read.');
  const { list, next } = view.copies;
  if (list.length === 0 && next === undefined)
    return nothing('Nobody followed this master then, or it is not handed out yet.');
  const rest =
    next === undefined
      ? undefined
      : html`<p>${mark('warn', 'not all accounts')} <code>nija copies ${view.tradeId} --master ${view.masterId}</code> lists the copies of all.</p>`;
  if (list.length === 0) return html`${nothing(`No copies ${OF_FIRST}.`)}${rest}`;
  return html`${table({
    caption: `Copies of ${view.side} ${view.symbol}${next === undefined ? '' : `, ${OF_FIRST}`}`,
    columns: [
      { label: 'Account' },
      { label: 'Outcome', kind: 'wide' },
      { label: 'Filled', kind: 'figure' },
      { label: 'Price', kind: 'figure' },
      { label: 'Order after', kind: 'figure' },
      { label: 'Fill after', kind: 'figure' },
      { label: 'Slippage', kind: 'figure' },
    ],
    rows: list.map(row),
  })}${rest}`;
};

const OUTCOMES: Readonly<Record<CopyView['outcome'], readonly [Tone, string]>> = {
  FILLED: ['good', 'filled'],
  SKIPPED: ['quiet', 'skipped'],
  FAILED: ['bad', 'failed'],
  OPEN: ['warn', 'open'],
  UNREADABLE: ['bad', 'not readable'],
};

const row = (copy: CopyView): readonly Part[] => {
  const [tone, words] = OUTCOMES[copy.outcome];
  return [
    copy.accountId,
    html`${mark(tone, words)} ${copy.reason === undefined ? undefined : html`<code>${copy.reason}</code>`} <span class="quiet small">${copy.detail}</span>${owed(copy)}`,
    copy.filled === undefined ? none : quantity(copy.filled),
    copy.price === undefined ? none : price(copy.price),
    copy.orderLatencyMs === undefined ? none : duration(copy.orderLatencyMs),
    copy.fillLatencyMs === undefined ? none : duration(copy.fillLatencyMs),
    copy.slippageBps === undefined ? none : basisPoints(copy.slippageBps),
  ];
};

const none = html`<span class="quiet">–<span class="unseen"> none</span></span>`;

const owed = ({ owed: sale }: CopyView): Part => {
  if (sale === undefined) return undefined;
  return sale.madeGood === undefined
    ? html`<br>${mark('warn', 'sale owed')} <span class="small">${
        sale.remaining === undefined ? 'how much is not known' : quantity(sale.remaining)
      } left after ${sale.tries} tries: ${sale.lastReason}</span>`
    : html`<br>${mark('good', 'made good')} <span class="small">${sale.madeGood.detail}</span>`;
};
