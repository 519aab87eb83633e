import type { AccountId } from '../account/account.ts';
import type { Instant } from '../time/clock.ts';
import type { Notice, NoticeKind } from './notice.ts';
import { oneLine } from './one-line.ts';

/** One notice in full. */
export interface Example {
  readonly at: Instant;
  readonly says: string;
  readonly todo?: string;
}

/** Notices of one kind, told together: how many, why, of whom, and the first of them in full. */
export interface Digest {
  readonly kind: NoticeKind;
  readonly count: number;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
  /** The most there is room for; `otherReasons` counts the notices of all the others. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  readonly otherReasons: number;
  readonly accounts: readonly AccountId[];
  /** There are accounts that are not among them. */
  readonly moreAccounts: boolean;
  readonly examples: readonly Example[];
}

/** However many notices there are, a digest stays this small. */
const MOST_REASONS = 8;
const MOST_ACCOUNTS = 20;
const MOST_EXAMPLES = 5;
const LONGEST_REASON = 80;
const LONGEST_TEXT = 400;

export const digestOf = (notice: Notice): Digest =>
  withNotice(
    {
      kind: notice.kind,
      count: 0,
      firstAt: notice.at,
      lastAt: notice.at,
      reasons: [],
      otherReasons: 0,
      accounts: [],
      moreAccounts: false,
      examples: [],
    },
    notice,
  );

/** The digest with one more notice of its kind. */
export const withNotice = (digest: Digest, notice: Notice): Digest => ({
  ...digest,
  count: digest.count + 1,
  firstAt: Math.min(digest.firstAt, notice.at),
  lastAt: Math.max(digest.lastAt, notice.at),
  ...counted(digest, oneLine(notice.reason, LONGEST_REASON)),
  ...named(digest, notice.concerns),
  examples:
    digest.examples.length < MOST_EXAMPLES ? [...digest.examples, exampleOf(notice)] : digest.examples,
});

const exampleOf = ({ at, says, todo }: Notice): Example => ({
  at,
  says: oneLine(says, LONGEST_TEXT),
  ...(todo === undefined ? {} : { todo: oneLine(todo, LONGEST_TEXT) }),
});

const counted = (
  { reasons, otherReasons }: Digest,
  reason: string,
): Pick<Digest, 'reasons' | 'otherReasons'> => {
  if (reasons.some((known) => known.reason === reason)) {
    const raised = reasons.map((known) =>
      known.reason === reason ? { reason, count: known.count + 1 } : known,
    );
    return { reasons: raised, otherReasons };
  }
  return reasons.length < MOST_REASONS
    ? { reasons: [...reasons, { reason, count: 1 }], otherReasons }
    : { reasons, otherReasons: otherReasons + 1 };
};

const named = (
  { accounts, moreAccounts }: Digest,
  concerns: Notice['concerns'],
): Pick<Digest, 'accounts' | 'moreAccounts'> => {
  if (concerns === 'everyone' || concerns === 'operators' || accounts.includes(concerns))
    return { accounts, moreAccounts };
  return accounts.length < MOST_ACCOUNTS
    ? { accounts: [...accounts, concerns], moreAccounts }
    : { accounts, moreAccounts: true };
};
