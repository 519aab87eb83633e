import type { EquitySnapshot } from '../../shared/snapshot/snapshot.ts';
import { buildStatement, type StatementFacts } from '../../shared/statement/build-statement.ts';
import { monthOf, monthsBetween } from '../../shared/statement/month.ts';
import type { Statement } from '../../shared/statement/statement.ts';
import { iso } from '../../shared/time/clock.ts';
import { account } from '../copying/made.ts';
import type { History } from './history.ts';

type Choices = Partial<
  Pick<StatementFacts, 'profitShare' | 'copies' | 'master' | 'account' | 'method' | 'asOf'>
>;

/** As the function chooses them: the last until a moment; every snapshot is given. Undefined where there are no two. */
export const factsOf = (
  { snapshots, fills, adjustments }: Pick<History, 'snapshots' | 'fills' | 'adjustments'>,
  month: string,
  choices: Choices = {},
): StatementFacts | undefined => {
  const { from, to } = monthOf(month);
  const until = (at: number): EquitySnapshot | undefined => snapshots.findLast((one) => one.at <= at);
  const opening = until(from) ?? snapshots[0];
  const closing = until(to);
  if (closing === undefined || closing.at <= opening.at) return undefined;
  const [first, second, ...later] = snapshots.filter((one) => one.at <= closing.at);
  if (first === undefined || second === undefined) return undefined;
  const ends = [first, ...monthsBetween(first.at, from).map(until), opening];
  const [mark = opening.at, ...marks] = [...new Set(ends.map((one) => one?.at ?? first.at))];
  return {
    account: account(),
    month,
    method: 'fifo',
    asOf: Math.max(closing.at, to),
    snapshots: [first, second, ...later],
    marks: [mark, ...marks],
    records: { fills, adjustments },
    copies: [],
    master: undefined,
    ...choices,
  };
};

/** Of every month that has one, oldest first. */
export const statementsOf = (history: History, choices: Choices = {}): readonly Statement[] => {
  const [first] = history.snapshots;
  const last = history.snapshots.at(-1) ?? first;
  const months = [iso(first.at), ...monthsBetween(first.at, last.at).map(iso)].map((at) => at.slice(0, 7));
  return months.flatMap((month) => {
    const facts = factsOf(history, month, choices);
    return facts === undefined ? [] : [buildStatement(facts)];
  });
};
