import { ThrottlingException } from '@aws-sdk/client-dynamodb';
import type { LedgerClient } from '../../shared/ledger/dynamodb/document-client.ts';
import { accessesOf } from './item-access.ts';
import { through } from './watched-clients.ts';

/** The partition that holds what everybody asks for. */
const SWITCHES = 'control';

/**
 * The table with a partition that is asked too often: a read of the switches is refused now and then, with all that is
 * read with it, and the same again when it is read alone. Every other item is answered.
 */
export const withUnreadableSwitches = (client: LedgerClient, refuses: () => boolean): LedgerClient => {
  let isRefused = false;
  return through(client, async (command, send) => {
    const accesses = accessesOf(command);
    const reads = accesses.some(({ pk, write }) => pk === SWITCHES && !write);
    // Alone, it is the same question again.
    if (reads && (accesses.length > 1 || !isRefused)) isRefused = refuses();
    if (!reads || !isRefused) return await send(command);
    if (accesses.length === 1) isRefused = false;
    throw new ThrottlingException({
      message: 'Throughput exceeds the current capacity of the partition',
      $metadata: { httpStatusCode: 400, attempts: 4 },
    });
  });
};
