import { BatchWriteCommand, type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import { documentClient } from '../../shared/ledger/dynamodb/document-client.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { ordersAtExchange } from './books.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

const HISTORY = 10_000;
const BATCH = 25;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  await bossIsHealthy(lab);
});
afterAll(() => lab.stop());

/** A client that counts the items it was given, and its requests. */
const countingClient = (): { readonly client: DynamoDBDocumentClient; readonly read: () => number } => {
  const client = documentClient(lab.env);
  let items = 0;
  client.middlewareStack.add(
    (next) => async (call) => {
      const result = await next(call);
      const { ScannedCount, Item, Responses } = Object(result.output);
      items += 1 + Number(ScannedCount ?? 0) + (Item === undefined ? 0 : 1);
      for (const found of Object.values(Responses ?? {})) items += Array.isArray(found) ? found.length : 0;
      return result;
    },
    { step: 'initialize', name: 'countItems' },
  );
  return { client, read: () => items };
};

/** What a check of an account with one refused sale reads and writes. */
const checkOf = async (accountId: string) => {
  const fault = { kind: 'ERROR_TEXT', text: 'EOrder:Insufficient funds', endpoint: 'AddOrder' } as const;
  lab.simulator.faults.inject({ ...fault, accountId });
  const trade = bossTrade(lab.clock.now(), { side: 'SELL' });
  await runCopy(await giveCopy(lab, accountId, trade), lab.process());
  const { client, read } = countingClient();
  const report = await redriveWork(
    accountId,
    { mayGoOn: () => true, patienceMs: () => 20_000 },
    lab.process({ client }),
  );
  client.destroy();
  return { report, counted: read() };
};

it(`a check of an account reads as much of a history of ${HISTORY} copies as of none`, async () => {
  const fresh = await lab.openAccount('user');
  await lab.givePosition(fresh.accountId, BTC, '0.02');
  const old = await lab.openAccount('user');
  await lab.givePosition(old.accountId, BTC, '0.02');
  const past = bossTrade(lab.clock.now(), { side: 'SELL', masterId: 'm-boss' });
  await lab.ledger.copies.create({ accountId: old.accountId, trade: past, createdAt: past.at });
  const skipped = { state: 'SKIPPED', reason: 'NO_POSITION', detail: 'none' } as const;
  await lab.ledger.copies.finish(
    { accountId: old.accountId, trade: past, createdAt: past.at },
    skipped,
    past.at,
  );
  const { table } = lab.table;
  const client = documentClient(lab.env);
  const Key = { pk: old.accountId, sk: `COPY#${past.tradeId}` };
  const { Item: finished = {} } = await client.send(new GetCommand({ TableName: table, Key }));
  for (let from = 0; from < HISTORY; from += BATCH) {
    const rows = Array.from({ length: BATCH }, (_, index) => `old-${from + index}`);
    const puts = rows.map((tradeId) => ({
      PutRequest: {
        Item: { ...finished, sk: `COPY#${tradeId}`, trade: { ...finished['trade'], tradeId } },
      },
    }));
    await client.send(new BatchWriteCommand({ RequestItems: { [table]: puts } }));
  }
  expect(await lab.ledger.copies.list(old.accountId)).toHaveLength(HISTORY + 1);

  const [without, withHistory] = [await checkOf(fresh.accountId), await checkOf(old.accountId)];

  expect(withHistory.report.sales).toMatchObject([{ state: 'MADE_GOOD' }]);
  expect(ordersAtExchange(lab, old.accountId)).toMatchObject([{ side: 'SELL', filled: '0.02' }]);
  expect(withHistory.counted).toBe(without.counted);
}, 120_000);
