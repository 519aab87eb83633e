import { sqsCheckQueue } from '../../shared/check/sqs/check-queue.ts';
import { dynamoAccounts } from '../../shared/ledger/dynamodb/accounts.ts';
import { tableAccess } from '../../shared/ledger/dynamodb/table-access.ts';
import { SECOND } from '../../shared/time/clock.ts';
import { checkQueueVariables, environment, ledgerVariables } from '../environment.ts';
import type { Host } from '../host.ts';
import { onLambda } from '../lambda-host.ts';
import { ledgerClient } from '../ledger-client.ts';
import { validInput, withLoggedFailure } from '../middleware.ts';
import { type Dispatch, dispatchChecks, zDispatchInput } from './check-dispatcher.ts';

/** Kept for the accounts that are being handed over when time runs out. */
const RESERVE_MS = 10 * SECOND;

export const createHandler = (host: Host) => {
  const env = environment(host, { ...ledgerVariables, ...checkQueueVariables });
  const { clock, chance } = host;
  const { log, meter } = host.telemetry('check-dispatcher');
  const client = ledgerClient(host);
  const accounts = dynamoAccounts(tableAccess({ client, table: env.NIJA_TABLE, clock, chance }));
  const queue = sqsCheckQueue(host.env, env.NIJA_CHECK_QUEUE_URL, host.clients?.queues);
  const ports = { accounts, queue, clock, log, meter };
  return withLoggedFailure(
    log,
    async (event, context): Promise<Dispatch> =>
      await dispatchChecks(
        validInput(zDispatchInput, event),
        ports,
        () => context.getRemainingTimeInMillis() > RESERVE_MS,
      ),
  );
};

export const handler = onLambda(createHandler);
