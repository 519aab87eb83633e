import { document } from '../document.ts';
import { type Html, html } from '../markup/html.ts';
import { mark } from '../parts/mark.ts';
import { section } from '../parts/section.ts';
import type { ShownExit } from './exit-report.ts';
import { isLeftOver } from './left-over.ts';
import { exitResults } from './results.ts';

/** How an exit that was asked for here stands. */
export type ExitProgress =
  | { readonly state: 'running' }
  | { readonly state: 'answered'; readonly report: ShownExit }
  /** It ended without an answer; `code` is the name of what went wrong, if it has one. */
  | { readonly state: 'failed'; readonly code: string | undefined };

const RELOAD_SECONDS = 2;

export const progressPage = (accountId: string, again: string, progress: ExitProgress): Html =>
  document(
    {
      title: `Exit of ${accountId}: ${progress.state === 'running' ? 'going on' : 'ended'} – Nija`,
      ...(progress.state === 'running' ? { reloadAfter: RELOAD_SECONDS } : {}),
    },
    html`
<header><h1>Exit of ${accountId}</h1></header>
<main id="nija-main">
${section({ id: 'outcome', title: 'How it stands' }, outcome(progress, again))}
<p><a href="../">Back to the overview</a></p>
</main>`,
  );

const outcome = (progress: ExitProgress, again: string): Html => {
  switch (progress.state) {
    case 'running':
      return html`<p class="banner warn" role="status">${mark('warn', 'Selling')} <span>It goes on by itself, also when this page is closed. The page looks again every ${RELOAD_SECONDS} seconds.</span></p>`;
    case 'failed':
      return html`<p class="banner bad" role="alert">${mark('bad', 'Not known to be sold')} <span>The exit gave no answer${progress.code === undefined ? '' : html` (<code>${progress.code}</code>)`}; what it sold, it sold once. <a href="${again}">Ask again</a>: it goes on where it stopped. The log of exit has the reason.</span></p>`;
    case 'answered':
      return html`${ending(progress.report, again)}${exitResults(progress.report)}`;
  }
};

const ending = ({ state, results }: ShownExit, again: string): Html => {
  if (state !== 'FLAT')
    return html`<p class="banner bad" role="alert">${mark('bad', 'Not flat yet')} <span>Every check of the account goes on with it; or <a href="${again}">ask again</a>.</span></p>`;
  const left = results.filter(isLeftOver).map(({ symbol }) => symbol);
  return left.length === 0
    ? html`<p class="banner good" role="status">${mark('good', 'Flat')} <span>The exchange shows nothing more to sell.</span></p>`
    : html`<p class="banner warn" role="status">${mark('warn', 'Not all could be sold')} <span>No order can sell what is left of ${left.join(', ')}: its owner unstakes or withdraws it, as is said below.</span></p>`;
};
