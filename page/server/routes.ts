import * as z from 'zod';
import { zUserId } from '../../shared/account/account.ts';
import { EXIT_SCOPES } from '../../shared/exit/exit-request.ts';
import { content } from '../content.ts';
import { loadPage, type PageSource } from '../data/load-page.ts';
import { document } from '../document.ts';
import { type Confirmation, confirmationPage } from '../exit/confirmation.ts';
import { zExitReport } from '../exit/exit-report.ts';
import { progressPage } from '../exit/progress.ts';
import { type Html, html } from '../markup/html.ts';
import type { ExitControl } from '../parts/exit-control.ts';
import { type CallExit, type ExitDesk, type ExitOrder, mayGoOn } from './exits.ts';
import { type AskedFor, type Reply, refused } from './http.ts';
import { inTime } from './in-time.ts';
import { pathBehind, wayBack } from './key-in-path.ts';
import { type ExitTokens, isFromElsewhere, isOwnHost, isOwnPage } from './requests.ts';

/** What the page is made from. */
export interface PageSite {
  readonly source: PageSource;
  readonly callExit: CallExit;
  /** Unique, of letters, digits and dashes. */
  readonly newId: () => string;
  readonly desk: ExitDesk;
  readonly tokens: ExitTokens;
  /** What all paths begin with; empty, or unguessable. */
  readonly base: string;
}

const zRequestId = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);
const zCursor = z.string().min(1).max(300);
const zExitForm = z.object({
  account: zUserId,
  request: zRequestId,
  scope: z.enum(EXIT_SCOPES),
  token: z.string().max(200),
});

const EXIT_PATH = /^\/exit\/([A-Za-z0-9-]{1,64})$/;

export const answerRequest = async (asked: AskedFor, site: PageSite): Promise<Reply> => {
  const { method } = asked;
  if (!isOwnHost(asked.sent))
    return refused(403, 'This page answers to 127.0.0.1 and to localhost alone.', undefined);
  const path = pathBehind(site.base, asked.path);
  if (path === undefined) {
    const nothing = method === 'POST' ? ' Nothing was sold.' : '';
    const words = 'This page is shown to who opens the whole address that its command printed last.';
    return refused(403, `${words}${nothing}`, undefined);
  }
  const no: Refusal = (status, words) => refused(status, words, wayBack(path));
  if (method === 'POST' && path === '/exit') return sell(asked, site, no);
  if (method !== 'GET' && method !== 'HEAD') return no(405, 'This address can only be read.');
  if (path === '/') return await overview(asked, site);
  if (path === '/exit') return await confirm(asked, site, no);
  const requestId = EXIT_PATH.exec(path)?.[1];
  return requestId === undefined ? no(404, 'There is no such page.') : outcome(requestId, site, no);
};

type Refusal = (status: number, words: string) => Reply;

const overview = async ({ query }: AskedFor, { source }: PageSite): Promise<Reply> => {
  const cursor = zCursor.safeParse(query.get('cursor'));
  const data = await loadPage(source, cursor.success ? cursor.data : undefined);
  const stage = data.overview.readable ? data.overview.answer.stage : 'not readable';
  const body = content(data, { exit: exitButton, more: moreLink, linksWithin: true });
  return { status: 200, body: document({ title: `Nija – ${stage}` }, body) };
};

const exitButton: ExitControl = (accountId) => html`
<form method="get" action="exit"><input type="hidden" name="account" value="${accountId}"><button class="button" type="submit">Exit…<span class="unseen"> ${accountId}: asks first</span></button></form>`;

const moreLink = (cursor: string): Html =>
  html`<a href="./?cursor=${encodeURIComponent(cursor)}">The next accounts</a>`;

/** A page that only asks; a dry run tells what an exit would sell. */
const confirm = async ({ query, sent }: AskedFor, site: PageSite, no: Refusal): Promise<Reply> => {
  // What would be sold is asked of the exchange, with the account's key: no other site's page may have that done.
  if (isFromElsewhere(sent)) return no(403, 'An exit is asked for from the overview of this page.');
  const account = zUserId.safeParse(query.get('account'));
  if (!account.success)
    return no(400, 'Which account is meant? A user’s looks like u-ann. Choose it on the overview.');
  const accountId = account.data;
  const earlier = site.desk.find(query.get('request') ?? '');
  const goesOn =
    earlier !== undefined && earlier.order.accountId === accountId && mayGoOn(earlier.progress)
      ? earlier.order
      : undefined;
  const requestId = goesOn?.requestId ?? `page-${site.newId()}`;
  const body = confirmationPage({
    accountId,
    requestId,
    scope: goesOn?.scope,
    token: site.tokens.tokenOf(accountId, requestId),
    // Of one that goes on the id is known with its scope alone.
    plan: await planOf({ accountId, requestId, scope: goesOn?.scope ?? 'managed' }, site),
  });
  return { status: 200, body };
};

/** Who wants out does not wait for a preview: the exit itself waits for the key and the exchange. */
const PLAN_WITHIN_MS = 8_000;

const planOf = async (order: ExitOrder, { callExit, source }: PageSite): Promise<Confirmation['plan']> => {
  try {
    const dryRun = callExit({ ...order, dryRun: true });
    const report = await inTime(dryRun, PLAN_WITHIN_MS);
    return { readable: true, report: zExitReport.parse(report) };
  } catch (error) {
    source.report('exit, dry run', error);
    return {
      readable: false,
      why: 'What would be sold could not be read; the log has the reason. An exit may be asked for all the same: it tries longer, and tells what it sold.',
    };
  }
};

/** Twice the same form is one exit: it leads to where the first one is shown. */
const sell = ({ sent, form }: AskedFor, site: PageSite, no: Refusal): Reply => {
  if (!isOwnPage(sent))
    return no(403, 'An exit is asked for with the button of this page. Nothing was sold.');
  const fields = zExitForm.safeParse(Object.fromEntries(form ?? []));
  if (!fields.success) return no(400, 'The form was not complete. Nothing was sold.');
  const { account: accountId, request: requestId, scope, token } = fields.data;
  if (!site.tokens.holds(accountId, requestId, token))
    return no(
      403,
      'This form is not one of this server; it may have been started anew. Nothing was sold. Open the exit again from the overview.',
    );
  site.desk.begin({ accountId, requestId, scope });
  return { status: 303, location: `${site.base}/exit/${requestId}` };
};

const outcome = (requestId: string, { desk }: PageSite, no: Refusal): Reply => {
  const known = desk.find(requestId);
  if (known === undefined)
    return no(
      404,
      'This exit was not asked for here, or long ago. The overview shows how the account stands.',
    );
  const { order, progress } = known;
  const again = `../exit?account=${encodeURIComponent(order.accountId)}&request=${encodeURIComponent(requestId)}`;
  return { status: 200, body: progressPage(order.accountId, again, progress) };
};
