import { fraction, plus, type QuoteAmount, quote, scale, ZERO_QUOTE } from '../../shared/money/money.ts';
import { METRICS } from '../../shared/telemetry/telemetry.ts';
import { FUNCTION_SPECS } from '../functions/specs.ts';
import type { Assumptions } from './assumptions.ts';
import { type Calls, type Work, type WorkUnit, workOf } from './calls.ts';
import { billedMs, gbSeconds, secondsOfBurst, tracesOf } from './lambda-time.ts';
import type { Price, PriceList, PriceName } from './prices.ts';
import { monthOf, SECONDS, type Volume } from './volumes.ts';

/** One line of a month's bill. */
export interface Line {
  readonly item: string;
  readonly price: PriceName;
  readonly quantity: number;
  readonly usd: QuoteAmount;
}

export interface Bill {
  readonly users: number;
  readonly lines: readonly Line[];
  readonly total: QuoteAmount;
  readonly perUser: QuoteAmount;
}

/** Quantity × price. The quantity is a count, the price a decimal. */
export const amountOf = (quantity: number, { usd, per }: Price): QuoteAmount =>
  quote(scale(usd, fraction(String(quantity))).div(per));

const BYTES_PER_GB = 1e9;
/** Lambda's own lines: START, END and REPORT with a trace's id. */
const PLATFORM_LOG_BYTES = Buffer.byteLength(
  [
    'START RequestId: 00000000-0000-0000-0000-000000000000 Version: 1',
    'END RequestId: 00000000-0000-0000-0000-000000000000',
    'REPORT RequestId: 00000000-0000-0000-0000-000000000000\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\tMemory Size: 1024 MB\tMax Memory Used: 128 MB\tInit Duration: 1000.00 ms',
    'XRAY TraceId: 1-00000000-000000000000000000000000\tSegmentId: 0000000000000000\tSampled: true\n',
  ].join('\n'),
);
const LONG_POLL_SECONDS = 20;
const STREAM_READS_A_SECOND = 4;

/** What a month costs for so many users. */
export const billOf = (users: number, assumptions: Assumptions, calls: Calls, prices: PriceList): Bill => {
  const month = monthOf(users, assumptions);
  const works = month.volumes.map((volume) => ({
    ...volume,
    function: calls.units[volume.unit].function,
    work: workOf(calls, volume.unit, volume.familiarity),
  }));
  const sum = (of: (work: Work, volume: Volume) => number): number =>
    works.reduce((total, { work, ...volume }) => total + volume.times * of(work, volume), 0);
  const requests = (service: string): number =>
    sum((work) =>
      Object.entries(work.requests).reduce(
        (total, [name, count]) => (name.startsWith(`${service}.`) ? total + count : total),
        0,
      ),
    );
  const byFunction = Map.groupBy(
    works.filter(({ invocation }) => invocation),
    (one) => one.function,
  );
  const invocations = sum((_work, { invocation }) => (invocation ? 1 : 0));
  const memoryOf = (unit: WorkUnit): number => FUNCTION_SPECS[calls.units[unit].function].memoryMb;
  const traces = [...byFunction].reduce((total, [name, group]) => {
    const times = group.reduce((all, one) => all + one.times, 0);
    const burst = month.bursts[name];
    if (burst === undefined) return total + tracesOf(times, SECONDS);
    const ms = group.reduce((all, one) => all + one.times * billedMs(one.work, memoryOf(one.unit)), 0);
    const seconds = burst.times * secondsOfBurst(ms / 1_000 / burst.times, burst.atOnce);
    return total + tracesOf(times, Math.min(SECONDS, seconds));
  }, 0);
  const logBytes = sum((work, { invocation }) => work.logBytes + (invocation ? PLATFORM_LOG_BYTES : 0));
  const logGb = logBytes / BYTES_PER_GB;
  const storedGb = (sum((work) => work.storedBytes) / BYTES_PER_GB) * assumptions.ledgerMonths;
  const metrics = customMetrics(calls, month.masters);
  const { idlePollers, copyWorkers, checkWorkers } = assumptions;
  const pollers = Math.min(idlePollers, copyWorkers) + Math.min(idlePollers, checkWorkers);

  const quantities: readonly (readonly [string, PriceName, number])[] = [
    ['Lambda: requests', 'lambdaRequests', invocations],
    [
      'Lambda: GB-seconds',
      'lambdaGbSeconds',
      sum((work, { unit }) => gbSeconds(billedMs(work, memoryOf(unit)), memoryOf(unit))),
    ],
    ['DynamoDB: writes', 'dynamoWrites', sum((work) => work.writeUnits)],
    ['DynamoDB: reads', 'dynamoReads', sum((work) => work.readUnits)],
    ['DynamoDB: storage', 'dynamoStorage', storedGb],
    ['DynamoDB: point-in-time recovery', 'dynamoRecovery', storedGb],
    ['DynamoDB: stream reads', 'streamReads', assumptions.streamShards * STREAM_READS_A_SECOND * SECONDS],
    // Lambda receives and deletes each message: one request each, at most.
    ['SQS FIFO: messages', 'sqsFifoRequests', requests('sqs') + 2 * (month.copies + month.checks)],
    ['SQS FIFO: idle polls', 'sqsFifoRequests', (pollers * SECONDS) / LONG_POLL_SECONDS],
    ['Secrets Manager: secrets', 'secrets', users + month.masters],
    ['Secrets Manager: calls', 'secretCalls', requests('secretsmanager')],
    ['EventBridge Scheduler', 'schedulerInvocations', month.ticks + month.slots],
    ['CloudWatch: logs taken in', 'logIngestion', logGb],
    [
      'CloudWatch: logs kept',
      'logStorage',
      logGb * assumptions.logCompression * (assumptions.logRetentionDays / 30),
    ],
    ['CloudWatch: custom metrics', 'customMetrics', metrics],
    ['CloudWatch: alarms', 'alarms', assumptions.alarms],
    ['CloudWatch: composite alarms', 'compositeAlarms', assumptions.compositeAlarms],
    ['CloudWatch: dashboard', 'dashboards', assumptions.dashboards],
    ['X-Ray: traces', 'traces', traces],
    ['SNS: e-mails', 'emails', assumptions.emailsPerMonth],
  ];
  const lines = quantities.map(([item, price, quantity]) => ({
    item,
    price,
    quantity,
    usd: amountOf(quantity, prices[price]),
  }));
  const total = lines.reduce((all, { usd }) => plus(all, usd), ZERO_QUOTE);
  return { users, lines, total, perUser: quote(total.div(users)) };
};

/** Those measured, each of a master's once for every master, and those that only a failure emits. */
const customMetrics = (calls: Calls, masters: number): number => {
  const seen = calls.customMetrics.reduce((sum, one) => sum + (one.includes(' master=') ? masters : 1), 0);
  const unseen = METRICS.filter((name) => !calls.customMetrics.some((one) => one.startsWith(`${name} `)));
  return seen + unseen.length;
};
