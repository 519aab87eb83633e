import { type Html, html } from '../markup/html.ts';
import { axisMoment, growth } from '../parts/figures.ts';
import { table } from '../parts/table.ts';
import { linePlot } from '../plot/line-plot.ts';
import { LOOKS } from '../plot/size.ts';
import type { Curve } from './curves.ts';

/** Masters first: what the others are compared with. More curves than looks would look alike. */
const shown = (curves: readonly Curve[]): readonly Curve[] =>
  [...curves]
    .sort((one, other) => Number(other.role === 'master') - Number(one.role === 'master'))
    .slice(0, LOOKS);

/** Growth since the first point, deposits and withdrawals left out: accounts of any size in one plot. */
export const rebased = (curves: readonly Curve[]): Html => {
  const lines = shown(curves);
  const left = curves.length - lines.length;
  const unsure = lines.filter(({ unknownFlows }) => unknownFlows === true);
  return html`
<figure><figcaption><h3>Growth, all from 0&nbsp;%</h3>
<p class="quiet small">Without deposits and withdrawals.${
    left > 0 ? ` ${left} more accounts of this page have their own curve below.` : ''
  }${
    unsure.length > 0
      ? ` Of ${unsure.map(({ accountId }) => accountId).join(', ')} it is not known for some time what came and left: what trading brought or cost then is missing from the growth.`
      : ''
  }</p></figcaption>
${linePlot({
  description: `Growth of ${lines.length} accounts: ${lines.map((line) => `${line.accountId} ${growthOf(line)}`).join(', ')}`,
  lines: lines.map(({ accountId, points }, look) => ({
    name: accountId,
    look,
    // A coordinate.
    points: points.map(({ at, index }) => ({ at, value: (Number(index) - 1) * 100 })),
  })),
  label: (value) => `${value < 0 ? '−' : ''}${Number(Math.abs(value).toFixed(3))} %`,
  moment: axisMoment,
  reference: 0,
  size: 'large',
})}
${table({
  caption: 'Growth by account',
  narrow: true,
  columns: [
    { label: 'Account' },
    { label: 'Growth', kind: 'figure' },
    { label: 'Lowest', kind: 'figure' },
    { label: 'Highest', kind: 'figure' },
  ],
  rows: lines.map((line, look) => [
    html`${swatch(look)}${line.accountId}`,
    growthOf(line),
    ...extremes(line).map(growth),
  ]),
})}</figure>`;
};

const swatch = (look: number): Html =>
  html`<svg class="swatch" viewBox="0 0 36 10" aria-hidden="true"><path class="line look-${look}" d="M1 5H35"/></svg>`;

const growthOf = ({ points }: Curve): string => growth(points.at(-1)?.index ?? '1');

const extremes = ({ points }: Curve): readonly [string, string] => {
  const sorted = points.map(({ index }) => index).sort((one, other) => Number(one) - Number(other));
  return [sorted[0] ?? '1', sorted.at(-1) ?? '1'];
};
