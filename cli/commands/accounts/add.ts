import type { Command } from 'commander';
import * as z from 'zod';
import { type AccountId, roleOf, zAccountId } from '../../../shared/account/account.ts';
import { EXCHANGES, type ExchangeName } from '../../../shared/exchange/market.ts';
import { zControlAnswer } from '../../answers/control-answer.ts';
import type { RegisteredAnswer } from '../../answers/registered-answer.ts';
import { confirmed } from '../../asking/confirm.ts';
import { askForKey } from '../../asking/key.ts';
import { type Does, examples, parsed, withAskedBy, zAskedBy } from '../../command.ts';
import type { Context } from '../../context.ts';
import { CommandFailed, EXIT_CODES } from '../../outcome.ts';
import type { Shown } from '../../screen/shown.ts';
import { CallFailed, call, type Functions } from '../../transport/functions.ts';
import { view } from '../../transport/view.ts';
import { register, wasRefused } from './register.ts';
import { SETTINGS_HELP, settingsOf, withSettings, zSettingOptions } from './settings.ts';

const zOptions = z.object({
  ...zSettingOptions,
  ...zAskedBy,
  exchange: z.enum(EXCHANGES).default('kraken'),
  keyStdin: z.boolean().default(false),
  keyStored: z.boolean().default(false),
});

export const addAccountsAdd = (accounts: Command, does: Does): void => {
  withAskedBy(withSettings(accounts.command('add')))
    .summary('store the key of a new account and register it')
    .description(
      'Asks for the API key (nothing is shown), stores it in Secrets Manager and registers the account: the exchange is asked what the key may do, and a key that can withdraw, or that another account uses, is refused and taken out of the vault again. A new master is in paper mode unless told.',
    )
    .argument('<account>', 'u-… for a user, m-… for a master')
    .option('--exchange <name>', 'where the account is (default: kraken)')
    .option('--key-stdin', 'the key comes on standard input: {"apiKey":"…","apiSecret":"…"}')
    .option('--key-stored', 'the key is in the vault already: only register')
    .addHelpText(
      'after',
      `${SETTINGS_HELP}
${examples(
  'accounts add u-ann --follows m-apex --why "a new customer"',
  'accounts add u-ann --follows m-apex --key-stdin < key.json',
  'accounts add m-apex --strategy apex --symbols BTC/USD,ETH/USD --stage prod',
)}`,
    )
    .action(
      does(zOptions, async (context, [account], options) => {
        const accountId = parsed(zAccountId, account, 'account');
        const { exchange, keyStdin, keyStored } = options;
        const registration = {
          accountId,
          exchange,
          ...settingsOf(options),
          by: options.by ?? context.operator,
          why: options.why ?? 'no reason was given',
        };
        if (options.mode === 'live')
          await confirmed(context, {
            does: `let ${accountId} trade with real orders from its first tick on`,
          });
        await refuseKnown(context, accountId);
        if (keyStored) return shownOf(await register(context, registration));
        const stored = await store(context, { accountId, exchange, keyStdin });
        try {
          return shownOf(await register(context, registration));
        } catch (error) {
          if (!(error instanceof CallFailed)) throw error;
          throw await stored.undone(error);
        }
      }),
    );
};

/** Before a key is stored: that the deployment answers, and that the account is new. @throws CommandFailed */
const refuseKnown = async ({ functions, progress }: Context, accountId: AccountId): Promise<void> => {
  // Of masters `control` knows nothing.
  const asked = roleOf(accountId) === 'user' ? isUser(functions, accountId) : isMaster(functions, accountId);
  if (!(await progress.during(() => `looking whether ${accountId} is new`, asked))) return;
  throw new CommandFailed(
    'ALREADY_REGISTERED',
    `${accountId} is registered already: change it with nija accounts set ${accountId}, its key with --new-key`,
  );
};

const isUser = async (functions: Functions, accountId: AccountId): Promise<boolean> => {
  try {
    await call(functions, 'control', { action: 'status', accountId }, zControlAnswer);
    return true;
  } catch (error) {
    if (error instanceof CallFailed && error.code === 'UnknownAccount') return false;
    throw error;
  }
};

/** One whose profile cannot be read is there, too. */
const isMaster = async (functions: Functions, accountId: AccountId): Promise<boolean> => {
  const { account } = await view(functions, 'account', { accountId });
  return account.profile !== undefined || account.failing.some(({ part }) => part === 'profile');
};

const store = async (
  context: Context,
  asked: { readonly accountId: AccountId; readonly exchange: ExchangeName; readonly keyStdin: boolean },
): Promise<{ readonly undone: (error: CallFailed) => Promise<CommandFailed> }> => {
  const { accountId, exchange } = asked;
  const keys = await context.keys();
  try {
    if (!(await keys.create(accountId, exchange, await askForKey(context, asked))))
      throw new CommandFailed(
        'KEY_EXISTS',
        `there is a key of ${accountId} in the vault already, and it stays: register with that one with --key-stored, or replace it with nija accounts set ${accountId} --new-key`,
      );
  } finally {
    keys.stop();
  }
  return { undone: async (error) => await undo(context, accountId, error) };
};

/** What was refused leaves nothing behind; where that is not certain, the key stays to be registered again. */
const undo = async (context: Context, accountId: AccountId, error: CallFailed): Promise<CommandFailed> => {
  if (!wasRefused(error.code))
    return new CommandFailed(
      error.code,
      `${error.message}. The key is in the vault; once this is mended: nija accounts add ${accountId} --key-stored with the same settings`,
    );
  const keys = await context.keys();
  try {
    await keys.remove(accountId);
    return new CommandFailed(
      error.code,
      `${error.message}. Nothing is left of it: the key is out of the vault again`,
    );
  } catch (failure) {
    const why = failure instanceof Error ? failure.message : String(failure);
    return new CommandFailed(
      error.code,
      `${error.message}. Its key is still in the vault and has to be removed there: ${why}`,
    );
  } finally {
    keys.stop();
  }
};

const shownOf = (account: RegisteredAnswer): Shown => {
  const { accountId, keyFingerprint, follows } = account;
  const next = accountId.startsWith('u-') ? `nija balances ${accountId}` : `nija accounts show ${accountId}`;
  return {
    exitCode: EXIT_CODES.done,
    document: account,
    blocks: [
      {
        kind: 'text',
        tone: 'good',
        text: `${accountId} is registered, key ${keyFingerprint}${follows === undefined ? '' : `, follows ${follows}: it copies what is traded from now on`}. Look at it: ${next}`,
      },
    ],
  };
};
