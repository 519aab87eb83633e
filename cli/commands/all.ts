import type { AddCommand } from '../command.ts';
import { addAccounts } from './accounts/all.ts';
import { addBalances } from './balances.ts';
import { addCheck } from './check.ts';
import { addCopies } from './copies.ts';
import { addDashboard } from './dashboard.ts';
import { addDoctor } from './doctor.ts';
import { addExit } from './exit.ts';
import { addPositions } from './positions.ts';
import { addReport } from './report.ts';
import { addSeparation } from './separation.ts';
import { addStatement } from './statement.ts';
import { addHalt, addPause, addResume } from './switches.ts';
import { addTrades } from './trades.ts';

/** In the order in which the help lists them. */
export const COMMANDS: readonly AddCommand[] = [
  addAccounts,
  addBalances,
  addPositions,
  addTrades,
  addCopies,
  addExit,
  addHalt,
  addResume,
  addPause,
  addCheck,
  addDoctor,
  addSeparation,
  addReport,
  addStatement,
  addDashboard,
];
