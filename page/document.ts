import { type Html, html, type Part } from './markup/html.ts';
import { root } from './root.ts';

export interface Document {
  readonly title: string;
  /** Ask again by itself after so many seconds; not at all unless told. */
  readonly reloadAfter?: number;
}

/** A whole document for a browser, in the colours that its reader has chosen. */
export const document = (
  { title, reloadAfter }: Document,
  ...body: readonly Part[]
): Html => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">${
  reloadAfter === undefined ? undefined : html`<meta http-equiv="refresh" content="${reloadAfter}">`
}<title>${title}</title></head>
<body>${root('auto', html`<a class="skip" href="#nija-main">Skip to the content</a>`, body)}</body></html>
`;
