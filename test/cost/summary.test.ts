import { describe, expect, it } from 'vitest';
import { meanWork, metricsIn, perOneMore } from '../../infra/cost/measuring/summary.ts';
import type { Sample } from '../../infra/cost/measuring/world.ts';
import { powertoolsTelemetry } from '../../shared/telemetry/powertools/powertools.ts';

const sample = (changes: Partial<Sample> = {}): Sample => ({
  name: 'trade-copier',
  cold: false,
  event: {},
  result: {},
  usage: { requests: { 'dynamodb.Query': 1 }, writeUnits: 0, readUnits: 0.5, storedBytes: 0 },
  wallMs: 40,
  cpuMs: 8,
  printed: '',
  ...changes,
});

/** What the product's own telemetry prints. */
const printedBy = (emit: (telemetry: ReturnType<typeof powertoolsTelemetry>) => void): string => {
  const write = process.stdout.write;
  let printed = '';
  process.stdout.write = (chunk: string | Uint8Array) => {
    printed += chunk;
    return true;
  };
  try {
    emit(powertoolsTelemetry('copy-worker', 'test'));
  } finally {
    process.stdout.write = write;
  }
  return printed;
};

describe('the metrics of what was printed', () => {
  it('are each name with its dimensions, once, and no log line', () => {
    const printed = printedBy(({ log, meter }) => {
      log.info('copy filled', { account: 'u-1' });
      meter.count('CopyFilled', { account: 'u-1' });
      meter.count('CopyFilled', { account: 'u-2' });
      meter.milliseconds('CopyOrderLatency', 12);
    });

    const work = meanWork([sample({ printed })]);

    expect(metricsIn([sample({ printed })])).toEqual([
      'CopyFilled service=copy-worker stage=test',
      'CopyOrderLatency service=copy-worker stage=test',
    ]);
    expect(work.metricRecords).toBe(3);
    expect(work.logBytes).toBe(Buffer.byteLength(printed));
  });
});

describe('the mean of samples', () => {
  it('counts a request that only some of them made', () => {
    const other = sample({
      usage: { requests: { 'dynamodb.PutItem': 2 }, writeUnits: 3, readUnits: 0, storedBytes: 10 },
      wallMs: 60,
    });

    expect(meanWork([sample(), other])).toMatchObject({
      samples: 2,
      requests: { 'dynamodb.PutItem': 1, 'dynamodb.Query': 0.5 },
      writeUnits: 1.5,
      readUnits: 0.25,
      storedBytes: 5,
      wallMs: 50,
    });
  });
});

describe('what one more adds', () => {
  it('is the difference, shared out', () => {
    const usage = {
      requests: { 'dynamodb.Query': 1, 'dynamodb.PutItem': 10, 'sqs.SendMessageBatch': 1 },
      writeUnits: 20,
      readUnits: 0.5,
      storedBytes: 7_000,
    };
    const withAll = meanWork([sample({ usage, wallMs: 140, cpuMs: 28 })]);

    expect(perOneMore(withAll, meanWork([sample()]), 10)).toMatchObject({
      requests: { 'dynamodb.Query': 0, 'dynamodb.PutItem': 1, 'sqs.SendMessageBatch': 0.1 },
      writeUnits: 2,
      readUnits: 0,
      storedBytes: 700,
      wallMs: 10,
      cpuMs: 2,
    });
  });
});
