import type { ViewAnswerOf } from '../../shared/reporting/view-contract.ts';
import { type Html, html } from '../markup/html.ts';
import { ago } from '../parts/figures.ts';
import { mark } from '../parts/mark.ts';

type Halts = ViewAnswerOf<'overview'>['halts'];

/** Whether anything may be bought: the first thing to know. */
export const haltBanners = ({ halt, breaker }: Halts, now: number): Html => html`
${
  halt.state === 'on'
    ? banner(
        'warn',
        'All buying is halted',
        html`by ${halt.by}, ${ago(halt.since, now)}: ${halt.why}. Selling, exits and protection go on.`,
      )
    : undefined
}
${
  halt.state === 'unreadable'
    ? banner('bad', 'The halt cannot be read', html`so nobody buys. ${halt.why}`)
    : undefined
}
${
  breaker.state === 'on'
    ? banner(
        'warn',
        'The breaker over all accounts has tripped',
        html`by a BUY of ${breaker.by}, ${ago(breaker.since, now)}: ${breaker.why}. Nobody buys until somebody resumes.`,
      )
    : undefined
}
${
  breaker.state === 'unreadable'
    ? banner('bad', 'The breaker over all accounts cannot be read', html`so nobody buys. ${breaker.why}`)
    : undefined
}
${
  halt.state === 'off' && breaker.state === 'off'
    ? banner(
        'good',
        'Buying is allowed',
        html`No halt is in force, and the breaker over all accounts has not tripped.`,
      )
    : undefined
}`;

const banner = (tone: 'good' | 'warn' | 'bad', words: string, more: Html): Html => html`
<p class="banner ${tone}" role="status">${mark(tone, words)} <span>${more}</span></p>`;
