import * as z from 'zod';
import { isLeftOver } from '../../page/exit/left-over.ts';
import { inTime, TooSlow } from '../../page/server/in-time.ts';
import { zSymbol, zUserId } from '../../shared/account/account.ts';
import { type ExitAnswer, zExitAnswer } from '../answers/exit-answer.ts';
import { confirmed } from '../asking/confirm.ts';
import { type AddCommand, collected, examples, parsed } from '../command.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT_CODES } from '../outcome.ts';
import { average, counted, exact, money } from '../screen/figures.ts';
import type { Block, Cell, Shown, Tone } from '../screen/shown.ts';
import { call } from '../transport/functions.ts';

const zOptions = z.object({
  symbol: z.array(zSymbol).optional(),
  everything: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  requestId: z.string().optional(),
});
type ExitOptions = z.infer<typeof zOptions>;

export const addExit: AddCommand = (program, does) => {
  program
    .command('exit')
    .summary('sell all that an account holds, and verify it at the exchange')
    .description(
      'Cancels the open orders of what it sells and sells until the exchange itself shows that nothing sellable is left. It needs no master and asks no switch. Asked again, it goes on where it stopped and never sells twice. It does not stop copying: set the account exit-only for that.',
    )
    .argument('<account>', 'a user, like u-ann')
    .option('--symbol <symbol>', 'only this one, like BTC/USD; may be given more than once', collected)
    .option('--everything', 'also what Nija did not buy')
    .option('--dry-run', 'say what would be sold, and sell nothing')
    .option('--request-id <id>', 'the same id is always the same exit')
    .addHelpText(
      'after',
      `
Ends with 0 when nothing is left that can be sold (what is staked or delisted is told), with 1 when something is: ask again.
Ctrl-C ends the waiting, not the exit.
${examples('exit u-ann --dry-run', 'exit u-ann', 'exit u-ann --symbol BTC/USD --symbol ETH/USD', 'exit u-ann --everything --stage prod --yes')}`,
    )
    .action(
      does(zOptions, async (context, [account], options) => {
        const event = eventOf(parsed(zUserId, account, 'account'), options);
        const lines = linesOf(event, context);
        if (options.dryRun) return shownOf(await exit(context, { ...event, dryRun: true }), lines);
        await confirmed(context, {
          does: intentOf(event.accountId, options),
          shows: async () => await planOf(context, event, lines),
        });
        return shownOf(await sold(context, event), lines);
      }),
    );
};

const eventOf = (accountId: string, { symbol, everything, requestId }: ExitOptions) => ({
  accountId,
  scope: everything ? 'everything' : 'managed',
  ...(symbol === undefined ? {} : { symbols: symbol }),
  ...(requestId === undefined ? {} : { requestId }),
});
type ExitEvent = ReturnType<typeof eventOf> & { readonly dryRun?: true };

const intentOf = (accountId: string, { symbol, everything }: ExitOptions): string => {
  const what = symbol === undefined ? 'all' : `all ${symbol.join(' and ')}`;
  const whose = everything
    ? `that ${accountId} holds, its owner's own coins too`
    : `that Nija bought for ${accountId}`;
  return `sell ${what} ${whose}, at market prices; it buys again with its master's next purchase unless you pause it`;
};

/** What to type next: it asks for the same, of the same deployment. */
interface Lines {
  readonly goOn: (requestId: string) => string;
  readonly pause: string;
}

const linesOf = ({ accountId, scope, symbols = [] }: ExitEvent, { where }: Context): Lines => {
  const what = `${scope === 'everything' ? ' --everything' : ''}${symbols.map((one) => ` --symbol ${one}`).join('')}`;
  return {
    goOn: (requestId) => `nija exit ${accountId}${what} --request-id ${requestId}${where}`,
    pause: `nija pause ${accountId}${where}`,
  };
};

const exit = async (context: Context, event: ExitEvent): Promise<ExitAnswer> =>
  await context.progress.during(
    () =>
      event.dryRun === true
        ? `asking the exchange what ${event.accountId} holds`
        : `selling for ${event.accountId}: it waits for orders in doubt and for rate limits, five minutes at most`,
    call(context.functions, 'exit', event, zExitAnswer),
  );

/** Ends of a call that leave open how far the exit came, or that it goes on. */
const OPEN_ENDS: ReadonlySet<string> = new Set([
  'NO_ANSWER',
  'UNEXPECTED_ANSWER',
  'Unhandled',
  'Sandbox.Timedout',
  'LeaseLost',
  'LeaseUnavailable',
]);

/** @throws CommandFailed which says how to go on, where the call ended and the exit may not have */
const sold = async (context: Context, event: ExitEvent): Promise<ExitAnswer> => {
  try {
    return await exit(context, event);
  } catch (error) {
    if (!(error instanceof CommandFailed) || !OPEN_ENDS.has(error.code)) throw error;
    const message = `${error.message}. The exit may go on, and what it has begun goes on with each check of ${event.accountId}. Ask again in the same way: it never sells twice`;
    throw new CommandFailed(error.code, message, { cause: error });
  }
};

/** Who wants out does not wait for a preview. */
const PLAN_WITHIN_MS = 8_000;

/** What would be sold; that it cannot be known keeps nobody from getting out. */
const planOf = async (context: Context, event: ExitEvent, lines: Lines): Promise<readonly Block[]> => {
  try {
    return shownOf(await inTime(exit(context, { ...event, dryRun: true }), PLAN_WITHIN_MS), lines).blocks;
  } catch (error) {
    if (!(error instanceof CommandFailed) && !(error instanceof TooSlow)) throw error;
    const text = `What would be sold could not be found out: ${error.message}`;
    return [{ kind: 'text', text, tone: 'warn' }];
  }
};

const TONES: Readonly<Record<string, Tone>> = {
  SOLD: 'good',
  FLAT: 'good',
  WOULD_SELL: 'strong',
  FAILED: 'bad',
  DUST: 'warn',
  STAKED: 'warn',
  DELISTED: 'warn',
};

const toned = (state: string): Cell => ({ text: state, tone: TONES[state] ?? 'warn' });

const headline = ({ state, accountId, resumed, results }: ExitAnswer, { pause }: Lines): Block => {
  const went = resumed ? ' (an exit begun before went on)' : '';
  switch (state) {
    case 'FLAT': {
      const left = results
        .filter(isLeftOver)
        .map((one) => `${exact(one.left)} of ${one.symbol} (${one.state})`);
      const how =
        left.length === 0
          ? `${accountId} is flat: verified at the exchange${went}`
          : `Of ${accountId} nothing more can be sold here${went}; left: ${left.join(', ')}. Its owner unstakes or withdraws it: see DETAIL`;
      return {
        kind: 'text',
        tone: left.length === 0 ? 'good' : 'warn',
        text: `${how}. It may buy again: ${pause} keeps it out.`,
      };
    }
    case 'INCOMPLETE':
      return {
        kind: 'text',
        tone: 'bad',
        text: `${accountId} is not flat yet${went}. Ask again, it never sells twice:`,
      };
    case 'PLANNED':
      return {
        kind: 'text',
        text: `${accountId} would sell ${counted(results.filter((one) => one.state === 'WOULD_SELL').length, 'holding')}; nothing was sold.`,
      };
  }
};

/** A line of its own: what is to be copied must not be broken. */
const goOn = ({ state, requestId }: ExitAnswer, lines: Lines): readonly Block[] =>
  state === 'INCOMPLETE' ? [{ kind: 'text', text: lines.goOn(requestId) }] : [];

const shownOf = (answer: ExitAnswer, lines: Lines): Shown => ({
  exitCode: answer.state === 'INCOMPLETE' ? EXIT_CODES.failed : EXIT_CODES.done,
  document: answer,
  blocks: [
    {
      kind: 'table',
      columns: [
        { title: 'SYMBOL' },
        { title: 'STATE' },
        { title: 'QUANTITY', right: true },
        { title: 'PRICE', right: true },
        { title: 'PROCEEDS', right: true },
        { title: 'FEES', right: true },
        { title: 'LEFT', right: true },
        { title: 'DETAIL' },
      ],
      rows: answer.results.map((one) => [
        one.symbol,
        toned(one.state),
        exact(one.quantity),
        one.price === undefined ? '' : average(one.price),
        money(one.proceeds),
        money(one.fees),
        exact(one.left),
        one.detail,
      ]),
      none: 'There is nothing to sell.',
    },
    ...answer.notes.map((text): Block => ({ kind: 'text', text, tone: 'warn' })),
    headline(answer, lines),
    ...goOn(answer, lines),
  ],
});
