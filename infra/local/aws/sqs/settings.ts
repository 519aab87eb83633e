import * as z from 'zod';
import { SECOND } from '../../../../shared/time/clock.ts';
import { LOCAL_AWS_ACCOUNT, LOCAL_REGION } from '../environment.ts';
import { AwsError } from '../json-service.ts';

export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly fifo: boolean;
  readonly visibilityTimeoutMs: number;
  readonly delayMs: number;
  readonly receiveWaitMs: number;
  readonly contentBasedDeduplication: boolean;
  /** `messageGroup`: two groups may use the same deduplication id. */
  readonly deduplicationScope: 'queue' | 'messageGroup';
  readonly redrive?: { readonly deadLetterArn: string; readonly maxReceiveCount: number };
}

const seconds = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .refine((value) => value >= from && value <= to, `must lie between ${from} and ${to} seconds`)
    .transform((value) => value * SECOND);

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

/** The attributes of CreateQueue, as texts; those that change nothing here are accepted and kept. */
export const zQueueAttributes = z.looseObject({
  FifoQueue: flag.optional(),
  VisibilityTimeout: seconds(0, 43_200).optional(),
  DelaySeconds: seconds(0, 900).optional(),
  ReceiveMessageWaitTimeSeconds: seconds(0, 20).optional(),
  ContentBasedDeduplication: flag.optional(),
  DeduplicationScope: z.enum(['queue', 'messageGroup']).optional(),
  RedrivePolicy: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        context.addIssue({ code: 'custom', message: `is not JSON: ${String(error)}` });
        return z.NEVER;
      }
    })
    .pipe(z.looseObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number().int().min(1) }))
    .optional(),
});

export const queueArn = (name: string): string => `arn:aws:sqs:${LOCAL_REGION}:${LOCAL_AWS_ACCOUNT}:${name}`;

export const queueNameOf = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

/** @throws AwsError InvalidAttributeValue, InvalidParameterValue */
export const queueSettings = (name: string, attributes: Readonly<Record<string, string>>): QueueSettings => {
  const parsed = zQueueAttributes.safeParse(attributes);
  if (!parsed.success) throw new AwsError('InvalidAttributeValue', z.prettifyError(parsed.error));
  const { data } = parsed;
  const fifo = data.FifoQueue ?? false;
  if (fifo !== name.endsWith('.fifo')) {
    throw new AwsError(
      'InvalidParameterValue',
      `The name of a FIFO queue, and of no other, ends in .fifo (given '${name}')`,
    );
  }
  return {
    name,
    arn: queueArn(name),
    fifo,
    visibilityTimeoutMs: data.VisibilityTimeout ?? 30 * SECOND,
    delayMs: data.DelaySeconds ?? 0,
    receiveWaitMs: data.ReceiveMessageWaitTimeSeconds ?? 0,
    contentBasedDeduplication: data.ContentBasedDeduplication ?? false,
    deduplicationScope: data.DeduplicationScope ?? 'queue',
    ...(data.RedrivePolicy && {
      redrive: {
        deadLetterArn: data.RedrivePolicy.deadLetterTargetArn,
        maxReceiveCount: data.RedrivePolicy.maxReceiveCount,
      },
    }),
  };
};
