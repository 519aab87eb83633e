import type { ViewAnswerOf } from '../../shared/reporting/view-contract.ts';
import { type AddCommand, examples, noOptions } from '../command.ts';
import { EXIT_CODES } from '../outcome.ts';
import { counted } from '../screen/figures.ts';
import type { Block, Cell, Shown } from '../screen/shown.ts';
import { everyPage } from '../transport/view.ts';

type Page = ViewAnswerOf<'separation'>;
type Separation = Page['accounts'][number];

export const addSeparation: AddCommand = (program, does) => {
  program
    .command('separation')
    .summary('the proof that no account is mixed up with another')
    .description(
      'Of each account: its key (a fingerprint) and whom the ledger has as the owner of that key, where its secret lies and which functions may read it, and whose its orders are by the cause that each names.',
    )
    .addHelpText(
      'after',
      `\nEnds with 1 where something does not hold, or could not be read.\n${examples('separation', 'separation --stage prod --json')}`,
    )
    .action(
      does(noOptions, async ({ functions, progress }) => {
        let covered = '';
        const pages = await progress.during(
          () => `comparing keys and orders${covered}`,
          everyPage(functions, 'separation', { limit: 50 }, (some, all) => {
            covered = `: ${some} of ${all} accounts`;
          }),
        );
        return shownOf(pages);
      }),
    );
};

/** What a page cannot see: two accounts of different pages with one key. */
const sharedKeys = (accounts: readonly Separation[]): readonly string[] => {
  const owners = new Map<string, string[]>();
  for (const one of accounts) {
    if (!one.readable) continue;
    owners.set(one.keyFingerprint, [...(owners.get(one.keyFingerprint) ?? []), one.accountId]);
  }
  return [...owners].flatMap(([key, names]) =>
    names.length > 1 ? [`${names.join(' and ')} have one key (${key})`] : [],
  );
};

const shownOf = (pages: readonly Page[]): Shown => {
  const accounts = pages.flatMap((page) => page.accounts);
  const problems = [...new Set([...pages.flatMap((page) => page.problems), ...sharedKeys(accounts)])];
  const unread = accounts.filter(({ readable }) => !readable).length;
  const holds = pages.every((page) => page.holds) && problems.length === 0;
  const proven = holds && unread === 0;
  return {
    exitCode: proven ? EXIT_CODES.done : EXIT_CODES.failed,
    document: { holds, unread, problems, accounts },
    blocks: [
      {
        kind: 'table',
        columns: [
          { title: 'ACCOUNT' },
          { title: 'KEY' },
          { title: 'OWNER OF IT' },
          { title: 'ORDERS', right: true },
          { title: 'OF OTHERS', right: true },
          { title: 'SECRET' },
          { title: 'READ BY' },
        ],
        rows: accounts.map(rowOf),
        none: 'There are no accounts yet.',
      },
      ...[...problems, ...accounts.flatMap((one) => (one.readable ? one.problems : []))].map(
        (text): Block => ({ kind: 'text', tone: 'bad', text }),
      ),
      verdict(accounts, holds, unread),
    ],
  };
};

const rowOf = (one: Separation): readonly Cell[] => {
  if (!one.readable) return [one.accountId, { text: 'unreadable', tone: 'bad' }, '', '', '', '', one.why];
  const own = one.ordersByOwner[one.accountId] ?? 0;
  const others = Object.values(one.ordersByOwner).reduce((sum, count) => sum + count, 0) - own;
  return [
    one.accountId,
    one.keyFingerprint,
    one.keyOwner === one.accountId
      ? { text: 'itself', tone: 'good' }
      : { text: one.keyOwner ?? 'nobody', tone: 'bad' },
    one.complete ? String(one.orders) : `the last ${one.orders}`,
    { text: String(others), tone: others === 0 ? 'good' : 'bad' },
    one.secretName,
    one.readBy.join(', ') || 'nobody',
  ];
};

const verdict = (accounts: readonly Separation[], holds: boolean, unread: number): Block => {
  if (!holds)
    return { kind: 'text', tone: 'bad', text: 'Accounts are not separate: see above. Halt first: nija halt' };
  if (unread > 0)
    return {
      kind: 'text',
      tone: 'bad',
      text: `Not proven: ${unread} of ${accounts.length} accounts could not be read. Nothing that could be read is mixed up.`,
    };
  return {
    kind: 'text',
    tone: 'good',
    text: `${counted(accounts.length, 'account')}: each key has one owner, and every order is its account's own.`,
  };
};
