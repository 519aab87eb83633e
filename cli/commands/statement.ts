import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import * as z from 'zod';
import { zAccountId } from '../../shared/account/account.ts';
import { zFraction } from '../../shared/money/schema.ts';
import { METHODS } from '../../shared/statement/statement.ts';
import { type StatementAnswer, zStatementAnswer } from '../answers/statement-answer.ts';
import { type AddCommand, examples, parsed } from '../command.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT_CODES, UsageProblem } from '../outcome.ts';
import { basisPoints, counted, money, percent } from '../screen/figures.ts';
import type { Block, Shown } from '../screen/shown.ts';
import { call } from '../transport/functions.ts';

const zMonth = z
  .string()
  .regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'a month looks like 2026-11; it is that of the calendar in UTC');
const zOptions = z.object({
  method: z.enum(METHODS).optional(),
  profitShare: z
    .string()
    .refine((share) => zFraction.safeParse(share).success, 'a share is a fraction like 0.2: twenty percent')
    .optional(),
  as: z.enum(['csv', 'html']).optional(),
  output: z.string().optional(),
});
type StatementOptions = z.infer<typeof zOptions>;

export const addStatement: AddCommand = (program, does) => {
  program
    .command('statement')
    .summary("an account's month: what its change in equity is made of")
    .description(
      'From the ledger alone: trades, copies, fees, profit, what came and left, and the distance to the master by its causes; the parts add up to the change in equity. A profit share is computed and shown, never taken.',
    )
    .argument('<account>', 'u-… for a user, m-… for a master')
    .argument('<month>', 'like 2026-11 (UTC)')
    .option('--method <method>', 'which coins are sold first: fifo (unless told) or average')
    .option('--profit-share <fraction>', 'of the profit above the highest so far, like 0.2')
    .option('--as <format>', 'write a file: csv, or html with plots')
    .option('--output <file>', 'which file (default: its own name, in this folder); never one that is there')
    .addHelpText(
      'after',
      examples(
        'statement u-ann 2026-11',
        'statement u-ann 2026-11 --as csv --output november.csv',
        'statement u-ann 2026-11 --method average --profit-share 0.2 --json',
      ),
    )
    .action(
      does(zOptions, async (context, [account, month], options) => {
        if (options.output !== undefined && options.as === undefined)
          throw new UsageProblem(`--output needs --as csv or --as html (given '${options.output}')`);
        const asked = {
          accountId: parsed(zAccountId, account, 'account'),
          month: parsed(zMonth, month, 'month'),
        };
        return await shownOf(await statement(context, asked, options), options.output);
      }),
    );
};

const statement = async (
  { functions, progress }: Context,
  asked: { readonly accountId: string; readonly month: string },
  { method, profitShare, as = 'json' }: Omit<StatementOptions, 'as'> & { readonly as?: string | undefined },
): Promise<StatementAnswer> => {
  const event = {
    ...asked,
    as,
    ...(method === undefined ? {} : { method }),
    ...(profitShare === undefined ? {} : { profitShare }),
  };
  return await progress.during(
    () => `adding up ${asked.month} of ${asked.accountId}`,
    call(functions, 'statement', event, zStatementAnswer),
  );
};

const shownOf = async (answer: StatementAnswer, output: string | undefined): Promise<Shown> => {
  if (answer.as === 'json') return { exitCode: EXIT_CODES.done, document: answer, blocks: figuresOf(answer) };
  const file = resolve(output ?? basename(answer.fileName));
  await write(file, answer.body);
  return {
    exitCode: EXIT_CODES.done,
    document: { as: answer.as, summary: answer.summary, file },
    blocks: [
      { kind: 'text', text: answer.summary },
      { kind: 'text', tone: 'good', text: `Written: ${file}` },
    ],
  };
};

/** Readable by its owner alone: it is somebody's money. */
const write = async (file: string, body: string): Promise<void> => {
  try {
    await writeFile(file, body, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new CommandFailed(
      'NOT_WRITTEN',
      code === 'EEXIST'
        ? `there is a file of that name, and it stays: name another with --output (given '${file}')`
        : `the statement could not be written (${code}): name another file with --output (given '${file}')`,
      { cause: error },
    );
  }
};

const figuresOf = ({
  summary,
  statement: month,
}: Extract<StatementAnswer, { as: 'json' }>): readonly Block[] => [
  { kind: 'text', text: summary },
  {
    kind: 'table',
    columns: [{ title: 'WHAT' }, { title: month.currency, right: true }],
    rows: [
      ['equity before', money(month.equity.opening)],
      ...month.parts
        .filter(({ amount }) => !/^-?0(\.0+)?$/.test(amount))
        .map(({ part, amount }) => [part, money(amount)]),
      ['equity after', { text: money(month.equity.closing), tone: 'strong' }],
    ],
    none: '',
  },
  ...trackingOf(month.tracking),
  ...(month.profitShare === undefined
    ? []
    : [
        {
          kind: 'text',
          text: `A share of ${percent(month.profitShare.rate)} of ${money(month.profitShare.above)} above the mark of ${money(month.profitShare.markBefore)} would be ${money(month.profitShare.share)}. Nothing was taken.`,
        } as const,
      ]),
  {
    kind: 'text',
    tone: 'faint',
    text: `${counted(month.trades.length, 'trade')}, ${counted(month.copies.length, 'copy', 'copies')}: --as csv or --json lists them. Figures here are rounded, those are exact.`,
  },
  ...month.notes.map((text): Block => ({ kind: 'text', tone: 'warn', text })),
];

const trackingOf = (
  tracking: Extract<StatementAnswer, { as: 'json' }>['statement']['tracking'],
): readonly Block[] =>
  tracking.known
    ? [
        {
          kind: 'table',
          columns: [{ title: `AGAINST ${tracking.masterId}` }, { title: 'BP', right: true }],
          rows: [
            ['the account', basisPoints(tracking.accountBps)],
            ['the master', basisPoints(tracking.masterBps)],
            ...tracking.causes.map(({ cause, bps }) => [`by ${cause}`, basisPoints(bps)]),
            ['difference', { text: basisPoints(tracking.differenceBps), tone: 'strong' }],
          ],
          none: '',
        },
      ]
    : [{ kind: 'text', text: `The distance to a master is not known: ${tracking.why}` }];
