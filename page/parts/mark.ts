import { type Html, html } from '../markup/html.ts';

/** How good or bad it is: told by shape and word, not by colour alone. */
export type Tone = 'good' | 'warn' | 'bad' | 'quiet';

export const mark = (tone: Tone, words: string): Html => html`<span class="mark ${tone}">${words}</span>`;
