import { zUserId } from '../../shared/account/account.ts';
import { type CheckAnswer, zCheckAnswer } from '../answers/check-answer.ts';
import { type AddCommand, examples, noOptions, parsed } from '../command.ts';
import { EXIT_CODES } from '../outcome.ts';
import { duration } from '../screen/figures.ts';
import type { Cell, Shown } from '../screen/shown.ts';
import { call } from '../transport/functions.ts';

export const addCheck: AddCommand = (program, does) => {
  program
    .command('check')
    .summary('check one account now: stops, books, key, unfinished work')
    .description(
      'Does for one account what its schedule does every few minutes: judges its stops and sells what they say, holds the ledger to the exchange, measures the equity, looks after the key, goes on with what is unfinished. It never buys.',
    )
    .argument('<account>', 'a user, like u-ann')
    .addHelpText(
      'after',
      `\nEnds with 1 where a step failed.\n${examples('check u-ann', 'check u-ann --stage prod --json')}`,
    )
    .action(
      does(noOptions, async (context, [account]) => {
        const accountId = parsed(zUserId, account, 'account');
        const asked = call(context.functions, 'account-check', { accountId }, zCheckAnswer);
        return shownOf(await context.progress.during(() => `checking ${accountId}`, asked));
      }),
    );
};

const shownOf = (answer: CheckAnswer): Shown => {
  const failed = answer.steps.filter(({ state }) => state === 'FAILED').length;
  return {
    exitCode: answer.state === 'COMPLETED' ? EXIT_CODES.done : EXIT_CODES.failed,
    document: answer,
    blocks: [
      {
        kind: 'table',
        columns: [{ title: 'STEP' }, { title: 'STATE' }, { title: 'FOUND' }],
        rows: answer.steps.map((step): readonly Cell[] =>
          step.state === 'DONE'
            ? [step.step, { text: 'done', tone: 'good' }, inWords(step.result)]
            : [step.step, { text: step.code, tone: 'bad' }, step.message],
        ),
        none: 'No step was made.',
      },
      {
        kind: 'text',
        tone: failed === 0 ? 'good' : 'bad',
        text:
          failed === 0
            ? `${answer.accountId} is checked (${duration(answer.durationMs)}).`
            : `${answer.accountId}: ${failed} of ${answer.steps.length} steps failed (${duration(answer.durationMs)}).`,
      },
    ],
  };
};

/** What a step found, in short: its facts by name, and how many there are of what is a list. */
const inWords = (result: unknown): string => {
  if (typeof result !== 'object' || result === null) return result === undefined ? '' : String(result);
  return Object.entries(result)
    .flatMap(([name, value]) => {
      const said = inShort(value);
      return said === undefined ? [] : [`${name} ${said}`];
    })
    .join(', ');
};

const inShort = (value: unknown): string | undefined => {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return String(value.length);
  if (typeof value === 'object') return undefined;
  return value === true ? 'yes' : value === false ? 'no' : String(value);
};
