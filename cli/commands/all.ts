import type { AddCommand } from '../command.ts';
import { addAccounts } from './accounts/all.ts';
import { addBalances } from './balances.ts';
import { addCheck } from './check.ts';
import { addExit } from './exit.ts';
import { addHalt, addPause, addResume } from './switches.ts';

/** In the order in which the help lists them. */
export const COMMANDS: readonly AddCommand[] = [
  addAccounts,
  addBalances,
  addExit,
  addHalt,
  addResume,
  addPause,
  addCheck,
];
