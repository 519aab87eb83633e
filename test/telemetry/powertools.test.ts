import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { quote } from '../../shared/money/money.ts';
import { metricIdentity } from '../../shared/telemetry/metric-identity.ts';
import { powertoolsTelemetry } from '../../shared/telemetry/powertools/powertools.ts';
import type { Meter, MetricName } from '../../shared/telemetry/telemetry.ts';

/** CloudWatch's embedded metric format. */
const zRecord = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.tuple([
      z.object({
        Namespace: z.string(),
        Dimensions: z.tuple([z.array(z.string())]),
        Metrics: z.tuple([z.object({ Name: z.string(), Unit: z.string() })]),
      }),
    ]),
  }),
});

const printed: string[] = [];
beforeEach(() => {
  printed.length = 0;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** What CloudWatch makes of the one record that `emit` prints. */
const recordOf = (emit: (meter: Meter) => void) => {
  emit(powertoolsTelemetry('balance', 'dev').meter);
  const [line = 'nothing was printed', ...more] = printed;
  if (more.length > 0) throw new Error(`more than one record was printed: ${printed.join('')}`);
  const { _aws, ...fields } = zRecord.parse(JSON.parse(line));
  const [{ Namespace, Dimensions, Metrics }] = _aws.CloudWatchMetrics;
  const [{ Name, Unit }] = Metrics;
  const dimensions = Object.fromEntries(Dimensions[0].map((name) => [name, fields[name]]));
  return { namespace: Namespace, dimensions, name: Name, unit: Unit, value: fields[Name], fields };
};

describe('a figure', () => {
  const figures: readonly (readonly [MetricName, (meter: Meter) => void, object, unknown])[] = [
    ['CopyFilled', (meter) => meter.count('CopyFilled'), {}, 1],
    ['TickFailed', (meter) => meter.count('TickFailed', {}, { master: 'm-a' }), { master: 'm-a' }, 1],
    [
      'Equity',
      (meter) => meter.quoteUnits('Equity', quote('1200.5'), {}, { role: 'user' }),
      { role: 'user' },
      1200.5,
    ],
    ['CopyOrderLatency', (meter) => meter.milliseconds('CopyOrderLatency', 312), {}, 312],
    ['CopySlippage', (meter) => meter.basisPoints('CopySlippage', -2.5), {}, -2.5],
  ];
  it.each(figures)('%s is known by the dimensions that alarms are built from', (name, emit, own, value) => {
    const record = recordOf(emit);

    const { namespace, dimensions } = metricIdentity('balance', 'dev', own);
    expect(record).toMatchObject({ name, value });
    expect(record.namespace).toBe(namespace);
    expect(record.dimensions).toEqual(dimensions);
  });

  it('has the account in its metadata and never among its dimensions', () => {
    const { dimensions, fields } = recordOf((meter) =>
      meter.count('TickSucceeded', { account: 'm-apex', why: undefined }, { master: 'm-apex' }),
    );

    expect(dimensions).toEqual({ service: 'balance', stage: 'dev', master: 'm-apex' });
    expect(fields).toMatchObject({ account: 'm-apex' });
    expect(fields).not.toHaveProperty('why');
  });
});

describe('a log line', () => {
  it('keeps a fact whose name each line has for itself', () => {
    powertoolsTelemetry('balance', 'dev').log.info('a stop fired', {
      level: 'take-profit 2',
      account: 'u-1',
    });

    expect(printed.map((line): unknown => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: 'INFO',
        message: 'a stop fired',
        level_: 'take-profit 2',
        account: 'u-1',
      }),
    ]);
  });
});
