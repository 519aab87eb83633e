import { type Html, html } from '../markup/html.ts';
import { frame } from './frame.ts';
import { HEIGHT, LOOKS, WIDTH } from './size.ts';
import { type Point, thinned } from './thinned.ts';
import { type Ticks, ticksOver } from './ticks.ts';

/** A curve. At least one point, by time. */
export interface Line {
  readonly name: string;
  /** Which of the looks of a line; they differ in colour and in dashes. */
  readonly look: number;
  readonly points: readonly Point[];
}

export interface LinePlot {
  /** What it shows, in a sentence: what who cannot see it hears. */
  readonly description: string;
  readonly lines: readonly Line[];
  /** How a value is written beside the axis. */
  readonly label: (value: number) => string;
  /** The same for moments; `span` is from the first to the last, in ms. */
  readonly moment: (at: number, span: number) => string;
  /** A value that others are compared with, drawn across. */
  readonly reference?: number;
  /** Small ones have fewer marks. */
  readonly size: 'small' | 'large';
}

const SLOTS = 300;

/** Curves over time. The drawing stretches with its place; texts beside it do not. */
export const linePlot = (plot: LinePlot): Html => {
  const lines = plot.lines
    .map((line) => ({ ...line, points: line.points.filter(canBeDrawn) }))
    .filter(({ points }) => points.length > 0);
  return lines.length === 0
    ? html`<p class="quiet">Its figures are beyond what can be drawn.</p>`
    : drawn({ ...plot, lines });
};

/** Beyond these the difference of two is no number any more, and a moment no date. */
const canBeDrawn = ({ at, value }: Point): boolean => Math.abs(at) <= 8.64e15 && Math.abs(value) <= 1e100;

const drawn = ({ description, lines, label, moment, reference, size }: LinePlot): Html => {
  const points = lines.flatMap((line) => line.points);
  const values = [...points.map(({ value }) => value), ...(reference === undefined ? [] : [reference])];
  const y = ticksOver(lowest(values), highest(values), size === 'small' ? 3 : 4);
  const from = lowest(points.map(({ at }) => at));
  const to = highest(points.map(({ at }) => at));
  const place = placing(from, to, y);
  const across = (value: number, look: string): Html => {
    const at = place({ at: from, value }).y;
    return html`<line class="${look}" x1="0" x2="${WIDTH}" y1="${at}" y2="${at}"/>`;
  };
  return frame({
    description,
    size,
    yLabels: y.at.map(label),
    xLabels: moments(from, to).map((at) => moment(at, to - from)),
    drawing: [
      y.at.map((value) => across(value, 'grid')),
      reference === undefined ? undefined : across(reference, 'reference'),
      lines.map((line) => curve(line, place)),
    ],
  });
};

interface Place {
  readonly x: number;
  readonly y: number;
}

const placing =
  (from: number, to: number, { low, high }: Ticks) =>
  ({ at, value }: Point): Place => ({
    x: to === from ? WIDTH / 2 : rounded(((at - from) / (to - from)) * WIDTH),
    y: rounded(HEIGHT - ((value - low) / (high - low)) * HEIGHT),
  });

const rounded = (value: number): number => Math.round(value * 10) / 10;

/** A single reading is a short stroke: a path of one point would not be seen. */
const curve = ({ name, look, points }: Line, place: (point: Point) => Place): Html => {
  const [first, ...rest] = thinned(points, SLOTS).map(place);
  if (first === undefined) return html``;
  const path =
    rest.length === 0
      ? `M${Math.max(0, first.x - 8)} ${first.y}H${Math.min(WIDTH, first.x + 8)}`
      : `M${first.x} ${first.y}${rest.map(({ x, y }) => `L${x} ${y}`).join('')}`;
  return html`<path class="line look-${look % LOOKS}" d="${path}"><title>${name}</title></path>`;
};

const moments = (from: number, to: number): readonly number[] =>
  from === to ? [from] : [from, (from + to) / 2, to];

const lowest = (values: readonly number[]): number =>
  values.reduce((low, value) => Math.min(low, value), values[0] ?? 0);
const highest = (values: readonly number[]): number =>
  values.reduce((high, value) => Math.max(high, value), values[0] ?? 0);
