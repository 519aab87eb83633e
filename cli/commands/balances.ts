import * as z from 'zod';
import { zUserId } from '../../shared/account/account.ts';
import { type BalanceAnswer, zBalanceAnswer } from '../answers/balance-answer.ts';
import { type AddCommand, examples, parsed } from '../command.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT_CODES } from '../outcome.ts';
import { exact, moment, money } from '../screen/figures.ts';
import type { Block, Cell, Shown } from '../screen/shown.ts';
import { CallFailed, call } from '../transport/functions.ts';
import { inParallel } from '../transport/in-parallel.ts';
import { everyPage } from '../transport/view.ts';

const MOST_AT_ONCE = 50;
const zOptions = z.object({
  parallel: z.coerce.number().int().min(1).max(MOST_AT_ONCE, `at most ${MOST_AT_ONCE}`).default(5),
});

export const addBalances: AddCommand = (program, does) => {
  program
    .command('balances')
    .summary('what accounts have now, as their exchanges say')
    .description(
      'Asks the exchange of each user, with the key of that user. What cannot be read is shown as failing, with the reason, beside the others; never as 0. Of masters it shows what their last tick measured.',
    )
    .argument('[accounts...]', 'users, like u-ann; all accounts unless named')
    .option('--parallel <n>', 'how many accounts are asked at once (default: 5)')
    .addHelpText(
      'after',
      `\nEnds with 1 where an account could not be read, or a master's worth is not known.\n${examples('balances', 'balances u-ann u-ben', 'balances --stage prod --json')}`,
    )
    .action(
      does(zOptions, async (context, args, { parallel }) => {
        const named = args.map((account) => parsed(zUserId, account, 'account'));
        const listed = named.length > 0 ? { users: [...new Set(named)], masters: [] } : await listOf(context);
        const users = await balancesOf(context, listed.users, parallel);
        return shownOf(users, listed.masters);
      }),
    );
};

/** A master's worth, as its last tick measured it: only its own function has its key. */
interface MasterWorth {
  readonly accountId: string;
  readonly state: string;
  readonly worth:
    | {
        readonly known: true;
        readonly cash: string;
        readonly held: string;
        readonly equity: string;
        readonly at: number;
      }
    | { readonly known: false; readonly why: string };
}

const listOf = async (
  context: Context,
): Promise<{ readonly users: readonly string[]; readonly masters: readonly MasterWorth[] }> => {
  const pages = await pagesOf(context);
  const accounts = pages.flatMap((page) => page.accounts);
  return {
    users: accounts.filter(({ role }) => role === 'user').map(({ accountId }) => accountId),
    masters: accounts
      .filter(({ role }) => role === 'master')
      .map(({ accountId, state, worth }) => ({ accountId, state, worth })),
  };
};

const pagesOf = async ({ functions, progress }: Context) => {
  let covered = '';
  try {
    return await progress.during(
      () => `listing accounts${covered}`,
      everyPage(functions, 'accounts', { limit: 200 }, (some, all) => {
        covered = `: ${some} of ${all}`;
      }),
    );
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    throw new CommandFailed(
      error.code,
      `which accounts there are could not be found out: ${error.message}. Those that you name are asked all the same: nija balances u-ann u-ben`,
      { cause: error },
    );
  }
};

/** What was asked and could not even be answered is failing, too. */
type UserBalance =
  | BalanceAnswer
  | {
      readonly connected: false;
      readonly accountId: string;
      readonly code: string;
      readonly message: string;
    };

const balancesOf = async (
  { functions, progress }: Context,
  users: readonly string[],
  parallel: number,
): Promise<readonly UserBalance[]> => {
  let done = 0;
  const asked = inParallel(users, parallel, async (accountId): Promise<UserBalance> => {
    try {
      return await call(functions, 'balance', { accountId }, zBalanceAnswer);
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      return { connected: false, accountId, code: error.code, message: error.message };
    } finally {
      done += 1;
    }
  });
  return await progress.during(() => `asking exchanges: ${done} of ${users.length} accounts`, asked);
};

const UNKNOWN: Cell = { text: 'unknown', tone: 'bad' };

const COLUMNS = [
  { title: 'ACCOUNT' },
  { title: 'STATUS' },
  { title: 'CASH', right: true },
  { title: 'HELD', right: true },
  { title: 'EQUITY', right: true },
  { title: 'IN' },
  { title: 'NOTE' },
] as const;

const userRow = (balance: UserBalance): readonly Cell[] => {
  const currency = 'currency' in balance ? String(balance.currency) : '';
  if (!balance.connected) {
    const failing: Cell = { text: 'failing', tone: 'bad' };
    return [balance.accountId, failing, UNKNOWN, UNKNOWN, UNKNOWN, currency, whyNot(balance)];
  }
  const { accountId, status, cash, held, equity } = balance;
  const note = [...lackingOf(balance), balance.statusReason].join('; ');
  return [accountId, statusCell(status), money(cash), money(held), money(equity), currency, note];
};

const lackingOf = ({ complete, owed }: Extract<BalanceAnswer, { connected: true }>): readonly string[] => {
  if (complete) return [];
  return owed.length > 0
    ? [`owes ${owed.join(', ')} to the exchange: equity is too high`]
    : ['without some prices: equity is too low'];
};

const whyNot = (balance: Extract<UserBalance, { connected: false }>): string => {
  const known = 'lastKnown' in balance ? balance.lastKnown : undefined;
  const last =
    known === undefined || typeof known !== 'object'
      ? ''
      : `; last known equity ${money(known.equity)} at ${moment(known.at)} UTC`;
  return `${balance.code}: ${balance.message}${last}`;
};

const statusCell = (status: string): Cell =>
  status === 'following' || status === 'independent'
    ? { text: status, tone: 'good' }
    : { text: status, tone: 'warn' };

const masterRow = ({ accountId, state, worth }: MasterWorth): readonly Cell[] =>
  worth.known
    ? [
        accountId,
        state,
        money(worth.cash),
        money(worth.held),
        money(worth.equity),
        '',
        `a master, as measured at ${moment(worth.at)} UTC`,
      ]
    : [accountId, state, UNKNOWN, UNKNOWN, UNKNOWN, '', `a master: ${worth.why}`];

const shownOf = (users: readonly UserBalance[], masters: readonly MasterWorth[]): Shown => {
  const failing = users.filter(({ connected }) => !connected).length;
  const unknown = masters.filter(({ state, worth }) => state === 'failing' || !worth.known).length;
  const blocks: Block[] = [
    {
      kind: 'table',
      columns: COLUMNS,
      rows: [...masters.map(masterRow), ...users.map(userRow)],
      none: 'There are no accounts yet: nija accounts add u-…',
    },
  ];
  if (users.length === 1) blocks.push(...users.flatMap(assetsOf));
  if (failing > 0)
    blocks.push({
      kind: 'text',
      tone: 'bad',
      text: `${failing} of ${users.length} users could not be read.`,
    });
  if (unknown > 0)
    blocks.push({
      kind: 'text',
      tone: 'bad',
      text: `Of ${unknown} of ${masters.length} masters not all is known.`,
    });
  return {
    exitCode: failing + unknown === 0 ? EXIT_CODES.done : EXIT_CODES.failed,
    document: { accounts: users, masters },
    blocks,
  };
};

const assetsOf = (balance: UserBalance): readonly Block[] =>
  balance.connected
    ? [
        {
          kind: 'table',
          columns: [
            { title: 'ASSET' },
            { title: 'TOTAL', right: true },
            { title: 'FREE', right: true },
            { title: 'VALUE', right: true },
          ],
          rows: balance.assets.map(({ asset, total, free, value }) => [
            asset,
            exact(total),
            exact(free),
            value === undefined ? 'no price' : money(value),
          ]),
          none: 'It holds cash alone.',
        },
      ]
    : [];
