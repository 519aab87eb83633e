import type { AccountView } from '../../shared/reporting/contract/account-answer.ts';
import { type Html, html, type Part } from '../markup/html.ts';
import type { ExitControl } from '../parts/exit-control.ts';
import { ago, difference, money } from '../parts/figures.ts';
import { mark, type Tone } from '../parts/mark.ts';
import { nothing } from '../parts/section.ts';
import { type Column, table } from '../parts/table.ts';

const TONES: Readonly<Record<AccountView['state'], Tone>> = {
  failing: 'bad',
  disabled: 'bad',
  'key-problem': 'bad',
  'exit-only': 'warn',
  halted: 'warn',
  unhealthy: 'bad',
  standalone: 'warn',
  paused: 'warn',
  unattested: 'warn',
  following: 'good',
  independent: 'good',
  trading: 'good',
  paper: 'quiet',
};

const COLUMNS: readonly Column[] = [
  { label: 'Account' },
  { label: 'Status', kind: 'wide' },
  { label: 'Cash', kind: 'figure' },
  { label: 'Held', kind: 'figure' },
  { label: 'Equity', kind: 'figure' },
  { label: 'Profit', kind: 'figure' },
  { label: 'Key' },
  { label: 'Exit' },
];

/** Every account with what it has, and what cannot be read as exactly that. */
export const accountTable = (accounts: readonly AccountView[], now: number, exit: ExitControl): Html =>
  accounts.length === 0
    ? nothing('No account is registered yet.')
    : table({
        caption:
          'Cash is free, held is locked in open orders, equity is both and the value of all assets. Figures are those of the last measurement; exits and checks read the exchange itself.',
        columns: COLUMNS,
        rows: accounts.map((account) => row(account, now, exit)),
      });

const row = (account: AccountView, now: number, exit: ExitControl): readonly Part[] => [
  html`${account.accountId}${who(account)}`,
  html`${mark(TONES[account.state], account.state)} <span class="small">${account.reason}</span>${account.failing.map(
    ({ part, why }) => html`<br>${mark('bad', `${part} not readable`)} <span class="small">${why}</span>`,
  )}${account.worth.known ? undefined : html`<br>${mark('warn', 'balance not known')} <span class="small">${account.worth.why}</span>`}`,
  ...worth(account, now),
  key(account),
  account.role === 'user'
    ? exit(account.accountId)
    : html`<span class="quiet small">a master: its owner sells</span>`,
];

const who = ({ role, profile }: AccountView): Html => {
  const follows = profile?.follows === undefined ? '' : `, follows ${profile.follows}`;
  const where = profile === undefined ? '' : ` at ${profile.exchange}`;
  return html`<br><span class="quiet small">${role}${where}${follows}</span>`;
};

const notKnown = html`<span class="quiet">not known</span>`;

const worth = ({ worth: known, profile }: AccountView, now: number): readonly Part[] => {
  if (!known.known) return [notKnown, notKnown, notKnown, notKnown];
  const { cash, held, equity, profit, at } = known;
  const currency = profile === undefined ? '' : ` ${profile.quoteCurrency}`;
  return [
    money(cash),
    money(held),
    html`<strong>${money(equity)}${currency}</strong><br><span class="quiet small">${ago(at, now)}</span>`,
    difference(profit),
  ];
};

const key = ({ key: { fingerprint, usable, problem } }: AccountView): Html => html`
<code>${fingerprint ?? 'not readable'}</code><br>${
  problem !== undefined
    ? html`${mark('bad', problem.code)} <span class="small">${problem.remedy}</span>`
    : usable === undefined
      ? mark('bad', 'could not be read')
      : usable
        ? mark('good', 'usable')
        : mark('bad', 'not usable')
}`;
