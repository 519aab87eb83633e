import fc from 'fast-check';
import type { FunctionName } from '../../infra/functions/specs.ts';
import { NOON } from '../local/kraken/exchange.ts';

const ann = { accountId: 'u-ann' };
const asked = { by: 'ops', why: 'an odd day' };
const slot = '2026-03-02T12:00:00Z';

/** A message as Lambda hands it on from a FIFO queue. */
export const queueRecord = (body: string, messageId = 'message-1') => ({
  messageId,
  receiptHandle: 'receipt-1',
  body,
  attributes: {
    ApproximateReceiveCount: '1',
    SentTimestamp: String(NOON),
    SenderId: 'nija',
    ApproximateFirstReceiveTimestamp: String(NOON),
    MessageGroupId: 'u-ann',
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:copies.fifo',
  awsRegion: 'us-east-1',
});

export const tradeImage = (tradeId: string, at: number) => ({
  pk: { S: 'm-boss' },
  sk: { S: `TRADE#${tradeId}` },
  kind: { S: 'TRADE' },
  tradeId: { S: tradeId },
  masterId: { S: 'm-boss' },
  exchange: { S: 'kraken' },
  symbol: { S: 'BTC/USD' },
  side: { S: 'BUY' },
  quantity: { S: '0.1' },
  price: { S: '50000' },
  notional: { S: '5000' },
  masterEquityBefore: { S: '100000' },
  soldFraction: { S: '1' },
  at: { N: String(at) },
  exchangeOrderId: { S: 'OBOSS' },
});

export const streamRecord = (image: unknown, sequence = '100000000000000000001') => ({
  eventID: `ledger-${sequence}`,
  eventName: 'INSERT',
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'us-east-1',
  dynamodb: { NewImage: image, SequenceNumber: sequence, StreamViewType: 'NEW_AND_OLD_IMAGES' },
});

const haltImage = {
  pk: { S: 'control' },
  sk: { S: 'AUDIT#halt#2026-03-02T12:00:00.000Z#id-1' },
  kind: { S: 'AUDIT' },
  id: { S: 'id-1' },
  subject: { S: 'halt' },
  switch: { S: 'halt' },
  before: { S: 'off' },
  after: { S: 'on' },
  by: { S: 'ops' },
  why: { S: 'an odd day' },
  at: { N: String(NOON) },
};

const alarmMessage = JSON.stringify({
  AlarmName: 'nija-test-copies-failed',
  AlarmDescription: 'A copy ended FAILED. First: find the account.',
  NewStateValue: 'ALARM',
  NewStateReason: 'Threshold Crossed',
  StateChangeTime: '2026-03-02T12:00:00.000+0000',
});

const copyMessage = { ...ann, masterId: 'm-boss', tradeId: 't-1' };

/** What each function takes, several of each where it takes several. */
const VALID: Readonly<Record<FunctionName, readonly unknown[]>> = {
  balance: [ann],
  exit: [
    { ...ann, requestId: 'r-1', scope: 'managed', symbols: ['BTC/USD'], dryRun: false },
    { ...ann, scope: 'everything', dryRun: true },
  ],
  adopt: [
    {
      action: 'adopt',
      ...ann,
      symbol: 'BTC/USD',
      requestId: 'a-1',
      quantity: '0.01',
      costPerUnit: '50000',
      ...asked,
    },
    { action: 'release', ...ann, symbol: 'BTC/USD', requestId: 'a-2', ...asked },
    { action: 'status', ...ann },
  ],
  control: [
    { action: 'halt', ...asked },
    { action: 'resume', ...asked },
    { action: 'status', ...ann },
    { action: 'disable', ...ann, ...asked },
    { action: 'set-limits', ...ann, limits: { maxOpenPositions: 4, cashReserve: '0.02' }, ...asked },
    { action: 'set-protection', ...ann, protection: { stopLoss: '0.05', maxHoldingHours: 24 }, ...asked },
    { action: 'set-symbols', ...ann, denied: ['ETH/USD'], allowed: null, ...asked },
    { action: 'set-runaway-limits', limits: { maxOrders: 100 }, ...asked },
  ],
  'register-user': [
    {
      ...ann,
      exchange: 'kraken',
      quoteCurrency: 'USD',
      follows: 'm-boss',
      enabled: true,
      limits: { maxOpenPositions: 5 },
      sizing: { mode: 'proportional', multiplier: '1' },
      protection: { stopLoss: '0.1' },
      deniedSymbols: ['SOL/USD'],
      allowedSymbols: null,
      ...asked,
    },
  ],
  'register-master': [
    {
      accountId: 'm-boss',
      exchange: 'kraken',
      strategy: { name: 'apex', symbols: ['BTC/USD', 'ETH/USD'], mode: 'live', config: {} },
      ...asked,
    },
  ],
  'master-tick': [{ accountId: 'm-boss', scheduledAt: slot, periodMs: 300_000 }],
  'trade-copier': [
    {
      Records: [
        streamRecord(tradeImage('t-2', NOON)),
        streamRecord(tradeImage('t-3', NOON), '100000000000000000002'),
      ],
    },
    {
      redrive: { masterId: 'm-boss', since: slot, until: '2026-03-03T12:00:00Z', after: 't-1', dryRun: true },
    },
    { redrive: { masterId: 'm-boss', since: slot } },
  ],
  'copy-worker': [
    {
      Records: [
        queueRecord(JSON.stringify(copyMessage)),
        queueRecord(JSON.stringify({ ...copyMessage, tradeId: 't-2' }), 'message-2'),
      ],
    },
  ],
  notify: [
    { Records: [streamRecord(haltImage)] },
    { Records: [{ EventSource: 'aws:sns', Sns: { MessageId: 'message-1', Message: alarmMessage } }] },
    { flush: true },
    { undelivered: true },
  ],
  dashboard: [{}, { describe: true }, { cursor: 'u-ann', widgetContext: { theme: 'dark', width: 588 } }],
  view: [
    { query: 'overview', role: 'user', limit: 5 },
    { query: 'account', ...ann },
    { query: 'trades', masterId: 'm-boss', copies: true, from: slot },
    { query: 'copies', ...ann, cursor: '1772452860000~t-1' },
    { query: 'events', most: 10, to: slot },
    { query: 'equity', ...ann, points: 5 },
    { query: 'doctor' },
  ],
  statement: [
    { ...ann, month: '2026-03' },
    { ...ann, month: '2026-03', method: 'average', profitShare: '0.2', as: 'html' },
    { ...ann, month: '2026-02', as: 'csv' },
  ],
  'check-dispatcher': [{ slot }, {}],
  'account-check': [{ Records: [queueRecord(JSON.stringify({ ...ann, slot }))] }, ann],
};

export const validEvent = (name: FunctionName): fc.Arbitrary<unknown> => fc.constantFrom(...VALID[name]);
