import type { Command } from 'commander';
import * as z from 'zod';
import { type AccountId, roleOf, zAccountId } from '../../../shared/account/account.ts';
import { EXCHANGES } from '../../../shared/exchange/market.ts';
import { zControlAnswer } from '../../answers/control-answer.ts';
import type { RegisteredAnswer } from '../../answers/registered-answer.ts';
import { confirmed, whoAndWhy } from '../../asking/confirm.ts';
import { type Does, examples, parsed, withAskedBy, zAskedBy } from '../../command.ts';
import type { Context } from '../../context.ts';
import { CommandFailed, EXIT_CODES } from '../../outcome.ts';
import { CallFailed, call } from '../../transport/functions.ts';
import { type Registration, register } from './register.ts';

const zOptions = z.object({ ...zAskedBy, exchange: z.enum(EXCHANGES).default('kraken') });

const SWITCHES = {
  disable: {
    enabled: false,
    summary: 'let an account buy nothing any more',
    description:
      'A disabled account buys nothing. What it holds is still sold: by its stops, with its master, and on request. A disabled master opens nothing new.',
    does: (accountId: AccountId) => `let ${accountId} buy nothing any more; it can always sell`,
  },
  enable: {
    enabled: true,
    summary: 'let an account that was disabled buy again',
    description: 'Takes back a disable, and no other switch: not a pause, exit-only, or the halt.',
    does: (accountId: AccountId) => `let ${accountId} buy again`,
  },
} as const;

export const addAccountsSwitch = (accounts: Command, does: Does, name: keyof typeof SWITCHES): void => {
  const { enabled, summary, description, does: intent } = SWITCHES[name];
  withAskedBy(accounts.command(name))
    .summary(summary)
    .description(description)
    .argument('<account>', 'u-… for a user, m-… for a master')
    .option('--exchange <name>', 'where a master is (default: kraken)')
    .addHelpText('after', examples(`accounts ${name} u-ann --why "lost phone"`))
    .action(
      does(zOptions, async (context, [account], options) => {
        const accountId = parsed(zAccountId, account, 'account');
        await confirmed(context, { does: intent(accountId) });
        const asked = await whoAndWhy(context, options);
        if (roleOf(accountId) === 'master') {
          const { exchange } = options;
          const registration = { accountId, exchange, enabled, ...asked };
          const now = enabled
            ? await register(context, registration)
            : await disabledMaster(context, registration);
          const text = now.enabled
            ? `${accountId} may buy.`
            : `${accountId} buys nothing; it can always sell.`;
          return { exitCode: EXIT_CODES.done, document: now, blocks: [{ kind: 'text', tone: 'good', text }] };
        }
        const answer = await context.progress.during(
          () => 'waiting for control',
          call(context.functions, 'control', { action: name, accountId, ...asked }, zControlAnswer),
        );
        return {
          exitCode: EXIT_CODES.done,
          document: answer,
          blocks: [{ kind: 'text', tone: 'good', text: answer.summary }],
        };
      }),
    );
};

/** A registration asks the exchange for the key's rights, so who must be stopped now needs another way. */
const disabledMaster = async (context: Context, registration: Registration): Promise<RegisteredAnswer> => {
  try {
    return await register(context, registration);
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    throw new CommandFailed(
      error.code,
      `${error.message}. ${registration.accountId} may still buy: nija halt${context.where} stops all buying`,
      { cause: error },
    );
  }
};
