import * as z from 'zod';
import { dynamoReadingLedger } from '../../shared/ledger/dynamodb/reading-ledger.ts';
import { answerView } from '../../shared/reporting/answer.ts';
import { zViewQuery } from '../../shared/reporting/view-contract.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { checkVariables, environment, ledgerVariables } from '../environment.ts';
import type { Host } from '../host.ts';
import { onLambda } from '../lambda-host.ts';
import { ledgerClient } from '../ledger-client.ts';
import { validInput, withLoggedFailure } from '../middleware.ts';
import { showDashboard } from './dashboard.ts';
import { zDashboardEvent } from './dashboard-contract.ts';

/** Only what the page's buttons call; without it there are none. */
const exitVariable = { NIJA_EXIT_FUNCTION: z.string().min(1).optional() };

export const createHandler = (host: Host) => {
  const env = environment(host, { ...ledgerVariables, ...checkVariables, ...exitVariable });
  const { clock, chance } = host;
  const { log } = host.telemetry('dashboard');
  const client = ledgerClient(host);
  const reporting = {
    ledger: dynamoReadingLedger({ client, table: env.NIJA_TABLE, clock, chance }),
    clock,
    stage: env.NIJA_STAGE,
    checkEveryMs: env.NIJA_CHECK_MINUTES * MINUTE,
    // Who may read which secret is not on the page.
    secretReaders: { master: [], user: [] },
  };
  const source = {
    ask: async (request: unknown) => await answerView(zViewQuery.parse(request), reporting),
    now: () => clock.now(),
    report: (part: string, error: unknown) =>
      log.error('a part of the page could not be read', error, { part }),
  };
  return withLoggedFailure(
    log,
    async (event, context): Promise<string> =>
      await showDashboard(validInput(zDashboardEvent, event), {
        source,
        self: context.invokedFunctionArn,
        exit: env.NIJA_EXIT_FUNCTION,
      }),
  );
};

export const handler = onLambda(createHandler);
