import type { Read } from '../data/page-data.ts';
import { type Html, html, type Part } from '../markup/html.ts';
import { mark } from './mark.ts';

export interface Section {
  /** Of the page's own addresses: `accounts`. */
  readonly id: string;
  readonly title: string;
}

export const section = ({ id, title }: Section, ...content: readonly Part[]): Html => html`
<section id="nija-${id}" aria-labelledby="nija-${id}-title"><h2 id="nija-${id}-title">${title}</h2>${content}</section>`;

/** A section whose answer may be missing; then it says so instead. */
export const sectionOf = <Answer>(
  head: Section,
  read: Read<Answer>,
  content: (answer: Answer) => Part,
): Html => section(head, read.readable ? content(read.answer) : failing(read.why));

export const failing = (why: string): Html => html`<p>${mark('bad', 'Not readable')} ${why}</p>`;

/** Where there is nothing to show, that is a fact of its own. */
export const nothing = (words: string): Html => html`<p class="quiet">${words}</p>`;
