import type { AccountId } from '../account/account.ts';
import { owesSale } from '../copying/owed-sale.ts';
import { readFacts, type Surroundings, surroundings } from './account-facts.ts';
import { accountView } from './account-view.ts';
import { eachOf } from './at-once.ts';
import type { AccountView } from './contract/account-answer.ts';
import { folded } from './folded.ts';
import { commonFindings, haltsOf, readMasters } from './masters.ts';
import { type AccountsAsked, accountIdsOf, accountPage } from './pages.ts';
import type { ReportingPorts } from './ports.ts';
import { bySeverity } from './severity.ts';
import type { ViewAnswerOf } from './view-contract.ts';

/** Never throws: what cannot be read of an account is in its view. */
const readViews = async (
  ids: readonly AccountId[],
  around: Surroundings,
  ports: ReportingPorts,
): Promise<AccountView[]> => [
  ...(await eachOf(ids, async (id) => await accountView(await readFacts(id, around.at, ports), around))),
];

/** @throws LedgerError where not even the accounts can be listed */
export const answerAccounts = async (
  asked: AccountsAsked,
  ports: ReportingPorts,
): Promise<ViewAnswerOf<'accounts'>> => {
  const [around, { ids, page }] = await Promise.all([surroundings(ports), accountPage(asked, ports)]);
  return { query: 'accounts', at: around.at, accounts: await readViews(ids, around, ports), page };
};

/** Never throws. */
export const answerAccount = async (
  accountId: AccountId,
  ports: ReportingPorts,
): Promise<ViewAnswerOf<'account'>> => {
  const around = await surroundings(ports);
  const facts = await readFacts(accountId, around.at, ports);
  const account = await accountView(facts, around);
  const { unfinished } = facts;
  if (!unfinished.readable) return { query: 'account', at: around.at, account };
  const { orders, copies, exits } = unfinished.value;
  return {
    query: 'account',
    at: around.at,
    account,
    unfinished: {
      ordersInDoubt: orders.length,
      openCopies: copies.filter(({ outcome }) => outcome === undefined).length,
      owedSales: copies.filter(owesSale).length,
      exits: exits.map(({ requestId, requestedAt, scope }) => ({ requestId, requestedAt, scope })),
    },
  };
};

/** @throws LedgerError where not even the masters can be listed */
export const answerMasters = async (ports: ReportingPorts): Promise<ViewAnswerOf<'masters'>> => {
  const [around, masterIds] = await Promise.all([surroundings(ports), accountIdsOf('master', ports)]);
  const masters = await readMasters(masterIds, around, ports);
  return { query: 'masters', at: around.at, masters: [...masters], halts: haltsOf(around) };
};

/** @throws LedgerError where not even the accounts can be listed */
export const answerOverview = async (
  asked: AccountsAsked,
  ports: ReportingPorts,
): Promise<ViewAnswerOf<'overview'>> => {
  const [around, masterIds, { ids, page }] = await Promise.all([
    surroundings(ports),
    accountIdsOf('master', ports),
    accountPage(asked, ports),
  ]);
  const [masters, accounts] = await Promise.all([
    readMasters(masterIds, around, ports),
    readViews(ids, around, ports),
  ]);
  const halts = haltsOf(around);
  const findings = [...commonFindings(masters, halts), ...accounts.flatMap((account) => account.findings)];
  return {
    query: 'overview',
    at: around.at,
    stage: ports.stage,
    masters: [...masters],
    halts,
    accounts,
    findings: [...folded(findings.sort(bySeverity))],
    page,
  };
};
