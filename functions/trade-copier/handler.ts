import type { Context, DynamoDBBatchResponse } from 'aws-lambda';
import * as z from 'zod';
import { sqsCopyQueue } from '../../shared/copying/sqs/copy-queue.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import { tradeFromImage } from '../../shared/ledger/dynamodb/trade-items.ts';
import { dynamoTrades } from '../../shared/ledger/dynamodb/trades.ts';
import { SECOND } from '../../shared/time/clock.ts';
import { environment, ledgerVariables, queueVariables } from '../environment.ts';
import type { Host } from '../host.ts';
import { onLambda } from '../lambda-host.ts';
import { ledgerClient } from '../ledger-client.ts';
import { validInput, withLoggedFailure } from '../middleware.ts';
import { fanOutFailed } from './fan-out-failed.ts';
import { redriveTrades } from './redrive.ts';
import { type RedrivePorts, type RedriveReport, zRedriveInput } from './redrive-contract.ts';
import { fanOut } from './trade-copier.ts';

const zImage = z.record(z.string(), z.record(z.string(), z.unknown()));
/** What the stream delivers. */
const zStreamEvent = z.object({
  Records: z.array(z.object({ dynamodb: z.object({ SequenceNumber: z.string(), NewImage: zImage }) })),
});
type StreamEvent = z.infer<typeof zStreamEvent>;
/** What an operator sends. */
const zRedriveEvent = z.strictObject({ redrive: zRedriveInput });
const zCopierEvent = z.union([zStreamEvent, zRedriveEvent]);

/** Kept for the hundred followers that are being served when time runs out, and for the answer. */
const RESERVE_MS = 8 * SECOND;

export const createHandler = (host: Host) => {
  const env = environment(host, { ...ledgerVariables, ...queueVariables });
  const { clock, chance } = host;
  const { log, meter } = host.telemetry('trade-copier');
  const client = ledgerClient(host);
  const table = { client, table: env.NIJA_TABLE, clock, chance };
  const { accounts, copies } = dynamoLedger(table);
  const ports: RedrivePorts = {
    accounts,
    copies,
    trades: dynamoTrades(table),
    queue: sqsCopyQueue(host.env, env.NIJA_COPY_QUEUE_URL, host.clients?.queues),
    clock,
    log,
    meter,
  };

  return withLoggedFailure(log, async (event, context): Promise<DynamoDBBatchResponse | RedriveReport> => {
    const input = validInput(zCopierEvent, event);
    const mayGoOn = () => hasTime(context);
    return 'Records' in input
      ? await fanOutRecords(input, ports, mayGoOn)
      : await redriveTrades(input.redrive, ports, mayGoOn);
  });
};

const hasTime = (context: Context): boolean => context.getRemainingTimeInMillis() > RESERVE_MS;

const fanOutRecords = async (
  { Records }: StreamEvent,
  ports: RedrivePorts,
  mayGoOn: () => boolean,
): Promise<DynamoDBBatchResponse> => {
  for (const { dynamodb } of Records) {
    let trade: Trade | undefined;
    try {
      trade = tradeFromImage(dynamodb.NewImage);
      await fanOut(trade, ports, mayGoOn);
      ports.meter.count('TradePublished', { trade: trade.tradeId });
    } catch (error) {
      const sequence = dynamodb.SequenceNumber;
      fanOutFailed(error, { sequence, trade: trade?.tradeId, master: trade?.masterId }, ports);
      // Nothing after a failed trade may go out before it: Lambda delivers again from here.
      return { batchItemFailures: [{ itemIdentifier: sequence }] };
    }
  }
  return { batchItemFailures: [] };
};

export const handler = onLambda(createHandler);
