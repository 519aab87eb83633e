import type { Cell, Tone } from '../screen/shown.ts';

const GOOD = new Set(['following', 'independent', 'trading']);
const BAD = new Set(['failing', 'key-problem', 'unhealthy']);

/** What an account does, in a word, coloured by whether it needs somebody. */
export const stateCell = (state: string): Cell => {
  const tone: Tone = GOOD.has(state) ? 'good' : BAD.has(state) ? 'bad' : 'warn';
  return { text: state, tone };
};
