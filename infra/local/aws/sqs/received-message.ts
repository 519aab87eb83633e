import { type Message, md5, md5OfAttributes, sequenceText } from './message.ts';
import { receiptHandle } from './receipt.ts';

/** A message as a receiver gets it. Attributes come only when asked for, by name or by `All`. */
export const shown = (
  message: Message,
  fifo: boolean,
  wanted: { readonly system: readonly string[]; readonly custom: readonly string[] },
) => {
  const system = chosen(systemAttributes(message, fifo), wanted.system);
  const custom = chosen(message.attributes ?? {}, wanted.custom);
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle(message),
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(Object.keys(system).length > 0 && { Attributes: system }),
    ...(Object.keys(custom).length > 0 && {
      MessageAttributes: custom,
      MD5OfMessageAttributes: md5OfAttributes(custom),
    }),
  };
};

const chosen = <V>(all: Readonly<Record<string, V>>, names: readonly string[]): Record<string, V> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name)));

/** What SQS itself says of a message, as texts. */
export const systemAttributes = (message: Message, fifo: boolean): Record<string, string> => ({
  ApproximateReceiveCount: String(message.receives),
  SentTimestamp: String(message.sentAt),
  SenderId: message.sender,
  ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
  ...(fifo && { SequenceNumber: sequenceText(message.sequence), MessageGroupId: message.group }),
  ...(message.deduplicationId !== undefined && { MessageDeduplicationId: message.deduplicationId }),
  ...(message.sourceArn !== undefined && { DeadLetterQueueSourceArn: message.sourceArn }),
});
