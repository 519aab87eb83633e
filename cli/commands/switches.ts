import * as z from 'zod';
import { zUserId } from '../../shared/account/account.ts';
import { zControlAnswer } from '../answers/control-answer.ts';
import { confirmed, whoAndWhy } from '../asking/confirm.ts';
import { type AddCommand, examples, parsed, withAskedBy, zAskedBy } from '../command.ts';
import type { Context } from '../context.ts';
import { EXIT_CODES } from '../outcome.ts';
import type { Shown } from '../screen/shown.ts';
import { call } from '../transport/functions.ts';

const zOptions = z.object(zAskedBy);

const control = async (context: Context, event: object): Promise<Shown> => {
  const asked = call(context.functions, 'control', event, zControlAnswer);
  const answer = await context.progress.during(() => 'waiting for control', asked);
  return {
    exitCode: EXIT_CODES.done,
    document: answer,
    blocks: [{ kind: 'text', text: answer.summary, tone: 'good' }],
  };
};

export const addHalt: AddCommand = (program, does) => {
  withAskedBy(program.command('halt').summary('stop all buying, of all accounts'))
    .description(
      'Stops every BUY of every account from the next order on, until it is resumed. Sales, copied sales, stops and exits go on.',
    )
    .addHelpText('after', examples('halt --why "odd prices"', 'halt --stage prod --yes --why "odd prices"'))
    .action(
      does(zOptions, async (context, _args, options) => {
        await confirmed(context, { does: 'stop all buying, of all accounts; sales and exits go on' });
        return await control(context, { action: 'halt', ...(await whoAndWhy(context, options)) });
      }),
    );
};

export const addResume: AddCommand = (program, does) => {
  withAskedBy(program.command('resume').summary('buy again: all accounts, or copy again for one'))
    .description(
      'Without an account: lifts the halt, and clears the breaker over all accounts. With one: copies for this account again. Neither lifts the other.',
    )
    .argument('[account]', 'a user, like u-ann')
    .addHelpText(
      'after',
      examples('resume --why "prices are right again"', 'resume u-ann --why "back from holiday"'),
    )
    .action(
      does(zOptions, async (context, [account], options) => {
        const accountId = account === undefined ? undefined : parsed(zUserId, account, 'account');
        await confirmed(context, {
          does:
            accountId === undefined
              ? 'let all accounts buy again'
              : `copy trades for ${accountId} again, BUYs too`,
        });
        const asked = await whoAndWhy(context, options);
        return await control(
          context,
          accountId === undefined
            ? { action: 'resume', ...asked }
            : { action: 'resume-copying', accountId, ...asked },
        );
      }),
    );
};

export const addPause: AddCommand = (program, does) => {
  withAskedBy(program.command('pause').summary('copy no more BUYs for one account'))
    .description(
      'Copies no BUY for this account until it is resumed. What it holds is still sold with its master, by its stops and on request.',
    )
    .argument('<account>', 'a user, like u-ann')
    .addHelpText('after', examples('pause u-ann --why "on holiday"', 'resume u-ann'))
    .action(
      does(zOptions, async (context, [account], options) => {
        const accountId = parsed(zUserId, account, 'account');
        await confirmed(context, { does: `copy no more BUYs for ${accountId}; it can always sell` });
        return await control(context, {
          action: 'pause-copying',
          accountId,
          ...(await whoAndWhy(context, options)),
        });
      }),
    );
};
