import * as z from 'zod';
import { jsonText } from '../../shared/copying/json-text.ts';
import { dynamoReadingLedger } from '../../shared/ledger/dynamodb/reading-ledger.ts';
import { answerView } from '../../shared/reporting/answer.ts';
import { zViewQuery } from '../../shared/reporting/view-contract.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { checkVariables, environment, ledgerVariables } from '../environment.ts';
import type { Host } from '../host.ts';
import { onLambda } from '../lambda-host.ts';
import { ledgerClient } from '../ledger-client.ts';
import { callable } from '../middleware.ts';

/** Which functions may read the secrets of each role: whoever deploys says so. */
const secretReaders = {
  NIJA_SECRET_READERS: jsonText(z.strictObject({ master: z.array(z.string()), user: z.array(z.string()) })),
};

export const createHandler = (host: Host) => {
  const env = environment(host, { ...ledgerVariables, ...checkVariables, ...secretReaders });
  const { clock, chance } = host;
  const { log } = host.telemetry('view');
  const client = ledgerClient(host);
  const ledger = dynamoReadingLedger({ client, table: env.NIJA_TABLE, clock, chance });
  return callable(
    zViewQuery,
    log,
    async (query) =>
      await answerView(query, {
        ledger,
        clock,
        stage: env.NIJA_STAGE,
        checkEveryMs: env.NIJA_CHECK_MINUTES * MINUTE,
        secretReaders: env.NIJA_SECRET_READERS,
      }),
  );
};

export const handler = onLambda(createHandler);
