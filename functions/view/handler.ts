import * as z from 'zod';
import { jsonText } from '../../shared/copying/json-text.ts';
import { dynamoReadingLedger } from '../../shared/ledger/dynamodb/reading-ledger.ts';
import { answerView } from '../../shared/reporting/answer.ts';
import {
  DEAD_LETTERS,
  type DeadLetterQueue,
  type DeadLettersOf,
} from '../../shared/reporting/dead-letters.ts';
import { queueDepth } from '../../shared/reporting/sqs/queue-depth.ts';
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

/** Queues of what was given up; a stage without one has nothing to say of it. */
const deadLetterVariables = {
  NIJA_COPY_DEAD_LETTERS_URL: z.url().optional(),
  NIJA_CHECK_DEAD_LETTERS_URL: z.url().optional(),
  NIJA_TRADE_DEAD_LETTERS_URL: z.url().optional(),
  NIJA_SCHEDULE_DEAD_LETTERS_URL: z.url().optional(),
};

export const createHandler = (host: Host) => {
  const env = environment(host, {
    ...ledgerVariables,
    ...checkVariables,
    ...secretReaders,
    ...deadLetterVariables,
  });
  const { clock, chance } = host;
  const { log } = host.telemetry('view');
  const client = ledgerClient(host);
  const ledger = dynamoReadingLedger({ client, table: env.NIJA_TABLE, clock, chance });
  const deadLetters = deadLetterQueues(env, host);
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
        deadLetters,
      }),
  );
};

const deadLetterQueues = (
  env: z.infer<z.ZodObject<typeof deadLetterVariables>>,
  host: Host,
): readonly DeadLetterQueue[] => {
  const urls: Readonly<Record<DeadLettersOf, string | undefined>> = {
    copies: env.NIJA_COPY_DEAD_LETTERS_URL,
    checks: env.NIJA_CHECK_DEAD_LETTERS_URL,
    trades: env.NIJA_TRADE_DEAD_LETTERS_URL,
    schedules: env.NIJA_SCHEDULE_DEAD_LETTERS_URL,
  };
  const depthOf = queueDepth(host.env);
  return DEAD_LETTERS.flatMap((of) => {
    const url = urls[of];
    return url === undefined ? [] : [{ of, count: async () => await depthOf(url) }];
  });
};

export const handler = onLambda(createHandler);
