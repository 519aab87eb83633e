import type { ReadingLedger } from '../../reporting/ports.ts';
import { dynamoHistory } from './history.ts';
import { dynamoLedger } from './ledger.ts';
import { dynamoStrategyStates } from './strategy-states.ts';
import { type TableConfig, tableAccess } from './table-access.ts';

/** The ledger as operators look at it: of both masters and users, and nothing of it writes. */
export const dynamoReadingLedger = (config: TableConfig): ReadingLedger => {
  const table = tableAccess(config);
  return {
    ...dynamoLedger(config),
    strategyStates: dynamoStrategyStates(table),
    history: dynamoHistory(table),
  };
};
