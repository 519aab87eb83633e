import { answerOverview } from './accounts.ts';
import type { Finding } from './contract/finding.ts';
import { deadLetterFindings } from './dead-letters.ts';
import { folded } from './folded.ts';
import { commonFindings } from './masters.ts';
import { type AccountsAsked, isFirstPage } from './pages.ts';
import type { ReportingPorts } from './ports.ts';
import { recentCopyFindings } from './recent-copies.ts';
import { bySeverity } from './severity.ts';
import type { ViewAnswerOf } from './view-contract.ts';

/** @throws LedgerError where not even the accounts can be listed */
export const answerDoctor = async (
  asked: AccountsAsked,
  ports: ReportingPorts,
): Promise<ViewAnswerOf<'doctor'>> => {
  const { at, findings, accounts, page, masters, halts } = await answerOverview(asked, ports);
  // What concerns all accounts comes once, with the first page of all of them.
  if (!isFirstPage(asked) || asked.accountId !== undefined) {
    const shown = new Set(accounts.map(({ accountId }) => accountId));
    const ofShown = commonFindings(masters, halts).filter((one) => isOf(one, shown));
    const own = [...accounts.flatMap((account) => account.findings), ...ofShown];
    return { query: 'doctor', at, findings: [...folded(own.sort(bySeverity))], page };
  }
  const masterIds = masters.map(({ masterId }) => masterId);
  const [copied, givenUp] = await Promise.all([
    recentCopyFindings(masterIds, at, ports),
    deadLetterFindings(ports.deadLetters ?? []),
  ]);
  const all = [...findings, ...copied, ...givenUp, ...(page.accounts === 0 ? [NO_ACCOUNTS] : [])];
  return { query: 'doctor', at, findings: all.sort(bySeverity), page };
};

const isOf = ({ accountId }: Finding, shown: ReadonlySet<string>): boolean =>
  accountId !== undefined && shown.has(accountId);

const NO_ACCOUNTS: Finding = {
  severity: 'info',
  code: 'NO_ACCOUNTS',
  what: 'there is no account yet',
  remedy: 'store a key for a first master and register it with register-master',
};
