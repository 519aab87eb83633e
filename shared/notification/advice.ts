import type { NoticeKind, Severity } from './notice.ts';

/** What all notices of a kind have in common. */
export interface Advice {
  readonly severity: Severity;
  /** A heading: '3 × a copied SELL failed'. */
  readonly title: string;
  /** What to do next, in the words of the runbook, with the command. */
  readonly todo: string;
}

const NOTHING = 'Nothing to do.';
const ALL_IS_SAID = 'Who, when and why: nija report.';

export const ADVICE: Readonly<Record<NoticeKind, Advice>> = {
  'key-can-withdraw': {
    severity: 'urgent',
    title: 'a key can withdraw money',
    todo: 'The account is exit-only. Its owner deletes this key at the exchange now and makes one that can only query and trade; then rotate it (docs/deploy.md).',
  },
  'runaway-tripped': {
    severity: 'urgent',
    title: 'the breaker over all accounts has stopped all buying',
    todo: 'Selling, exits and balances go on. Look at the last trades of the masters; then: nija resume, or raise the limits first (runbook: runaway-tripped).',
  },
  halted: {
    severity: 'urgent',
    title: 'buying is halted for all accounts',
    todo: `Selling, exits and balances go on. When the reason is gone: nija resume. ${ALL_IS_SAID}`,
  },
  'exit-stuck': {
    severity: 'urgent',
    title: 'an exit is not flat',
    todo: 'Somebody wanted out and still holds something. Every check goes on with it; ask again at once with: nija exit ACCOUNT. It sells nothing twice (runbook: exit-failed).',
  },
  'sale-failed': {
    severity: 'urgent',
    title: 'a copied SELL failed',
    todo: 'The account still holds what its master has sold. Every check tries it again; if it cannot wait: nija exit ACCOUNT --symbol SYMBOL (runbook: copies-failed).',
  },
  'protection-stuck': {
    severity: 'urgent',
    title: 'a protective sale failed',
    todo: 'It is tried again with every check, and nothing is sold twice. If it stays: nija exit ACCOUNT --symbol SYMBOL, or the owner sells at the exchange (runbook: protection-failed).',
  },
  'positions-unjudged': {
    severity: 'urgent',
    title: 'a position is not judged: no stop of it fires',
    todo: 'If it does not pass: nija exit ACCOUNT --symbol SYMBOL, or the owner sells at the exchange (runbook: positions-unjudged).',
  },
  'key-unusable': {
    severity: 'urgent',
    title: 'a key cannot be used',
    todo: 'Stops are not watched and the account cannot exit through Nija. Tell its owner now: positions can be sold at the exchange; then rotate the key (runbook: key-unusable).',
  },
  'key-broken': {
    severity: 'urgent',
    title: 'a key has lost rights that it needs',
    todo: 'Its owner gives them back at the exchange; then: nija check ACCOUNT.',
  },
  alarm: {
    severity: 'urgent',
    title: 'an alarm went off',
    todo: 'Open the alarm in CloudWatch; what it means and what to do first is said with it, and in docs/runbook.md.',
  },
  'drift-found': {
    severity: 'warning',
    title: 'an exchange holds less than the ledger says',
    todo: 'Only what is held is sold. Ask the owner whether coins were sold or moved by hand; if nobody did: nija halt, and compare the orders (runbook: drift-found).',
  },
  'sale-owed': {
    severity: 'warning',
    title: 'a copied SELL sold only a part',
    todo: 'Every check tries the rest again; if it cannot wait: nija exit ACCOUNT --symbol SYMBOL (runbook: sales-owed).',
  },
  'exit-left': {
    severity: 'warning',
    title: 'an exit has ended, and left what no order can sell',
    todo: 'Its owner has to act at the exchange: what is staked is unstaked, then the exit asked for again (nija exit ACCOUNT); what is delisted is withdrawn, or sold in another market.',
  },
  'protection-fired': {
    severity: 'warning',
    title: 'a stop or another rule of the owner sells',
    todo: 'Nothing to do: how it ended is told, too.',
  },
  'master-down': {
    severity: 'warning',
    title: 'a master is not healthy',
    todo: 'Its followers buy nothing; they still read balances, are protected and can exit. The reason is in the log of master-tick (runbook: no-tick).',
  },
  standalone: {
    severity: 'warning',
    title: 'an account is on its own: its master is not healthy',
    todo: 'It buys nothing until the master is back; balances, stops and exits work. To get out: nija exit ACCOUNT.',
  },
  'buy-failed': {
    severity: 'warning',
    title: 'a copied BUY failed',
    todo: 'It costs nothing and is not tried again. The reason tells what to see to (runbook: copies-failed).',
  },
  'key-warning': {
    severity: 'warning',
    title: 'a key needs attention',
    todo: 'What to do is said with each.',
  },
  switched: { severity: 'warning', title: 'an account was switched', todo: ALL_IS_SAID },
  'exit-begun': { severity: 'info', title: 'an exit has begun', todo: NOTHING },
  'exit-ended': { severity: 'info', title: 'an exit has ended', todo: NOTHING },
  'protection-ended': { severity: 'info', title: 'a protective sale has ended', todo: NOTHING },
  'sale-made-good': { severity: 'info', title: 'a sale is owed no more', todo: NOTHING },
  'drift-closed': { severity: 'info', title: 'a difference to the exchange is gone', todo: NOTHING },
  'key-works-again': { severity: 'info', title: 'a key works again', todo: NOTHING },
  'master-back': { severity: 'info', title: 'a master is healthy again', todo: NOTHING },
  'following-again': { severity: 'info', title: 'an account follows its master again', todo: NOTHING },
  resumed: { severity: 'warning', title: 'buying goes on for all accounts', todo: NOTHING },
  test: { severity: 'info', title: 'a test: notices arrive here', todo: NOTHING },
};
