import { describe, vi } from 'vitest';
import type * as Embedded from '../../../ledger/embedded-table.ts';
import { memoryLedgerTable } from './memory-ledger-table.ts';

// The tests below open their table by this module: here it opens one in memory.
vi.mock('../../../ledger/embedded-table.ts', async (importOriginal) => {
  const original = await importOriginal<typeof Embedded>();
  return { ...original, embeddedTable: memoryLedgerTable(original) };
});

/** All tests of the ledger and of leases, but the one that asks DynamoDB Streams for its records. */
const SUITES = {
  'applies fills': () => import('../../../ledger/apply-fills.test.ts'),
  'gives what a copy is decided on': () => import('../../../ledger/copy-context.test.ts'),
  'records executions': () => import('../../../ledger/execution.test.ts'),
  'lists fills since a time': () => import('../../../ledger/fills-since.test.ts'),
  'survives lost answers': () => import('../../../ledger/lost-answers.test.ts'),
  'keeps protections': () => import('../../../ledger/protections.test.ts'),
  'records orders': () => import('../../../ledger/record-order.test.ts'),
  'counts what all buy': () => import('../../../ledger/runaway.test.ts'),
  'keeps snapshots': () => import('../../../ledger/snapshots.test.ts'),
  'keeps what it stores': () => import('../../../ledger/stores.test.ts'),
  'keeps trades': () => import('../../../ledger/trades.test.ts'),
  'leases keys': () => import('../../../vault/lease.test.ts'),
};

describe('the ledger on the memory table', () => {
  for (const [sentence, suite] of Object.entries(SUITES))
    describe(sentence, async () => {
      await suite();
    });
});
