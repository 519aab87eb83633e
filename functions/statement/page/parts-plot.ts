import { type Html, html } from '../../../page/markup/html.ts';
import { axisFigure } from '../../../page/parts/figures.ts';
import { frame } from '../../../page/plot/frame.ts';
import { HEIGHT, WIDTH } from '../../../page/plot/size.ts';
import { ticksOver } from '../../../page/plot/ticks.ts';
import { plus, text } from '../../../shared/money/money.ts';
import type { Statement } from '../../../shared/statement/statement.ts';
import { PART_SHORT, PART_WORDS } from './words.ts';

interface Step {
  readonly label: string;
  readonly title: string;
  /** Coordinates, no money: where the bar begins and ends. */
  readonly from: number;
  readonly to: number;
}

/** From the opening equity to the closing one, part by part; what is zero is left out. */
export const partsPlot = (statement: Statement): Html => {
  const steps = stepsOf(statement);
  const ends = steps.flatMap(({ from, to }) => [from, to]);
  const inside = steps.slice(1, -1).flatMap(({ from, to }) => [from, to]);
  const low = Math.min(...(inside.length === 0 ? ends : inside));
  const high = Math.max(...(inside.length === 0 ? ends : inside));
  // Below the lowest there is some of each whole bar to be seen.
  const y = ticksOver(low - (high - low) / 8, high, 4);
  const place = (value: number): number =>
    round(HEIGHT - ((Math.min(Math.max(value, y.low), y.high) - y.low) / (y.high - y.low)) * HEIGHT);
  const width = WIDTH / steps.length;
  return frame({
    description: `From ${text(statement.equity.opening)} to ${text(statement.equity.closing)} ${statement.currency}, by what it was made of; the table has the figures`,
    size: 'large',
    yLabels: y.at.map(axisFigure),
    xLabels: steps.map(({ label }) => label),
    drawing: [
      y.at.map(
        (value) => html`<line class="grid" x1="0" x2="${WIDTH}" y1="${place(value)}" y2="${place(value)}"/>`,
      ),
      steps.map(({ title, from, to }, index) => {
        const [top, bottom] = [Math.min(place(from), place(to)), Math.max(place(from), place(to))];
        return html`<rect class="bar" x="${round(index * width + width * 0.1)}" y="${top}" width="${round(width * 0.8)}" height="${Math.max(1, round(bottom - top))}"><title>${title}</title></rect>`;
      }),
    ],
  });
};

const stepsOf = ({ equity, parts }: Statement): readonly Step[] => {
  // Added up exactly; only where a bar begins and ends is rounded to a coordinate.
  let reached = equity.opening;
  const made = parts
    .filter(({ amount }) => !amount.isZero())
    .map(({ part, amount }): Step => {
      const from = Number(reached);
      reached = plus(reached, amount);
      const to = Number(reached);
      return { label: PART_SHORT[part], title: `${PART_WORDS[part]}: ${text(amount)}`, from, to };
    });
  return [
    { label: 'opening', title: `Opening: ${text(equity.opening)}`, from: 0, to: Number(equity.opening) },
    ...made,
    { label: 'closing', title: `Closing: ${text(equity.closing)}`, from: 0, to: Number(equity.closing) },
  ];
};

const round = (value: number): number => Math.round(value * 10) / 10;
