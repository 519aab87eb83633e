import type { DynamoDBBatchResponse } from 'aws-lambda';
import * as z from 'zod';
import { sqsCopyQueue } from '../../shared/copying/sqs/copy-queue.ts';
import { documentClient } from '../../shared/ledger/dynamodb/document-client.ts';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import { tradeFromImage } from '../../shared/ledger/dynamodb/trade-items.ts';
import { environment, ledgerVariables, queueVariables } from '../environment.ts';
import type { Host } from '../host.ts';
import { onLambda } from '../lambda-host.ts';
import { validInput, withLoggedFailure } from '../middleware.ts';
import { fanOut } from './trade-copier.ts';

const zImage = z.record(z.string(), z.record(z.string(), z.unknown()));
const zStreamEvent = z.object({
  Records: z.array(z.object({ dynamodb: z.object({ SequenceNumber: z.string(), NewImage: zImage }) })),
});

export const createHandler = (host: Host) => {
  const env = environment(host, { ...ledgerVariables, ...queueVariables });
  const { clock, chance } = host;
  const { log, meter } = host.telemetry('trade-copier');
  const { accounts, copies } = dynamoLedger({
    client: documentClient(host.env),
    table: env.NIJA_TABLE,
    clock,
    chance,
  });
  const ports = {
    accounts,
    copies,
    queue: sqsCopyQueue(host.env, env.NIJA_COPY_QUEUE_URL),
    clock,
    log,
    meter,
  };

  return withLoggedFailure(log, async (event): Promise<DynamoDBBatchResponse> => {
    for (const { dynamodb } of validInput(zStreamEvent, event).Records) {
      try {
        await fanOut(tradeFromImage(dynamodb.NewImage), ports);
      } catch (error) {
        // Nothing after a failed trade may go out before it: Lambda delivers again from here.
        log.error('a trade could not be fanned out', error, { sequence: dynamodb.SequenceNumber });
        return { batchItemFailures: [{ itemIdentifier: dynamodb.SequenceNumber }] };
      }
    }
    return { batchItemFailures: [] };
  });
};

export const handler = onLambda(createHandler);
