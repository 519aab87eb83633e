import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { startDynamoDb } from '../../infra/local/aws/dynamodb.ts';
import { localAwsEnv } from '../../infra/local/aws/environment.ts';
import { ensureTable } from '../../infra/local/aws/table.ts';
import { documentClient } from '../../shared/ledger/dynamodb/document-client.ts';
import { ledgerTable } from '../../shared/ledger/dynamodb/table.ts';
import type { TableConfig } from '../../shared/ledger/dynamodb/table-access.ts';
import type { Clock } from '../../shared/time/clock.ts';

/** Time stands still until somebody sleeps. */
export const steppingClock = (start: number): Clock & { set(at: number): void } => {
  let now = start;
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    set: (at) => {
      now = at;
    },
  };
};

export const countedIds = () => {
  let count = 0;
  return {
    id: () => {
      count += 1;
      return `id-${count}`;
    },
  };
};

export interface EmbeddedTable extends TableConfig {
  readonly client: DynamoDBDocumentClient;
  readonly clock: ReturnType<typeof steppingClock>;
  stop(): Promise<void>;
}

/** A throw-away database with an empty ledger table. */
export const embeddedTable = async (start = Date.parse('2026-11-20T12:00:00Z')): Promise<EmbeddedTable> => {
  const database = await startDynamoDb();
  const client = documentClient(localAwsEnv({ dynamodb: database.endpoint }));
  await ensureTable(client, ledgerTable('ledger'));
  return {
    client,
    table: 'ledger',
    clock: steppingClock(start),
    chance: countedIds(),
    stop: async () => {
      client.destroy();
      await database.stop();
    },
  };
};
