import { dynamoControl } from '../../shared/ledger/dynamodb/control.ts';
import { tableAccess } from '../../shared/ledger/dynamodb/table-access.ts';
import { environment, ledgerVariables } from '../environment.ts';
import type { Host } from '../host.ts';
import { onLambda } from '../lambda-host.ts';
import { ledgerClient } from '../ledger-client.ts';
import { callable } from '../middleware.ts';
import { runControl } from './control.ts';
import { zControlInput } from './control-contract.ts';

export const createHandler = (host: Host) => {
  const env = environment(host, ledgerVariables);
  const { clock, chance } = host;
  const { log, meter } = host.telemetry('control');
  const client = ledgerClient(host);
  const control = dynamoControl(tableAccess({ client, table: env.NIJA_TABLE, clock, chance }));
  return callable(
    zControlInput,
    log,
    async (input) => await runControl(input, { control, clock, log, meter }),
  );
};

export const handler = onLambda(createHandler);
