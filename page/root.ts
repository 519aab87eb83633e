import { type Html, html, type Part } from './markup/html.ts';
import { styleSheet, type Theme } from './style/style-sheet.ts';

/** What the style sheet applies to, and the sheet. */
export const root = (theme: Theme, ...inside: readonly Part[]): Html => html`
<div class="nija theme-${theme}">${styleSheet}<div class="page">${inside}</div></div>`;
