import * as z from 'zod';
import { zAccountId } from '../../shared/account/account.ts';
import type { Level, PositionView } from '../../shared/reporting/contract/position-answer.ts';
import type { ViewAnswerOf } from '../../shared/reporting/view-contract.ts';
import { type AddCommand, examples, parsed } from '../command.ts';
import { EXIT_CODES } from '../outcome.ts';
import { average, exact, moment, money, percent } from '../screen/figures.ts';
import type { Block, Cell, Shown } from '../screen/shown.ts';
import { everyPage } from '../transport/view.ts';

const zOptions = z.object({ role: z.enum(['master', 'user']).optional() });
type AccountPositions = ViewAnswerOf<'positions'>['accounts'][number];
type Held = Extract<AccountPositions, { readable: true }>;

export const addPositions: AddCommand = (program, does) => {
  program
    .command('positions')
    .summary('what accounts hold because Nija bought it, and where it sells by itself')
    .description(
      'Reads the ledger alone: prices are the last it knows. What an owner holds beside is not shown; nija balances does.',
    )
    .argument('[account]', 'one account, like u-ann; all unless named')
    .option('--role <role>', 'of masters or users alone: master, user')
    .addHelpText(
      'after',
      `\nEnds with 1 where an account could not be read.\n${examples('positions', 'positions u-ann', 'positions --role user --json')}`,
    )
    .action(
      does(zOptions, async ({ functions, progress }, [account], { role }) => {
        let covered = '';
        const asked = {
          limit: 200,
          ...(account === undefined ? {} : { accountId: parsed(zAccountId, account, 'account') }),
          ...(role === undefined ? {} : { role }),
        };
        const pages = await progress.during(
          () => `reading positions${covered}`,
          everyPage(functions, 'positions', asked, (some, all) => {
            covered = `: ${some} of ${all} accounts`;
          }),
        );
        return shownOf(pages.flatMap((page) => page.accounts));
      }),
    );
};

const shownOf = (accounts: readonly AccountPositions[]): Shown => {
  const unread = accounts.flatMap((one): readonly Block[] => {
    if (!one.readable)
      return [{ kind: 'text', tone: 'bad', text: `${one.accountId} could not be read: ${one.why}` }];
    const parts = [
      ...(one.levelsUnreadable === undefined
        ? one.positions.flatMap(({ symbol, levelsUnreadable: why }) =>
            why === undefined
              ? []
              : [`The stops of ${one.accountId} for ${symbol} could not be read: ${why}`],
          )
        : [`The stops of ${one.accountId} could not be read: ${one.levelsUnreadable}`]),
      ...(one.unjudgedUnreadable === undefined
        ? []
        : [`Whether the stops of ${one.accountId} are judged could not be read: ${one.unjudgedUnreadable}`]),
    ];
    return parts.map((text) => ({ kind: 'text', tone: 'bad', text }));
  });
  return {
    exitCode: unread.length === 0 ? EXIT_CODES.done : EXIT_CODES.failed,
    document: { accounts },
    blocks: [
      {
        kind: 'table',
        columns: [
          { title: 'ACCOUNT' },
          { title: 'SYMBOL' },
          { title: 'QUANTITY', right: true },
          { title: 'COST EACH', right: true },
          { title: 'PRICE', right: true },
          { title: 'VALUE', right: true },
          { title: 'GAIN', right: true },
          { title: 'SELLS BY ITSELF' },
        ],
        rows: accounts.flatMap((one) =>
          one.readable ? one.positions.map((position) => rowOf(one, position)) : [],
        ),
        none: noneOf(accounts),
      },
      ...unread,
    ],
  };
};

const noneOf = (accounts: readonly AccountPositions[]): string => {
  if (accounts.every(({ readable }) => readable)) return 'There are no positions.';
  return accounts.some(({ readable }) => readable)
    ? 'There are no positions in the accounts that could be read.'
    : 'No positions could be read.';
};

const UNKNOWN: Cell = { text: 'unknown', tone: 'warn' };

const rowOf = (account: Held, position: PositionView): readonly Cell[] => {
  const { symbol, quantity, averageCost, price, value, unrealised } = position;
  return [
    account.accountId,
    symbol,
    exact(quantity),
    averageCost === undefined ? UNKNOWN : average(averageCost),
    price.known ? average(price.price) : UNKNOWN,
    value === undefined ? UNKNOWN : money(value),
    unrealised === undefined
      ? UNKNOWN
      : { text: money(unrealised), tone: unrealised.startsWith('-') ? 'bad' : 'good' },
    protectionOf(account, position),
  ];
};

const protectionOf = (
  { unjudgedUnreadable }: Held,
  { levels, levelsUnreadable, unjudged, selling }: PositionView,
): Cell => {
  if (unjudged !== undefined)
    return {
      tone: 'bad',
      text: `nobody judges it since ${moment(unjudged.since)} UTC, ${unjudged.checks} checks: ${unjudged.why}`,
    };
  if (selling !== undefined) return { tone: 'warn', text: `being sold: ${selling}` };
  if (levelsUnreadable !== undefined) return { tone: 'bad', text: 'could not be read' };
  const rules = levels.map(levelInWords).join(', ') || 'no rule';
  return unjudgedUnreadable === undefined
    ? rules
    : { tone: 'bad', text: `${rules}; whether anything judges them could not be read` };
};

const NAMES = {
  stop: 'stop',
  'trailing-stop': 'trailing stop',
  'take-profit': 'take profit',
  'max-holding': 'held',
} as const satisfies Record<Level['kind'], string>;

const levelInWords = ({ kind, state, price, until, sell }: Level): string => {
  const at = price === undefined ? '' : ` ${average(price)}`;
  const time = until === undefined ? '' : ` until ${moment(until)} UTC`;
  const share = sell === undefined ? '' : ` (${percent(sell)})`;
  return `${NAMES[kind]}${at}${time}${share}${state === 'armed' ? '' : `, ${state}`}`;
};
