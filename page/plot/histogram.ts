import { type Html, html } from '../markup/html.ts';
import { frame } from './frame.ts';
import { HEIGHT, WIDTH } from './size.ts';
import { ticksOver } from './ticks.ts';

export interface Histogram {
  readonly description: string;
  /** At least one. Coordinates, no money. */
  readonly values: readonly number[];
  /** How a value is written, with its unit. */
  readonly label: (value: number) => string;
  /** What is counted, in the plural. */
  readonly counted: string;
}

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const BINS = 12;
/** What lies beyond this share of the values would press all others into one bar; the last bar holds it. */
const SHOWN_SHARE = 0.98;

/** How often values were in each range. The last range holds all that is larger, too. */
export const histogram = ({ description, values, label, counted }: Histogram): Html => {
  const bins = binned(values);
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const y = ticksOver(0, most, Math.min(4, most));
  const width = WIDTH / bins.length;
  const bars = bins.map(({ from, to, count }, index) => {
    const height = (count / y.high) * HEIGHT;
    const beyond = index === bins.length - 1 && highest(values) > to;
    const range = beyond ? `${label(from)} or more` : `${label(from)} to ${label(to)}`;
    return html`<rect class="bar" x="${round(index * width + width * 0.06)}" y="${round(HEIGHT - height)}" width="${round(width * 0.88)}" height="${round(height)}"><title>${range}: ${count} ${counted}</title></rect>`;
  });
  return frame({
    description,
    size: 'large',
    yLabels: y.at.map((count) => (Number.isInteger(count) ? String(count) : '')),
    xLabels: edges(bins).map((edge) => label(edge)),
    drawing: [
      y.at.map((count) => {
        const at = round(HEIGHT - (count / y.high) * HEIGHT);
        return html`<line class="grid" x1="0" x2="${WIDTH}" y1="${at}" y2="${at}"/>`;
      }),
      bars,
    ],
  });
};

/** @param values at least one */
export const binned = (values: readonly number[]): readonly Bin[] => {
  const sorted = [...values].sort((one, other) => one - other);
  const low = sorted[0] ?? 0;
  const high = sorted[Math.ceil(sorted.length * SHOWN_SHARE) - 1] ?? low;
  const { at } = ticksOver(low, high, BINS);
  const counts = at.slice(1).map(() => 0);
  for (const value of sorted) {
    const fits = at.slice(1, -1).findIndex((edge) => value < edge);
    const bin = fits < 0 ? counts.length - 1 : fits;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count, index) => ({ from: at[index] ?? 0, to: at[index + 1] ?? 0, count }));
};

/** Both ends and the middle, where the middle is an edge. */
const edges = (bins: readonly Bin[]): readonly number[] => {
  const first = bins[0]?.from ?? 0;
  const last = bins.at(-1)?.to ?? 0;
  const middle = bins.length % 2 === 0 ? [bins[bins.length / 2]?.from ?? 0] : [];
  return [first, ...middle, last];
};

const round = (value: number): number => Math.round(value * 10) / 10;
const highest = (values: readonly number[]): number =>
  values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
