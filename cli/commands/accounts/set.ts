import type { Command } from 'commander';
import * as z from 'zod';
import { type AccountId, roleOf, zAccountId } from '../../../shared/account/account.ts';
import type { Credentials } from '../../../shared/account/credentials.ts';
import { EXCHANGES } from '../../../shared/exchange/market.ts';
import { zControlAnswer } from '../../answers/control-answer.ts';
import { confirmed, whoAndWhy } from '../../asking/confirm.ts';
import { askForKey } from '../../asking/key.ts';
import { type Does, examples, parsed, withAskedBy, zAskedBy } from '../../command.ts';
import type { Context } from '../../context.ts';
import { CommandFailed, EXIT_CODES, UsageProblem } from '../../outcome.ts';
import type { Block, Shown } from '../../screen/shown.ts';
import { CallFailed, call } from '../../transport/functions.ts';
import type { Keys, Replaced } from '../../transport/keys.ts';
import { type Registration, register, wasRefused } from './register.ts';
import { SETTINGS_HELP, type Settings, settingsOf, withSettings, zSettingOptions } from './settings.ts';

const zOptions = z.object({
  ...zSettingOptions,
  ...zAskedBy,
  exchange: z.enum(EXCHANGES).default('kraken'),
  newKey: z.boolean().default(false),
  keyStdin: z.boolean().default(false),
});
type SetOptions = z.infer<typeof zOptions>;

export const addAccountsSet = (accounts: Command, does: Does): void => {
  withAskedBy(withSettings(accounts.command('set')))
    .summary('change limits, protection, symbols, sizing, master or key')
    .description(
      "Changes what it names and nothing else; it holds from the next order on. What was before, who changed it and why are kept. A user's limits, protection and symbols are changed without asking the exchange; whom it follows, its sizing and its key by registering it again.",
    )
    .argument('<account>', 'u-… for a user, m-… for a master')
    .option('--new-key', 'replace its API key: asks for the new one and registers it')
    .option('--key-stdin', 'the new key comes on standard input: {"apiKey":"…","apiSecret":"…"}')
    .option('--exchange <name>', 'where the account is (default: kraken)')
    .addHelpText(
      'after',
      `${SETTINGS_HELP}
${examples(
  'accounts set u-ann --limit maxTradeFraction=0.05 --protect stopLoss=0.08 --why "asked by the owner"',
  'accounts set u-ann --deny SOL/USD --exit-only on',
  'accounts set u-ann --new-key',
  'accounts set m-apex --strategy apex --symbols BTC/USD --mode live --stage prod',
)}`,
    )
    .action(
      does(zOptions, async (context, [account], options) => {
        const accountId = parsed(zAccountId, account, 'account');
        const changes = changesOf(accountId, options);
        await confirmed(context, {
          does: `change ${changes.map(({ what }) => what).join(', and ')} of ${accountId}`,
        });
        const who = await whoAndWhy(context, options);
        // Before the first change: who does not answer has changed nothing.
        const key = options.newKey ? { key: await askForKey(context, { ...options, accountId }) } : {};
        const asked = { ...who, ...key };
        const done: Outcome[] = [];
        for (const { what, make } of changes) done.push(await outcomeOf(what, make(context, asked)));
        return shownOf(accountId, done);
      }),
    );
};

type Asked = { readonly by: string; readonly why: string; readonly key?: Credentials };

/** One call that changes something, in the order in which they are made. */
interface Change {
  /** `limits: maxTradeFraction 0.05` */
  readonly what: string;
  readonly make: (context: Context, asked: Asked) => Promise<unknown>;
}

/** @throws UsageProblem where nothing is named */
const changesOf = (accountId: AccountId, options: SetOptions): readonly Change[] => {
  const settings = settingsOf(options);
  if (options.strategy !== undefined && options.mode === undefined)
    throw new UsageProblem(
      '--strategy replaces the strategy as a whole: say --mode, too. In mode paper a master sends no order any more, also none that sells what it holds (given no --mode)',
    );
  if (options.keyStdin && !options.newKey) throw new UsageProblem('--key-stdin goes with --new-key');
  const registered =
    roleOf(accountId) === 'master' ? settings : onlyOf(settings, ['follows', 'sizing', 'strategy']);
  const changes = [
    ...(roleOf(accountId) === 'master' ? [] : switched(accountId, settings)),
    ...(options.newKey || Object.keys(registered).length > 0
      ? [registering(accountId, registered, options)]
      : []),
  ];
  if (changes.length > 0) return changes;
  throw new UsageProblem('name what is to be changed, like --limit maxTradeFraction=0.05');
};

const onlyOf = (settings: Settings, names: readonly (keyof Settings)[]): Settings =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => names.some((one) => one === name)));

/** By `control`, which asks no exchange: it works while that is away. */
const switched = (accountId: AccountId, settings: Settings): readonly Change[] => {
  const { limits, protection, deniedSymbols, allowedSymbols, exitOnly } = settings;
  const change = (what: string, event: object): Change => ({
    what,
    make: async ({ functions, progress }, { by, why }) =>
      await progress.during(
        () => `changing ${what}`,
        call(functions, 'control', { ...event, accountId, by, why }, zControlAnswer),
      ),
  });
  return [
    ...(limits === undefined ? [] : [change(`limits: ${inWords(limits)}`, { action: 'set-limits', limits })]),
    ...(protection === undefined
      ? []
      : [change(`protection: ${inWords(protection)}`, { action: 'set-protection', protection })]),
    ...(deniedSymbols === undefined && allowedSymbols === undefined
      ? []
      : [
          change(`symbols: ${symbolsInWords(deniedSymbols, allowedSymbols)}`, {
            action: 'set-symbols',
            ...(deniedSymbols === undefined ? {} : { denied: deniedSymbols }),
            ...(allowedSymbols === undefined ? {} : { allowed: allowedSymbols }),
          }),
        ]),
    ...(exitOnly === undefined
      ? []
      : [
          change(`exit-only: ${exitOnly ? 'on' : 'off'}`, {
            action: exitOnly ? 'exit-only' : 'leave-exit-only',
          }),
        ]),
  ];
};

/** `maxTradeFraction 0.05, maxOpenPositions 4` */
const inWords = (settings: object): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} ${said(value)}`)
    .join(', ');

const said = (value: unknown): string => {
  if (value === null) return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(said).join(' and ');
  return typeof value === 'object' ? inWords(value) : String(value);
};

const symbolsInWords = (denied: Settings['deniedSymbols'], allowed: Settings['allowedSymbols']): string =>
  [
    ...(denied === undefined ? [] : [denied.length === 0 ? 'none denied' : `${denied.join(', ')} denied`]),
    ...(allowed === undefined
      ? []
      : [allowed === null ? 'all others allowed' : `only ${allowed.join(', ')} allowed`]),
  ].join(' and ');

const registering = (accountId: AccountId, settings: Settings, options: SetOptions): Change => ({
  what: [
    ...(options.newKey ? ['the API key'] : []),
    ...Object.entries(settings).map(([name, value]) => `${name}: ${said(value)}`),
  ].join(', '),
  make: async (context, { key, ...asked }) => {
    const registration = { accountId, exchange: options.exchange, ...settings, ...asked };
    if (key === undefined) return await register(context, registration);
    const keys = await context.keys();
    try {
      return await registerWith(key, registration, keys, context);
    } finally {
      keys.stop();
    }
  },
});

/** The key comes first, since a registration looks at the one that is stored. */
const registerWith = async (
  key: Credentials,
  registration: Registration,
  keys: Keys,
  context: Context,
): Promise<unknown> => {
  const { accountId, exchange } = registration;
  const replaced = await keys.replace(accountId, exchange, key);
  if (replaced === undefined)
    throw new CommandFailed(
      'KEY_MISSING',
      `there is no key of ${accountId} to replace: store the first one with nija accounts add ${accountId}`,
    );
  try {
    return await register(context, registration);
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const rest = (await isBack(context, replaced, error))
      ? 'The old key is back in the vault and works as before'
      : 'The vault holds the new key, and until it is registered the account is refused with KEY_CHANGED, also its exits and stops: repeat this, or put the old key back with it';
    throw new CommandFailed(error.code, `${error.message}. ${rest}`);
  }
};

/** Only of a key that was refused for sure: another may be registered by now. */
const isBack = async ({ tell }: Context, replaced: Replaced, refusal: CallFailed): Promise<boolean> => {
  if (!wasRefused(refusal.code)) return false;
  try {
    return await replaced.undo();
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    tell([{ kind: 'text', tone: 'bad', text: error.message }]);
    return false;
  }
};

type Outcome = { readonly what: string } & (
  | { readonly done: true; readonly answer: unknown }
  | { readonly done: false; readonly code: string; readonly message: string }
);

/** One change that failed keeps the others from nothing. */
const outcomeOf = async (what: string, made: Promise<unknown>): Promise<Outcome> => {
  try {
    return { what, done: true, answer: await made };
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return { what, done: false, code: error.code, message: error.message };
  }
};

const shownOf = (accountId: AccountId, outcomes: readonly Outcome[]): Shown => ({
  exitCode: outcomes.every(({ done }) => done) ? EXIT_CODES.done : EXIT_CODES.failed,
  document: { accountId, changes: outcomes },
  blocks: outcomes.map(
    (one): Block =>
      one.done
        ? { kind: 'text', tone: 'good', text: `Changed: ${one.what}.` }
        : { kind: 'text', tone: 'bad', text: `Not changed: ${one.what}. ${one.code}: ${one.message}` },
  ),
});
