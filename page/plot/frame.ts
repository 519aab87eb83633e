import { type Html, html, type Part } from '../markup/html.ts';
import { HEIGHT, WIDTH } from './size.ts';

export interface Frame {
  /** What the plot shows, in a sentence. */
  readonly description: string;
  readonly size: 'small' | 'large';
  /** Evenly spaced, from the lowest to the highest. */
  readonly yLabels: readonly string[];
  /** Evenly spaced, from left to right; one alone stands in the middle. */
  readonly xLabels: readonly string[];
  /** SVG, in a box of `WIDTH` × `HEIGHT`. */
  readonly drawing: Part;
}

/**
 * A drawing between its labels. The labels are texts of the page and keep their size on a phone; their places come
 * from their even spacing, so nothing needs a style of its own.
 */
export const frame = ({ description, size, yLabels, xLabels, drawing }: Frame): Html => html`
<div class="plot ${size}">
<div class="y-labels" aria-hidden="true">${[...yLabels].reverse().map((label) => html`<span>${label}</span>`)}</div>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${description}"><title>${description}</title>${drawing}</svg>
<div class="x-labels" aria-hidden="true">${xLabels.map((label) => html`<span>${label}</span>`)}</div>
</div>`;
