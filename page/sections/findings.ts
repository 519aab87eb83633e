import type { ViewAnswerOf } from '../../shared/reporting/view-contract.ts';
import { type Html, html } from '../markup/html.ts';
import { mark, type Tone } from '../parts/mark.ts';
import { nothing, section } from '../parts/section.ts';

type Overview = ViewAnswerOf<'overview'>;
type Findings = Overview['findings'];

const TONES = { critical: 'bad', warning: 'warn', info: 'quiet' } as const satisfies Record<string, Tone>;

/** What is wrong and what to do; nothing where nothing is. What is only good to know stands back. */
export const findingsSection = ({ findings, page }: Pick<Overview, 'findings' | 'page'>): Html => {
  const rest = page.accounts - page.covered;
  if (findings.length === 0 && rest <= 0) return html``;
  const pressing = findings.filter(({ severity }) => severity !== 'info');
  const others = findings.filter(({ severity }) => severity === 'info');
  return section(
    { id: 'findings', title: 'What needs attention' },
    pressing.length > 0
      ? list(pressing)
      : nothing(rest > 0 ? 'Nothing does among what this page shows.' : 'Nothing does.'),
    rest > 0
      ? html`<p>${mark('warn', 'not all accounts')} This is of the ${page.covered} accounts of this page; ${rest} more are on other pages.</p>`
      : undefined,
    others.length === 0
      ? undefined
      : html`<details><summary>Good to know: ${others.length}</summary><div class="inside">${list(others)}</div></details>`,
  );
};

const list = (findings: Findings): Html => html`
<ul class="cards">${findings.map(
  ({ severity, what, remedy, accountId }) => html`
<li class="card"><p>${mark(TONES[severity], severity)} ${accountId === undefined ? undefined : html`<strong>${accountId}</strong>`}</p><p>${what}</p><p class="quiet">${remedy}</p></li>`,
)}</ul>`;
