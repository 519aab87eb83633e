import { createHash } from 'node:crypto';
import * as z from 'zod';

export const zMessageAttributes = z.record(
  z.string(),
  z.looseObject({
    DataType: z.string(),
    StringValue: z.string().optional(),
    BinaryValue: z.string().optional(),
  }),
);
export type MessageAttributes = z.infer<typeof zMessageAttributes>;

/** A message as a queue keeps it; times are instants of the queue's clock. */
export const zMessage = z.object({
  id: z.string(),
  body: z.string(),
  attributes: zMessageAttributes.optional(),
  /** Standard queues: the message's own id, so that each is its own group. */
  group: z.string(),
  deduplicationId: z.string().optional(),
  sequence: z.number(),
  sender: z.string(),
  sentAt: z.number(),
  firstReceivedAt: z.number().optional(),
  receives: z.number(),
  /** Hidden until then: delayed, or received and not yet deleted. */
  visibleAt: z.number(),
  receipt: z.string().optional(),
  /** The queue it came from, for a dead letter. */
  sourceArn: z.string().optional(),
});
export type Message = z.infer<typeof zMessage>;

export interface NewMessage {
  readonly body: string;
  readonly attributes?: MessageAttributes;
  readonly group?: string;
  readonly deduplicationId?: string;
  readonly delayMs?: number;
  readonly sender: string;
}

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** The digest over attributes that SQS defines: names sorted, every part preceded by its length. */
export const md5OfAttributes = (attributes: MessageAttributes): string => {
  const digest = createHash('md5');
  const part = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    digest.update(length).update(bytes);
  };
  for (const name of Object.keys(attributes).sort()) {
    const attribute = attributes[name];
    if (!attribute) continue;
    part(Buffer.from(name));
    part(Buffer.from(attribute.DataType));
    const binary = attribute.DataType.startsWith('Binary');
    digest.update(Buffer.of(binary ? 2 : 1));
    part(
      binary ? Buffer.from(attribute.BinaryValue ?? '', 'base64') : Buffer.from(attribute.StringValue ?? ''),
    );
  }
  return digest.digest('hex');
};

/** Twenty digits that sort as the numbers do. */
export const sequenceText = (sequence: number): string => String(sequence).padStart(20, '0');
