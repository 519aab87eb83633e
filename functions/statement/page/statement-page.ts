import { document } from '../../../page/document.ts';
import { type Html, html, ownMarkup } from '../../../page/markup/html.ts';
import { axisFigure, axisMoment, difference, moment, money, percent } from '../../../page/parts/figures.ts';
import { nothing, section } from '../../../page/parts/section.ts';
import { table } from '../../../page/parts/table.ts';
import { linePlot } from '../../../page/plot/line-plot.ts';
import { LIGHT, variables } from '../../../page/style/colours.ts';
import { minus, text, ZERO_QUOTE } from '../../../shared/money/money.ts';
import type { ProfitShare, Statement } from '../../../shared/statement/statement.ts';
import { copiesSection, flowsSection, positionsSection, tradesSection } from './lists.ts';
import { partsPlot } from './parts-plot.ts';
import { trackingSection } from './tracking.ts';
import { PART_WORDS } from './words.ts';

/** Each bar of the parts has its name below it. Paper is white, has no edge to scroll to, and tables go over its pages. */
const STYLE = ownMarkup(`<style>
.nija .steps .x-labels{gap:0}
.nija .steps .x-labels span{flex:1 1 0;text-align:center}
@container (max-width:44rem){.nija .steps .x-labels span{writing-mode:vertical-rl;text-align:start}}
.nija .scroll th[scope=row]{white-space:normal;min-inline-size:7rem}
.nija .notes{padding-inline-start:1.25rem}
@media print{
.nija.theme-auto{${variables(LIGHT)}color-scheme:light;background:#fff}
.nija section{break-inside:auto;border:0;padding-inline:0}
.nija :is(figure,tr){break-inside:avoid}
.nija .scroll{overflow:visible}
.nija table{font-size:.7rem}
.nija :is(th,td){padding:.15rem .3rem}
.nija thead{display:table-header-group}
}
</style>`);

const METHOD_WORDS = {
  fifo: 'the coins bought first are sold first (FIFO)',
  average: 'coins are sold at the average cost of all',
} as const;

/** A statement as one document, for a browser and for paper. */
export const statementPage = (statement: Statement): string => {
  const { accountId, month, currency, method, follows, period } = statement;
  return document(
    { title: `${accountId} · ${month} · Nija` },
    STYLE,
    html`<header><h1>Statement of ${accountId} for ${month}</h1></header>
<main id="nija-main">
<p class="lead quiet">In ${currency}, from ${moment(period.openedAt)} to ${moment(period.closedAt)}; ${METHOD_WORDS[method]}.${
      follows === undefined ? '' : ` It follows ${follows}.`
    }</p>
${equitySection(statement)}
${curveSection(statement)}
${statement.profitShare === undefined ? undefined : shareSection(statement.profitShare)}
${follows === undefined ? undefined : trackingSection(statement)}
${positionsSection(statement)}
${flowsSection(statement)}
${tradesSection(statement)}
${statement.copies.length === 0 ? undefined : copiesSection(statement)}
${notesSection(statement)}
</main>`,
  ).text;
};

const equitySection = (statement: Statement): Html => {
  const { equity, parts, realised, result } = statement;
  return section(
    { id: 'equity', title: 'What changed the equity' },
    html`<figure class="steps"><figcaption class="quiet small">From the opening to the closing equity</figcaption>${partsPlot(statement)}</figure>`,
    table({
      caption: 'Its parts add up to the change in equity, to the last decimal',
      narrow: true,
      columns: [{ label: 'What' }, { label: 'Amount', kind: 'figure' }],
      rows: [
        ['Opening equity', money(text(equity.opening))],
        ...parts
          .filter(({ part, amount }) => !amount.isZero() || ALWAYS.has(part))
          .map(({ part, amount }) => [PART_WORDS[part], difference(text(amount))]),
        ['Closing equity', money(text(equity.closing))],
      ],
    }),
    table({
      caption: 'What Nija’s trades made',
      narrow: true,
      columns: [{ label: 'What' }, { label: 'Amount', kind: 'figure' }],
      rows: [
        ['Result after fees: realised, unrealised and given back', difference(text(result))],
        ['Of what was sold: proceeds less cost', difference(text(realised.beforeFees))],
        ['Fees of buying and of selling it', difference(text(minus(ZERO_QUOTE, realised.fees)))],
        ['Realised after fees', difference(text(realised.afterFees))],
      ],
    }),
  );
};

/** Shown where they are zero, too. */
const ALWAYS: ReadonlySet<string> = new Set(['deposits', 'withdrawals', 'realised', 'unrealised', 'fees']);

const curveSection = ({ accountId, curve }: Statement): Html => {
  const first = curve[0];
  const last = curve.at(-1);
  if (first === undefined || last === undefined)
    return section({ id: 'curve', title: 'Equity over the month' }, nothing('Nothing was measured.'));
  return section(
    { id: 'curve', title: 'Equity over the month' },
    html`<p class="quiet small">Dashed: without what came and left.</p>`,
    linePlot({
      description: `Equity of ${accountId}: ${text(first.equity)} at first, ${text(last.equity)} at last, ${text(last.withoutFlows)} without what came and left`,
      lines: [
        { name: 'equity', look: 0, points: curve.map(({ at, equity }) => ({ at, value: Number(equity) })) },
        {
          name: 'without what came and left',
          look: 1,
          points: curve.map(({ at, withoutFlows }) => ({ at, value: Number(withoutFlows) })),
        },
      ],
      label: axisFigure,
      moment: axisMoment,
      size: 'large',
    }),
  );
};

const shareSection = (share: ProfitShare): Html =>
  section(
    { id: 'share', title: 'Profit share' },
    html`<p class="lead">Computed and shown; Nija takes nothing. Profit is what its trades made after fees: deposits, withdrawals and the owner’s own coins do not move it. The mark is the highest that it was at the end of any month before.</p>`,
    table({
      caption: `At ${percent(text(share.rate))} of what is above the high-water mark`,
      narrow: true,
      columns: [{ label: 'What' }, { label: 'Amount', kind: 'figure' }],
      rows: [
        ['Profit of all months before', difference(text(share.before))],
        ['Profit by the end of this month', difference(text(share.after))],
        ['High-water mark before', money(text(share.markBefore))],
        ['Above it', money(text(share.above))],
        ['Share', money(text(share.share))],
        ['High-water mark from now on', money(text(share.markAfter))],
      ],
    }),
  );

const notesSection = ({ notes }: Statement): Html =>
  section(
    { id: 'notes', title: 'To read it right' },
    notes.length === 0
      ? nothing('Every figure was in the ledger.')
      : html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`,
  );
