import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { type CopyMessage, zCopyMessage } from '../../shared/copying/copy-message.ts';
import { jsonText } from '../../shared/copying/json-text.ts';
import { describeError } from '../../shared/telemetry/describe-error.ts';
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
  const copyOne = async (record: SQSRecord, remainingMs: () => number): Promise<void> => {
    let copy: CopyMessage | undefined;
    try {
      copy = validInput(jsonText(zCopyMessage), record.body);
      await runCopy(copy, { ...ports, remainingMs });
    } catch (error) {
      const fields = { account: copy?.accountId, trade: copy?.tradeId, messageId: record.messageId };
      ports.log.error('a copy stays open and is delivered again', error, fields);
      // Lambda counts no error where a function itself names the messages that failed.
      ports.meter.count('CopyUnfinished', { ...fields, error: describeError(error)['error'] });
      throw error;
    }
  };
  return withLoggedFailure(ports.log, async (event, context): Promise<SQSBatchResponse> => {
    validInput(zQueueEvent, event);
    const copyInTime = async (record: SQSRecord): Promise<void> =>
      await copyOne(record, () => context.getRemainingTimeInMillis());
    return await processPartialResponse(event as SQSEvent, copyInTime, new SqsFifoPartialProcessorAsync(), {
      skipGroupOnError: true,
      throwOnFullBatchFailure: false,
    });
  });
};

export const handler = onLambda(createHandler);
