import type { Command } from 'commander';
import { roleOf, zAccountId } from '../../../shared/account/account.ts';
import type { AccountView } from '../../../shared/reporting/contract/account-answer.ts';
import type { ViewAnswerOf } from '../../../shared/reporting/view-contract.ts';
import { type AuditLine, zControlAnswer } from '../../answers/control-answer.ts';
import { type Does, examples, noOptions, parsed } from '../../command.ts';
import type { Context } from '../../context.ts';
import { EXIT_CODES } from '../../outcome.ts';
import { counted, moment, money } from '../../screen/figures.ts';
import type { Block, Cell, Shown } from '../../screen/shown.ts';
import { CallFailed, call } from '../../transport/functions.ts';
import { view } from '../../transport/view.ts';
import { findingsBlock } from '../findings-block.ts';
import { stateCell } from '../state-cell.ts';
import { changeInWords } from './change-in-words.ts';
import { settingFacts } from './setting-facts.ts';

export const addAccountsShow = (accounts: Command, does: Does): void => {
  accounts
    .command('show')
    .summary('one account: state, settings, key, findings, last changes')
    .description('Reads the ledger alone: worth is as last measured, and a key is only ever its fingerprint.')
    .argument('<account>', 'u-… for a user, m-… for a master')
    .addHelpText('after', examples('accounts show u-ann', 'accounts show m-apex --json'))
    .action(
      does(noOptions, async (context, [account]) => {
        const accountId = parsed(zAccountId, account, 'account');
        const answer = await context.progress.during(
          () => `reading ${accountId}`,
          view(context.functions, 'account', { accountId }),
        );
        return shownOf(answer, await trailOf(context, accountId));
      }),
    );
};

type Trail =
  | { readonly readable: true; readonly changes: readonly AuditLine[] }
  | { readonly readable: false; readonly why: string };

/** Of a user; what is registered of a master stands in its log. */
const trailOf = async ({ functions, progress }: Context, accountId: string): Promise<Trail | undefined> => {
  if (roleOf(accountId) === 'master') return undefined;
  try {
    const asked = call(functions, 'control', { action: 'status', accountId }, zControlAnswer);
    const { lastChanges = [] } = await progress.during(() => `reading the changes of ${accountId}`, asked);
    return { readable: true, changes: lastChanges };
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    return { readable: false, why: error.message };
  }
};

const shownOf = (answer: ViewAnswerOf<'account'>, trail: Trail | undefined): Shown => {
  const { account, unfinished } = answer;
  const whole = account.failing.length === 0 && account.state !== 'failing' && trail?.readable !== false;
  return {
    exitCode: whole ? EXIT_CODES.done : EXIT_CODES.failed,
    document: { ...answer, ...(trail === undefined ? {} : { lastChanges: trail }) },
    blocks: [
      {
        kind: 'facts',
        facts: [...standingFacts(account), ...settingFacts(account), unfinishedFact(unfinished)],
      },
      ...account.failing.map(
        ({ part, why }): Block => ({ kind: 'text', tone: 'bad', text: `${part} could not be read: ${why}` }),
      ),
      ...(account.findings.length === 0 ? [] : [findingsBlock(account.findings)]),
      ...(trail === undefined ? [] : trailBlocks(trail)),
    ],
  };
};

const standingFacts = ({ accountId, state, reason, worth, key, lastCheck }: AccountView) => {
  const facts: (readonly [string, Cell])[] = [
    ['account', { text: accountId, tone: 'strong' }],
    ['state', stateCell(state)],
    ['why', reason],
    [
      'worth',
      worth.known
        ? `${money(worth.equity)} (cash ${money(worth.cash)}, held ${money(worth.held)}), profit ${money(worth.profit)}, measured ${moment(worth.at)} UTC`
        : { text: `unknown: ${worth.why}`, tone: 'warn' },
    ],
    ['key', keyCell(key)],
    [
      'checked',
      lastCheck === undefined
        ? { text: 'never', tone: 'warn' }
        : lastCheck.overdue
          ? { text: `${moment(lastCheck.at)} UTC, overdue`, tone: 'bad' }
          : `${moment(lastCheck.at)} UTC`,
    ],
  ];
  return facts;
};

const keyCell = (key: AccountView['key']): Cell => {
  if (key.usable === undefined)
    return { tone: 'bad', text: `${key.fingerprint ?? 'unknown'}, whether it is usable could not be read` };
  return key.usable ? (key.fingerprint ?? 'unknown') : keyProblem(key);
};

const keyProblem = ({ fingerprint = 'unknown', problem }: AccountView['key']): Cell => ({
  tone: 'bad',
  text:
    problem === undefined
      ? `${fingerprint}, not usable`
      : `${fingerprint}, not usable since ${moment(problem.since)} UTC (${problem.code}): ${problem.remedy}`,
});

const unfinishedFact = (unfinished: ViewAnswerOf<'account'>['unfinished']): readonly [string, Cell] => {
  if (unfinished === undefined) return ['unfinished', { text: 'could not be read', tone: 'bad' }];
  const { ordersInDoubt, openCopies, owedSales, exits } = unfinished;
  const open = [
    ...(ordersInDoubt > 0 ? [counted(ordersInDoubt, 'order in doubt', 'orders in doubt')] : []),
    ...(openCopies > 0 ? [counted(openCopies, 'open copy', 'open copies')] : []),
    ...(owedSales > 0 ? [counted(owedSales, 'sale that is owed', 'sales that are owed')] : []),
    ...exits.map(({ requestId }) => `exit ${requestId}`),
  ];
  return ['unfinished', open.length === 0 ? 'nothing' : { text: open.join(', '), tone: 'warn' }];
};

const trailBlocks = (trail: Trail): readonly Block[] =>
  trail.readable
    ? [
        { kind: 'heading', text: 'Last changes' },
        {
          kind: 'table',
          columns: [{ title: 'WHEN (UTC)' }, { title: 'WHAT' }, { title: 'BY' }, { title: 'WHY' }],
          rows: trail.changes.map((change) => [
            moment(change.at),
            changeInWords(change),
            change.by,
            change.why,
          ]),
          none: 'Nothing was changed yet.',
        },
      ]
    : [{ kind: 'text', tone: 'bad', text: `The last changes could not be read: ${trail.why}` }];
