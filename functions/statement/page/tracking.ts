import { type Html, html } from '../../../page/markup/html.ts';
import { basisPoints } from '../../../page/parts/figures.ts';
import { section } from '../../../page/parts/section.ts';
import { table } from '../../../page/parts/table.ts';
import { text } from '../../../shared/money/money.ts';
import type { Statement } from '../../../shared/statement/statement.ts';
import { CAUSE_WORDS } from './words.ts';

/** How far the account's return is from its master's, and by what. */
export const trackingSection = ({ tracking }: Statement): Html => {
  const head = { id: 'tracking', title: 'Beside its master' };
  if (!tracking.known) return section(head, html`<p>Not known: ${tracking.why}.</p>`);
  const { masterId, accountBps, masterBps, differenceBps, causes } = tracking;
  return section(
    head,
    table({
      caption: `Return against that of ${masterId}, time-weighted; 100 bp are one percent. The causes add up to the difference`,
      narrow: true,
      columns: [{ label: 'What' }, { label: 'Basis points', kind: 'figure' }],
      rows: [
        ['The account', basisPoints(text(accountBps))],
        ['Its master', basisPoints(text(masterBps))],
        ['Difference', basisPoints(text(differenceBps))],
        ...causes.map(({ cause, bps }) => [CAUSE_WORDS[cause], basisPoints(text(bps))]),
      ],
    }),
  );
};
