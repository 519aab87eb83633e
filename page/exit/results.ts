import { type Html, html } from '../markup/html.ts';
import { money, price, quantity } from '../parts/figures.ts';
import { mark, type Tone } from '../parts/mark.ts';
import { nothing } from '../parts/section.ts';
import { table } from '../parts/table.ts';
import type { ShownExit } from './exit-report.ts';

type Result = ShownExit['results'][number];

const STATES: Readonly<Record<Result['state'], readonly [Tone, string]>> = {
  SOLD: ['good', 'sold'],
  FLAT: ['good', 'nothing to sell'],
  DUST: ['quiet', 'too little to sell'],
  STAKED: ['warn', 'staked'],
  DELISTED: ['warn', 'delisted'],
  WOULD_SELL: ['quiet', 'would be sold'],
  FAILED: ['bad', 'not sold'],
};

/** Symbol by symbol: what was, or would be, sold. */
export const exitResults = ({ results, notes, canceledOrders, state }: ShownExit): Html => html`
${
  results.length === 0
    ? nothing('There is nothing to sell.')
    : table({
        caption: state === 'PLANNED' ? 'What would be sold now' : 'What was sold',
        columns: [
          { label: 'Symbol' },
          { label: 'Outcome', kind: 'wide' },
          { label: 'Quantity', kind: 'figure' },
          { label: 'Price', kind: 'figure' },
          { label: 'Proceeds', kind: 'figure' },
          { label: 'Left', kind: 'figure' },
        ],
        rows: results.map((result) => {
          const [tone, words] = STATES[result.state];
          return [
            result.symbol,
            html`${mark(tone, words)} <span class="small">${result.detail}</span>`,
            quantity(result.quantity),
            result.price === undefined ? html`<span class="quiet">none</span>` : price(result.price),
            money(result.proceeds),
            quantity(result.left),
          ];
        }),
      })
}
${canceledOrders.length === 0 ? undefined : html`<p>Open orders cancelled first: ${canceledOrders.length}.</p>`}
${notes.map((note) => html`<p class="quiet">${note}</p>`)}`;
