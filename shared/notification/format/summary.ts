import { iso } from '../../time/clock.ts';
import { ADVICE } from '../advice.ts';
import type { Pending } from '../channel-state.ts';
import type { Digest } from '../digest.ts';
import { SEVERITIES, type Severity } from '../notice.ts';

/** A digest in words. `title` and `todo` are ours alone; `facts` may quote anybody. */
export interface Section {
  readonly severity: Severity;
  readonly title: string;
  readonly facts: readonly string[];
  readonly todo: string;
}

export const sectionsOf = ({ digests }: Pick<Pending, 'digests'>): readonly Section[] =>
  digests.map((digest) => ({
    severity: ADVICE[digest.kind].severity,
    title: titleOf(digest),
    facts: [...countsOf(digest), ...examplesOf(digest)],
    todo: todoOf(digest),
  }));

/** 'prod: 3 x a copied SELL failed, and 2 other things': one line, in ASCII. */
export const headlineOf = ({ digests }: Pick<Pending, 'digests'>, stage: string): string => {
  const [first, ...others] = digests;
  if (first === undefined) return `${stage}: nothing`;
  const rest =
    others.length === 0 ? '' : `, and ${others.length} other ${others.length === 1 ? 'thing' : 'things'}`;
  return `${stage}: ${titleOf(first)}${rest}`;
};

export const severityOf = ({ digests }: Pick<Pending, 'digests'>): Severity =>
  digests
    .map(({ kind }) => ADVICE[kind].severity)
    .reduce<Severity>(
      (most, one) => (SEVERITIES.indexOf(one) > SEVERITIES.indexOf(most) ? one : most),
      'info',
    );

export const titleOf = ({ kind, count }: Digest): string => {
  const { title } = ADVICE[kind];
  return count === 1 ? title : `${count} x ${title}`;
};

/** With the account's name where there is but one. */
export const todoOf = ({ kind, accounts, moreAccounts }: Digest): string => {
  const [only, ...others] = accounts;
  const { todo } = ADVICE[kind];
  return only === undefined || others.length > 0 || moreAccounts ? todo : todo.replaceAll('ACCOUNT', only);
};

const countsOf = ({ count, accounts, moreAccounts, reasons, otherReasons }: Digest): readonly string[] => {
  if (count === 1) return [];
  const others = otherReasons === 0 ? [] : [`other reasons ${otherReasons}`];
  const why = [...reasons.map(({ reason, count: times }) => `${reason} ${times}`), ...others].join(', ');
  const whom = `${accounts.join(', ')}${moreAccounts ? ' and others' : ''}`;
  return [...(accounts.length === 0 ? [] : [`Accounts: ${whom}`]), `Reasons: ${why}`];
};

const examplesOf = ({ examples, count, lastAt }: Digest): readonly string[] => [
  ...examples.map(
    ({ at, says, todo }) => `${iso(at).slice(0, 19)}Z ${says}${todo === undefined ? '' : ` Do: ${todo}`}`,
  ),
  ...(count > examples.length
    ? [`and ${count - examples.length} more, until ${iso(lastAt).slice(0, 19)}Z`]
    : []),
];
