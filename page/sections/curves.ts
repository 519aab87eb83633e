import type { ViewAnswerOf } from '../../shared/reporting/view-contract.ts';
import { type Html, html } from '../markup/html.ts';
import { axisFigure, axisMoment, moment, money } from '../parts/figures.ts';
import { mark } from '../parts/mark.ts';
import { nothing } from '../parts/section.ts';
import { linePlot } from '../plot/line-plot.ts';
import { rebased } from './rebased.ts';

type Answer = ViewAnswerOf<'equity'>;
export type Curve = Extract<Answer['accounts'][number], { readable: true }>;

/** All curves together from one start, then each by itself in its own currency. */
export const equityCurves = ({ accounts, from, to }: Answer): Html => {
  const curves = accounts.filter((account): account is Curve => account.readable);
  const drawn = curves.filter(({ points }) => points.length > 0);
  return html`
<p class="lead quiet">From ${moment(from)} to ${moment(to)}.</p>
${drawn.length === 0 ? nothing('Nothing was measured in this time.') : rebased(drawn)}
<ul class="curves cards">${accounts.map((account) =>
    account.readable
      ? ownCurve(account)
      : html`<li class="card"><h3>${account.accountId}</h3><p>${mark('bad', 'Not readable')} ${account.why}</p></li>`,
  )}</ul>`;
};

const ownCurve = ({ accountId, role, points, flows }: Curve): Html => {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined)
    return html`<li class="card"><h3>${accountId}</h3>${nothing('Nothing was measured in this time.')}</li>`;
  return html`
<li class="card"><figure><figcaption><h3>${accountId} <span class="quiet small">${role}</span></h3>
<p class="small"><span class="quiet">from</span> ${money(first.equity)} <span class="quiet">to</span> <strong>${money(last.equity)}</strong>${
    flows.length === 0
      ? ''
      : html`<span class="quiet">, with ${flows.length} deposit${flows.length === 1 ? '' : 's'} or withdrawal${flows.length === 1 ? '' : 's'}</span>`
  }</p></figcaption>${linePlot({
    description: `Equity of ${accountId}: ${first.equity} at first, ${last.equity} at last`,
    lines: [
      {
        name: accountId,
        look: 0,
        // A coordinate.
        points: points.map(({ at, equity }) => ({ at, value: Number(equity) })),
      },
    ],
    label: axisFigure,
    moment: axisMoment,
    size: 'small',
  })}</figure></li>`;
};
