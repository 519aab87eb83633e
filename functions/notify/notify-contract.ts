import * as z from 'zod';
import { type Channel, zChannel, zChannelId } from '../../shared/notification/channel.ts';
import type { DeliveryPorts, DeliveryReport } from '../../shared/notification/deliver.ts';
import type { Clock, Instant } from '../../shared/time/clock.ts';
import type { Ids } from '../../shared/time/jitter.ts';

const zImage = z.record(z.string(), z.record(z.string(), z.unknown()));
/** What the ledger's stream delivers. */
const zChanges = z.object({
  Records: z
    .array(
      z.object({
        eventSource: z.literal('aws:dynamodb'),
        dynamodb: z.object({
          SequenceNumber: z.string(),
          /** Seconds since 1970. */
          ApproximateCreationDateTime: z.number().optional(),
          NewImage: zImage.optional(),
          OldImage: zImage.optional(),
        }),
      }),
    )
    .min(1),
});
/** What the alarm topic delivers. */
const zAlarms = z.object({
  Records: z
    .array(
      z.object({
        EventSource: z.literal('aws:sns'),
        Sns: z.object({ MessageId: z.string(), Message: z.string() }),
      }),
    )
    .min(1),
});
/** What the schedule sends. `early`: also what is still being gathered. */
const zFlush = z.strictObject({ flush: z.literal(true), early: z.boolean().default(false) });
/** What an operator sends: a notice that says that it is a test, to one channel or to all. */
const zTest = z.strictObject({
  test: z.strictObject({ channel: zChannelId.optional(), by: z.string().min(1).max(100) }),
});
/** Or asks for: what could not be told. */
const zUndelivered = z.strictObject({ undelivered: z.literal(true) });

export const zNotifyEvent = z.union([zChanges, zAlarms, zFlush, zTest, zUndelivered]);
export type ChangeRecord = z.infer<typeof zChanges>['Records'][number];
export type AlarmRecord = z.infer<typeof zAlarms>['Records'][number];

export interface NotifyPorts extends DeliveryPorts {
  readonly stage: string;
  readonly channels: readonly Channel[];
  readonly clock: Clock;
  readonly chance: Ids;
}

export interface NotifyReport extends DeliveryReport {
  /** Notices that are new, each counted for every channel that gets it. */
  readonly noted: number;
}

export interface UndeliveredReport {
  readonly undelivered: readonly {
    readonly channel: string;
    readonly at: Instant;
    readonly why: string;
    readonly told: readonly string[];
  }[];
}

/** The channels of a stage, as a deployment gives them: a JSON list, none where there is no such variable. */
export const notifyVariables = {
  NIJA_NOTIFY_CHANNELS: z
    .string()
    .default('[]')
    .transform((text, context) => {
      try {
        return z.array(zChannel).parse(JSON.parse(text));
      } catch {
        context.addIssue('it is not a list of channels');
        return z.NEVER;
      }
    }),
};
