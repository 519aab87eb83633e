import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoMasterLedger } from '../../shared/ledger/dynamodb/master-ledger.ts';
import { TRADE_INSERTS, tradeFromImage } from '../../shared/ledger/dynamodb/trade-items.ts';
import { LedgerError } from '../../shared/ledger/ledger.ts';
import { type EmbeddedTable, embeddedTable } from './embedded-table.ts';
import { aFill, aPosition, aTrade, BTC, START } from './examples.ts';

let table: EmbeddedTable;
beforeAll(async () => {
  table = await embeddedTable();
});
afterAll(() => table.stop());

const streamRecords = async () => {
  const { region, endpoint, credentials } = table.client.config;
  const custom = await endpoint?.();
  const streams = new DynamoDBStreamsClient({
    region,
    credentials,
    ...(custom ? { endpoint: custom } : {}),
  });
  const described = await table.client.send(new DescribeTableCommand({ TableName: table.table }));
  const StreamArn = described.Table?.LatestStreamArn;
  const stream = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const ShardId = stream.StreamDescription?.Shards?.[0]?.ShardId;
  const { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
  );
  const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator }));
  return Records;
};

describe('a trade in the stream', () => {
  it('carries everything that the copier needs', async () => {
    const trade = aTrade();
    await dynamoMasterLedger(table).recordExecution({
      accountId: 'm-apex',
      symbol: BTC,
      fills: [aFill()],
      position: { before: undefined, after: aPosition({ accountId: 'm-apex' }) },
      trade,
      at: START,
    });

    const records = await streamRecords();
    const kind = TRADE_INSERTS.dynamodb.NewImage.kind.S[0];
    const images = records
      .filter(({ eventName }) => eventName === TRADE_INSERTS.eventName[0])
      .map(({ dynamodb }) => dynamodb?.NewImage ?? {})
      .filter((image) => image['kind']?.S === kind);

    expect(images.map(tradeFromImage)).toEqual([trade]);
  });

  it.each([
    ['an image of another kind', { kind: { S: 'FILL' } }],
    ['an image without fields', { kind: { S: 'TRADE' }, pk: { S: 'm-apex' }, sk: { S: 'TRADE#t-1' } }],
    ['a value of a type that is never stored', { kind: { SS: ['TRADE'] } }],
    ['a value that is no attribute', { kind: 'TRADE' }],
  ])('is refused where it is %s', (_, image) => {
    expect(() => tradeFromImage(image)).toThrow(LedgerError);
  });
});
