import type { ExitScope } from '../../shared/exit/exit-request.ts';
import { document } from '../document.ts';
import { type Html, html } from '../markup/html.ts';
import { failing, section } from '../parts/section.ts';
import type { ShownExit } from './exit-report.ts';
import { SCOPE_CHOICES } from './exit-scope.ts';
import { exitResults } from './results.ts';

export interface Confirmation {
  readonly accountId: string;
  /** Of this one request: sent twice, it is the same exit. */
  readonly requestId: string;
  readonly token: string;
  /** Of an exit that goes on: what it was begun for. */
  readonly scope: ExitScope | undefined;
  /** A dry run's answer, or why there is none: nobody is kept from an exit by that. */
  readonly plan:
    | { readonly readable: true; readonly report: ShownExit }
    | { readonly readable: false; readonly why: string };
}

/** Asks before anything is sold, and says what it would be. */
export const confirmationPage = ({ accountId, requestId, token, scope: begun, plan }: Confirmation): Html =>
  document(
    { title: `Exit ${accountId}? – Nija` },
    html`
<header><h1>Exit ${accountId}?</h1></header>
<main id="nija-main">
${section(
  { id: 'plan', title: 'What this does' },
  html`<p class="lead">It cancels the open orders of what it sells, sells at the market’s price, and checks at the exchange that nothing sellable is left. It cannot be undone. Buying goes on afterwards unless it is halted or this account is switched off.</p>
${plan.readable ? exitResults(plan.report) : failing(plan.why)}`,
)}
${section(
  { id: 'ask', title: 'Sell?' },
  html`<form method="post" action="exit">
<input type="hidden" name="account" value="${accountId}"><input type="hidden" name="request" value="${requestId}"><input type="hidden" name="token" value="${token}">
<fieldset><legend>What is sold</legend>${SCOPE_CHOICES.filter(
    ({ scope }) => begun === undefined || scope === begun,
  ).map(
    ({ scope, words }, index) => html`
<p><label>${radio(scope, index === 0)} ${words}</label></p>`,
  )}</fieldset>
<p class="actions"><button class="button sure" type="submit">Sell now: exit ${accountId}</button> <a href="./">Back, sell nothing</a></p>
</form>`,
)}
</main>`,
  );

const radio = (scope: ExitScope, chosen: boolean): Html =>
  chosen
    ? html`<input type="radio" name="scope" value="${scope}" required checked>`
    : html`<input type="radio" name="scope" value="${scope}" required>`;
