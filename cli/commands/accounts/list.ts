import type { Command } from 'commander';
import * as z from 'zod';
import type { AccountView } from '../../../shared/reporting/contract/account-answer.ts';
import { type Does, examples } from '../../command.ts';
import { EXIT_CODES } from '../../outcome.ts';
import { moment, money } from '../../screen/figures.ts';
import type { Cell, Shown } from '../../screen/shown.ts';
import { everyPage } from '../../transport/view.ts';
import { stateCell } from '../state-cell.ts';

const zOptions = z.object({ role: z.enum(['master', 'user']).optional() });

export const addAccountsList = (accounts: Command, does: Does): void => {
  accounts
    .command('list', { isDefault: true })
    .summary('all accounts: what each does, and what it was worth when last measured')
    .description('Reads the ledger alone. What an account has now, its exchange knows: nija balances.')
    .option('--role <role>', 'masters or users alone: master, user')
    .addHelpText(
      'after',
      `\nEnds with 1 where something of an account cannot be read.\n${examples('accounts list', 'accounts list --role user --stage prod')}`,
    )
    .action(
      does(zOptions, async ({ functions, progress }, _args, { role }) => {
        let covered = '';
        const pages = await progress.during(
          () => `reading accounts${covered}`,
          everyPage(
            functions,
            'accounts',
            { limit: 200, ...(role === undefined ? {} : { role }) },
            (some, all) => {
              covered = `: ${some} of ${all}`;
            },
          ),
        );
        return shownOf(pages.flatMap((page) => page.accounts));
      }),
    );
};

const shownOf = (accounts: readonly AccountView[]): Shown => {
  const failing = accounts.filter(isFailing);
  return {
    exitCode: failing.length === 0 ? EXIT_CODES.done : EXIT_CODES.failed,
    document: { accounts },
    blocks: [
      {
        kind: 'table',
        columns: [
          { title: 'ACCOUNT' },
          { title: 'STATE' },
          { title: 'EQUITY', right: true },
          { title: 'PROFIT', right: true },
          { title: 'MEASURED' },
          { title: 'WHY' },
        ],
        rows: accounts.map(rowOf),
        none: 'There are no accounts yet: nija accounts add u-…',
      },
      ...(failing.length === 0
        ? []
        : [
            {
              kind: 'text',
              tone: 'bad',
              text: `Of ${failing.length} of ${accounts.length} accounts not all could be read: nija accounts show tells what.`,
            } as const,
          ]),
    ],
  };
};

/** Whether not all of an account could be read. */
export const isFailing = ({ state, failing }: Pick<AccountView, 'state' | 'failing'>): boolean =>
  state === 'failing' || failing.length > 0;

const rowOf = (account: AccountView): readonly Cell[] => {
  const { accountId, state, worth, reason, failing } = account;
  const unread = failing.map(({ part, why }) => `${part}: ${why}`).join('; ');
  const why = unread === '' ? reason : `${reason} (${unread})`;
  const unknown: Cell = { text: 'unknown', tone: 'warn' };
  return [
    accountId,
    stateCell(state),
    worth.known ? money(worth.equity) : unknown,
    worth.known ? money(worth.profit) : unknown,
    worth.known ? moment(worth.at) : 'never',
    why,
  ];
};
