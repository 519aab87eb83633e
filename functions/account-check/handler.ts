import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { zCheckMessage } from '../../shared/check/check-message.ts';
import { jsonText } from '../../shared/copying/json-text.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { checkVariables, environment } from '../environment.ts';
import type { Host } from '../host.ts';
import { onLambda } from '../lambda-host.ts';
import { validInput, withLoggedFailure } from '../middleware.ts';
import { accountPlane } from '../plane.ts';
import { type AccountCheckPorts, checkAccount, type RemainingMs, zCheckRequest } from './account-check.ts';
import { type CheckReport, maySucceedLater } from './check-report.ts';
import { checkPlan } from './steps.ts';

const zQueueEvent = z.object({
  Records: z.array(z.looseObject({ messageId: z.string(), body: z.string() })),
});
const zCheckEvent = z.union([zQueueEvent, zCheckRequest]);

/** The message is given back, to be delivered again. */
class CheckUnfinished extends Error {
  override readonly name = 'CheckUnfinished';
}

export const createHandler = (host: Host) => {
  const { NIJA_CHECK_MINUTES } = environment(host, checkVariables);
  const plane = {
    ...accountPlane(host, 'account-check'),
    checkEveryMs: NIJA_CHECK_MINUTES * MINUTE,
  };
  const ports: AccountCheckPorts = { ...plane, ...checkPlan(plane) };
  return withLoggedFailure(ports.log, async (event, context): Promise<SQSBatchResponse | CheckReport> => {
    const input = validInput(zCheckEvent, event);
    const remainingMs: RemainingMs = () => context.getRemainingTimeInMillis();
    if (!('Records' in input)) return await checkAccount(input.accountId, ports, remainingMs);
    const checkOne = async (record: SQSRecord): Promise<void> =>
      await checkMessage(record, ports, remainingMs);
    return await processPartialResponse(event as SQSEvent, checkOne, new SqsFifoPartialProcessorAsync(), {
      skipGroupOnError: true,
      throwOnFullBatchFailure: false,
    });
  });
};

/** @throws whatever another delivery may mend */
const checkMessage = async (
  { messageId, body }: SQSRecord,
  ports: AccountCheckPorts,
  remainingMs: RemainingMs,
): Promise<void> => {
  const { log, meter } = ports;
  try {
    const { accountId } = validInput(jsonText(zCheckMessage), body);
    const report = await checkAccount(accountId, ports, remainingMs);
    if (maySucceedLater(report))
      throw new CheckUnfinished(`the check of ${accountId} is to be made again: see what failed of it`);
  } catch (error) {
    log.error('a check is delivered again', error, { messageId });
    // A check counts its own failures; of what is no check's message nobody else would tell.
    if (!(error instanceof CheckUnfinished)) meter.count('CheckFailed', { messageId });
    throw error;
  }
};

export const handler = onLambda(createHandler);
