import type { ViewAnswerOf } from '../../shared/reporting/view-contract.ts';
import { type Html, html, type Part } from '../markup/html.ts';
import { basisPoints, duration, moment } from '../parts/figures.ts';
import { nothing } from '../parts/section.ts';
import { table } from '../parts/table.ts';
import { histogram } from '../plot/histogram.ts';

type Answer = ViewAnswerOf<'distribution'>;

/** How late copies come, and at how much worse a price: as pictures and as figures. */
export const distributions = (answer: Answer): Html => {
  const { since, complete, copies, outcomes, orderLatencyMs, fillLatencyMs, slippageBps } = answer;
  const lead = html`<p class="lead quiet">${copies} copies of trades since ${moment(since)}${complete ? '' : '; there were more before, the newest are counted'}.</p>`;
  if (copies === 0) return lead;
  return html`${lead}
<div class="curves two">
${
  orderLatencyMs === null
    ? nothing('No copy was filled.')
    : html`<figure><figcaption><h3>Latency</h3><p class="quiet small">From the master’s fill to the order sent</p></figcaption>${histogram(
        {
          description: `Latency of ${orderLatencyMs.count} copies: median ${duration(orderLatencyMs.median)}, 95 % within ${duration(orderLatencyMs.p95)}`,
          values: orderLatencyMs.values,
          label: duration,
          counted: 'copies',
        },
      )}</figure>`
}
${
  slippageBps === null
    ? undefined
    : html`<figure><figcaption><h3>Slippage</h3><p class="quiet small">Against the master’s price; above 0 is worse</p></figcaption>${histogram(
        {
          description: `Slippage of ${slippageBps.count} copies in basis points: median ${slippageBps.median}, 95 % at most ${slippageBps.p95}`,
          values: slippageBps.values.map(Number),
          label: (value) => `${value < 0 ? '−' : ''}${Math.abs(value)} bp`,
          counted: 'copies',
        },
      )}</figure>`
}
</div>
${table({
  caption: 'The same in figures',
  columns: [
    { label: 'Figure' },
    { label: 'Copies', kind: 'figure' },
    { label: 'Least', kind: 'figure' },
    { label: 'Median', kind: 'figure' },
    { label: '95 % within', kind: 'figure' },
    { label: 'Most', kind: 'figure' },
  ],
  rows: [
    ...spread('Order sent after', orderLatencyMs, duration),
    ...spread('Filled after', fillLatencyMs, duration),
    ...spread('Slippage', slippageBps, basisPoints),
  ],
})}
${table({
  caption: 'How copies ended',
  narrow: true,
  columns: [{ label: 'Outcome' }, { label: 'Copies', kind: 'figure' }],
  rows: Object.entries(outcomes)
    .sort(([, one], [, other]) => other - one)
    .map(([outcome, count]) => [html`<code>${outcome}</code>`, count]),
})}`;
};

interface Spread<Figure> {
  readonly count: number;
  readonly min: Figure;
  readonly median: Figure;
  readonly p95: Figure;
  readonly max: Figure;
}

const spread = <Figure>(
  name: string,
  figures: Spread<Figure> | null,
  shown: (figure: Figure) => Part,
): readonly (readonly Part[])[] =>
  figures === null
    ? []
    : [
        [
          name,
          figures.count,
          shown(figures.min),
          shown(figures.median),
          shown(figures.p95),
          shown(figures.max),
        ],
      ];
