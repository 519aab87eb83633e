import type { ReadingLedger } from '../../reporting/ports.ts';
import { dynamoHistory } from './history.ts';
import { dynamoLedger } from './ledger.ts';
import { dynamoStrategyStates } from './strategy-states.ts';
import { type TableConfig, tableAccess } from './table-access.ts';

/**
 * The ledger as operators look at it: of both masters and users, and nothing of it writes. A look reads much, from the
 * partitions that copies, checks and exits work in: it is a second behind, and takes half of what they would.
 */
export const dynamoReadingLedger = (config: TableConfig): ReadingLedger => {
  const looking: TableConfig = { ...config, eventual: true };
  const table = tableAccess(looking);
  return {
    ...dynamoLedger(looking),
    strategyStates: dynamoStrategyStates(table),
    history: dynamoHistory(table),
  };
};
