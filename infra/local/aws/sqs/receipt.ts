import { invalidHandle } from './errors.ts';
import type { Message } from './message.ts';

/** What a receiver gives back to delete a message or to change its visibility. */
export const receiptHandle = (message: Message): string =>
  Buffer.from(`${message.id} ${message.receipt}`).toString('base64url');

/** @throws AwsError ReceiptHandleIsInvalid */
export const readReceiptHandle = (handle: string): { readonly id: string; readonly receipt: string } => {
  const [id, receipt, ...rest] = Buffer.from(handle, 'base64url').toString('utf8').split(' ');
  if (id === undefined || receipt === undefined || rest.length > 0) throw invalidHandle(handle);
  return { id, receipt };
};
