import { answerAccount, answerAccounts, answerMasters, answerOverview } from './accounts.ts';
import { answerCopies } from './copies.ts';
import { answerDistribution } from './distribution.ts';
import { answerDoctor } from './doctor.ts';
import { answerEquity } from './equity.ts';
import { answerEvents } from './events.ts';
import type { ReportingPorts } from './ports.ts';
import { answerPositions } from './positions.ts';
import { answerSeparation } from './separation.ts';
import { answerTrades } from './trades.ts';
import { VIEW_ANSWERS, type ViewAnswer, type ViewQuery } from './view-contract.ts';

/**
 * What an operator asked, answered from the ledger; nothing is written.
 *
 * @throws LedgerError where not even the accounts, or the copies asked for, can be listed; UnknownCursor;
 * CopiesUnreadable; UnknownAccount, UnknownTrade where nothing is found for a name that there is not; a ZodError where an answer is not as agreed, which is an error of ours
 */
export const answerView = async (query: ViewQuery, ports: ReportingPorts): Promise<ViewAnswer> =>
  VIEW_ANSWERS[query.query].parse(await answered(query, ports));

const answered = async (query: ViewQuery, ports: ReportingPorts): Promise<ViewAnswer> => {
  switch (query.query) {
    case 'overview':
      return await answerOverview(query, ports);
    case 'masters':
      return await answerMasters(ports);
    case 'accounts':
      return await answerAccounts(query, ports);
    case 'account':
      return await answerAccount(query.accountId, ports);
    case 'positions':
      return await answerPositions(query, ports);
    case 'trades':
      return await answerTrades(query, ports);
    case 'copies':
      return await answerCopies(query, ports);
    case 'distribution':
      return await answerDistribution(query, ports);
    case 'events':
      return await answerEvents(query, ports);
    case 'equity':
      return await answerEquity(query, ports);
    case 'separation':
      return await answerSeparation(query, ports);
    case 'doctor':
      return await answerDoctor(query, ports);
  }
};
