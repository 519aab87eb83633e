import type { PageData } from './data/page-data.ts';
import { type Html, html } from './markup/html.ts';
import type { ExitControl } from './parts/exit-control.ts';
import { moment } from './parts/figures.ts';
import { failing, sectionOf } from './parts/section.ts';
import { accountTable } from './sections/accounts.ts';
import { equityCurves } from './sections/curves.ts';
import { distributions } from './sections/distributions.ts';
import { eventTable, PROTECTION, SWITCHES } from './sections/events.ts';
import { findingsSection } from './sections/findings.ts';
import { haltBanners } from './sections/halts.ts';
import { masterCards } from './sections/masters.ts';
import { positionTable } from './sections/positions.ts';
import { tradeList } from './sections/trades.ts';

/** What differs between the places that show the page. */
export interface PageHost {
  readonly exit: ExitControl;
  /** Leads to the accounts after this page. */
  readonly more: (cursor: string) => Html;
  /** Where a page has addresses of its own; a widget's links would lead away from its dashboard. */
  readonly linksWithin: boolean;
}

const SECTIONS = [
  { id: 'masters', title: 'Masters' },
  { id: 'accounts', title: 'Accounts' },
  { id: 'equity', title: 'Equity' },
  { id: 'positions', title: 'Positions' },
  { id: 'trades', title: 'Latest trades' },
  { id: 'distributions', title: 'Latency and slippage' },
  { id: 'protection', title: 'Protection and exits' },
  { id: 'switches', title: 'Halts and switches' },
] as const;
const [MASTERS, ACCOUNTS, EQUITY, POSITIONS, TRADES, SPREADS, PROTECTED, SWITCHED] = SECTIONS;

/** The page, between whatever its host puts around it. */
export const content = (data: PageData, host: PageHost): Html => {
  const { overview, now } = data;
  return html`
<header><h1>Nija${overview.readable ? html` <span class="quiet">${overview.answer.stage}</span>` : undefined}</h1>
<p class="quiet small">As of ${moment(now)}</p>
${host.linksWithin ? nav : undefined}</header>
<main id="nija-main">
${overview.readable ? haltBanners(overview.answer.halts, now) : html`<div class="banner bad">${failing(overview.why)}</div>`}
${overview.readable ? findingsSection(overview.answer) : undefined}
${sectionOf(MASTERS, overview, ({ masters }) => masterCards(masters, now))}
${sectionOf(ACCOUNTS, overview, ({ accounts, page }) => [
  accountTable(accounts, now, host.exit),
  page.next === undefined
    ? undefined
    : html`<p>${page.covered} of ${page.accounts} accounts are on this page. ${host.more(page.next)}</p>`,
])}
${sectionOf(EQUITY, data.equity, equityCurves)}
${sectionOf(POSITIONS, data.positions, (answer) => positionTable(answer, now))}
${sectionOf(TRADES, data.trades, tradeList)}
${sectionOf(SPREADS, data.distribution, distributions)}
${sectionOf(PROTECTED, data.events, (answer) => eventTable(answer, PROTECTION, 'What was done for accounts, and what was found'))}
${sectionOf(SWITCHED, data.events, (answer) => eventTable(answer, SWITCHES, 'Who switched what, and why'))}
</main>`;
};

const nav = html`<nav aria-label="Sections"><ul>${SECTIONS.map(
  ({ id, title }) => html`<li><a href="#nija-${id}">${title}</a></li>`,
)}</ul></nav>`;
