import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { zCopyMessage } from '../../shared/copying/copy-message.ts';
import { jsonText } from '../../shared/copying/json-text.ts';
import type { Host } from '../host.ts';
import { onLambda } from '../lambda-host.ts';
import { validInput, withLoggedFailure } from '../middleware.ts';
import { accountPlane } from '../plane.ts';
import { runCopy } from './copy-worker.ts';

const zQueueEvent = z.object({
  Records: z.array(z.looseObject({ messageId: z.string(), body: z.string() })),
});

export const createHandler = (host: Host) => {
  const ports = accountPlane(host, 'copy-worker');
  const copyOne = async (record: SQSRecord): Promise<void> => {
    try {
      await runCopy(validInput(jsonText(zCopyMessage), record.body), ports);
    } catch (error) {
      ports.log.error('a copy stays open and is delivered again', error, { message: record.messageId });
      throw error;
    }
  };
  return withLoggedFailure(ports.log, async (event): Promise<SQSBatchResponse> => {
    validInput(zQueueEvent, event);
    return await processPartialResponse(event as SQSEvent, copyOne, new SqsFifoPartialProcessorAsync(), {
      skipGroupOnError: true,
      throwOnFullBatchFailure: false,
    });
  });
};

export const handler = onLambda(createHandler);
