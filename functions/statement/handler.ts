import { dynamoAccounts } from '../../shared/ledger/dynamodb/accounts.ts';
import { dynamoCopies } from '../../shared/ledger/dynamodb/copies.ts';
import { dynamoFills } from '../../shared/ledger/dynamodb/fills.ts';
import { dynamoReconciliation } from '../../shared/ledger/dynamodb/reconciliation.ts';
import { dynamoSnapshots } from '../../shared/ledger/dynamodb/snapshots.ts';
import { tableAccess } from '../../shared/ledger/dynamodb/table-access.ts';
import { environment, ledgerVariables } from '../environment.ts';
import type { Host } from '../host.ts';
import { onLambda } from '../lambda-host.ts';
import { ledgerClient } from '../ledger-client.ts';
import { callable } from '../middleware.ts';
import { runStatement } from './statement.ts';
import { zStatementInput } from './statement-contract.ts';

export const createHandler = (host: Host) => {
  const env = environment(host, ledgerVariables);
  const { clock, chance } = host;
  const { log } = host.telemetry('statement');
  const table = tableAccess({ client: ledgerClient(host), table: env.NIJA_TABLE, clock, chance });
  const ledger = {
    accounts: dynamoAccounts(table),
    snapshots: dynamoSnapshots(table),
    fills: dynamoFills(table),
    copies: dynamoCopies(table),
    reconciliation: dynamoReconciliation(table),
  };
  return callable(zStatementInput, log, async (input) => await runStatement(input, { ledger, clock }));
};

export const handler = onLambda(createHandler);
