import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { document } from '../document.ts';
import { type Html, html } from '../markup/html.ts';
import { STYLE_TEXT } from '../style/style-sheet.ts';
import type { Sent } from './requests.ts';

/** A request as far as the page looks at it. */
export interface AskedFor {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly sent: Sent;
  /** Of a form; undefined where something else, or too much, was sent. */
  readonly form: URLSearchParams | undefined;
}

export interface Reply {
  readonly status: number;
  readonly body?: Html;
  readonly location?: string;
}

const styleHash = createHash('sha256').update(STYLE_TEXT).digest('base64');

/** No script, no frame, nothing from elsewhere, and nothing is kept: a second look asks again. */
export const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  // A form's Origin is told to this server alone; without any referrer it would be `null`.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

const LARGEST_FORM = 4 * 1024;

export const read = async (request: IncomingMessage): Promise<AskedFor> => {
  const { headers, method = 'GET' } = request;
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const fetchSite = headers['sec-fetch-site'];
  const port = request.socket.localPort ?? 0;
  return {
    method,
    path: url.pathname,
    query: url.searchParams,
    sent: {
      port,
      host: headers.host,
      origin: headers.origin,
      fetchSite: typeof fetchSite === 'string' ? fetchSite : undefined,
    },
    form: method === 'POST' ? await formOf(request) : undefined,
  };
};

const formOf = async (request: IncomingMessage): Promise<URLSearchParams | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    size += part.length;
    // The rest is read and dropped, so that the refusal arrives.
    if (size <= LARGEST_FORM) chunks.push(part);
  }
  const type = request.headers['content-type'] ?? '';
  if (size > LARGEST_FORM || !type.startsWith('application/x-www-form-urlencoded')) return undefined;
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
};

/** Says what was wrong and where to go. @param back to the overview, from where it was asked */
export const refused = (status: number, words: string, back: string | undefined): Reply => ({
  status,
  body: document(
    { title: 'Nija' },
    html`
<header><h1>Nija</h1></header><main id="nija-main"><p class="banner bad" role="alert">${words}</p>${back === undefined ? '' : html`<p><a href="${back}">Back to the overview</a></p>`}</main>`,
  ),
});
