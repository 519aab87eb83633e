import type { ViewAnswerOf } from '../../shared/reporting/view-contract.ts';
import { type Html, html } from '../markup/html.ts';
import { mark, type Tone } from '../parts/mark.ts';
import { section } from '../parts/section.ts';

type Findings = ViewAnswerOf<'overview'>['findings'];

const TONES = { critical: 'bad', warning: 'warn', info: 'quiet' } as const satisfies Record<string, Tone>;

/** What is wrong and what to do; nothing where nothing is. */
export const findingsSection = (findings: Findings): Html =>
  findings.length === 0
    ? html``
    : section(
        { id: 'findings', title: 'What needs attention' },
        html`<ul class="cards">${findings.map(
          ({ severity, what, remedy, accountId }) => html`
<li class="card"><p>${mark(TONES[severity], severity)} ${accountId === undefined ? undefined : html`<strong>${accountId}</strong>`}</p><p>${what}</p><p class="quiet">${remedy}</p></li>`,
        )}</ul>`,
      );
