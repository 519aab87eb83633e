import type { Ledger } from '../ledger.ts';
import { dynamoAccounts } from './accounts.ts';
import { dynamoCircuits } from './circuit.ts';
import { dynamoControl } from './control.ts';
import { dynamoCopies } from './copies.ts';
import { copyContext } from './copy-context.ts';
import { recordExecution } from './execution.ts';
import { dynamoExits } from './exits.ts';
import { dynamoFills } from './fills.ts';
import { dynamoFollowing } from './following.ts';
import { dynamoKeyWatch } from './key-watch.ts';
import { dynamoMarkets } from './markets.ts';
import { dynamoMasterStatus } from './master-status.ts';
import { dynamoOrders } from './orders.ts';
import { dynamoPositions } from './positions.ts';
import { dynamoProtections } from './protections.ts';
import { dynamoReconciliation } from './reconciliation.ts';
import { dynamoRisk } from './risk.ts';
import { dynamoRunaway } from './runaway.ts';
import { dynamoSnapshots } from './snapshots.ts';
import { type TableConfig, tableAccess } from './table-access.ts';

/** The ledger as copying and the user plane see it; it knows nothing of strategies. */
export const dynamoLedger = (config: TableConfig): Ledger => {
  const table = tableAccess(config);
  return {
    accounts: dynamoAccounts(table),
    orders: dynamoOrders(table),
    fills: dynamoFills(table),
    positions: dynamoPositions(table),
    copies: dynamoCopies(table),
    exits: dynamoExits(table),
    control: dynamoControl(table),
    masterStatus: dynamoMasterStatus(table),
    following: dynamoFollowing(table),
    keyWatch: dynamoKeyWatch(table),
    risk: dynamoRisk(table),
    runaway: dynamoRunaway(table),
    circuits: dynamoCircuits(table),
    snapshots: dynamoSnapshots(table),
    protections: dynamoProtections(table),
    reconciliation: dynamoReconciliation(table),
    markets: dynamoMarkets(table),
    copyContext: copyContext(table),
    recordExecution: recordExecution(table),
  };
};
