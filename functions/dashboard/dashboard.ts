import { content } from '../../page/content.ts';
import { loadPage, type PageSource } from '../../page/data/load-page.ts';
import { html } from '../../page/markup/html.ts';
import { root } from '../../page/root.ts';
import type { Theme } from '../../page/style/style-sheet.ts';
import type { DashboardEvent } from './dashboard-contract.ts';
import { DESCRIPTION } from './description.ts';
import { exitAction, moreAction, noExit } from './widget-actions.ts';

export interface DashboardPorts {
  readonly source: PageSource;
  /** ARNs: of this function, for its own next page, and of `exit`. */
  readonly self: string;
  readonly exit: string | undefined;
}

/** The widget as HTML, or its documentation in Markdown. What cannot be read is shown as that; it does not throw. */
export const showDashboard = async (event: DashboardEvent, ports: DashboardPorts): Promise<string> => {
  if (event.describe === true) return DESCRIPTION;
  const data = await loadPage(ports.source, event.cursor);
  const host = {
    exit: ports.exit === undefined ? noExit : exitAction(ports.exit),
    more: moreAction(ports.self),
    // The console keeps which dashboard is open where a link within the page would lead.
    linksWithin: false,
  };
  return root(themeOf(event), NO_DEFAULT_STYLES, content(data, host)).text;
};

/** The console's own styles of tables and links would mix with the page's. */
const NO_DEFAULT_STYLES = html`<span class="cwdb-no-default-styles"></span>`;

const themeOf = ({ widgetContext }: DashboardEvent): Theme =>
  widgetContext?.theme === 'dark' || widgetContext?.theme === 'light' ? widgetContext.theme : 'auto';
