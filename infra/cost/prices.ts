import { type QuoteAmount, quote } from '../../shared/money/money.ts';

/** One listed price: `usd` for each `per` of `unit`. */
export interface Price {
  readonly usd: QuoteAmount;
  readonly per: number;
  readonly unit: string;
  /** AWS's own page, for whoever checks it. */
  readonly listedAt: string;
  /** Where the figure was read, in a stored copy; or that it was written from memory. */
  readonly readAt: string;
}

export const PRICES_AS_OF = '2026-11-21';
export const PRICE_REGION = 'us-east-1';
export const MEMORY = 'from memory';

const MILLION = 1_000_000;

const price = (usd: string, per: number, unit: string, listedAt: string, readAt: string): Price => ({
  usd: quote(usd),
  per,
  unit,
  listedAt: `https://aws.amazon.com/${listedAt}`,
  readAt,
});

const CLOUDWATCH = 'cloudwatch/pricing/';
const DYNAMODB = 'dynamodb/pricing/on-demand/';
const CLOUDWATCH_GUIDE =
  'https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/';
const DYNAMODB_GUIDE = 'https://airbyte.com/data-engineering-resources/dynamodb-pricing';

/** Listed prices: us-east-1, on demand, arm64, first tier, without any free tier. */
export const PRICES = {
  lambdaRequests: price(
    '0.20',
    MILLION,
    'requests',
    'lambda/pricing/',
    'https://notes.kodekloud.com/docs/AWS-Lambda/Understanding-Lambda/Pricing',
  ),
  lambdaGbSeconds: price(
    '0.0000133334',
    1,
    'GB-second, arm64',
    'lambda/pricing/',
    'https://cloudchipr.com/blog/aws-lambda-pricing',
  ),
  dynamoWrites: price('0.625', MILLION, 'write units', DYNAMODB, DYNAMODB_GUIDE),
  dynamoReads: price('0.125', MILLION, 'read units', DYNAMODB, DYNAMODB_GUIDE),
  dynamoStorage: price('0.25', 1, 'GB and month', DYNAMODB, 'https://aws.amazon.com/dynamodb/pricing/'),
  dynamoRecovery: price('0.20', 1, 'GB and month', DYNAMODB, MEMORY),
  /** Free where Lambda is the one that reads. */
  streamReads: price(
    '0',
    MILLION,
    'reads by Lambda',
    DYNAMODB,
    'https://docs.amazonaws.cn/en_us/amazondynamodb/latest/developerguide/CostOptimization_StreamsUsage.html',
  ),
  sqsFifoRequests: price(
    '0.50',
    MILLION,
    'requests',
    'sqs/pricing/',
    'https://cloudburn.io/blog/amazon-sqs-pricing',
  ),
  secrets: price(
    '0.40',
    1,
    'secret',
    'secrets-manager/pricing/',
    'https://hivebook.wiki/wiki/aws-secrets-manager-rotated-secrets-dynamic-db-credentials-kms',
  ),
  secretCalls: price(
    '0.05',
    10_000,
    'calls',
    'secrets-manager/pricing/',
    'https://hivebook.wiki/wiki/aws-secrets-manager-rotated-secrets-dynamic-db-credentials-kms',
  ),
  schedulerInvocations: price(
    '1.00',
    MILLION,
    'invocations',
    'eventbridge/pricing/',
    'https://cloudburn.io/blog/amazon-eventbridge-pricing',
  ),
  logIngestion: price('0.50', 1, 'GB', CLOUDWATCH, CLOUDWATCH_GUIDE),
  logStorage: price('0.03', 1, 'GB and month', CLOUDWATCH, MEMORY),
  customMetrics: price('0.30', 1, 'metric', CLOUDWATCH, 'https://signoz.io/guides/cloudwatch-pricing'),
  alarms: price('0.10', 1, 'alarm', CLOUDWATCH, 'https://c3x.dev/resources/aws/aws_cloudwatch_metric_alarm'),
  compositeAlarms: price(
    '0.50',
    1,
    'alarm',
    CLOUDWATCH,
    'https://c3x.dev/resources/aws/aws_cloudwatch_metric_alarm',
  ),
  dashboards: price('3.00', 1, 'dashboard', CLOUDWATCH, CLOUDWATCH_GUIDE),
  traces: price('5.00', MILLION, 'traces', 'xray/pricing/', 'https://aws.amazon.com/de/xray/pricing/'),
  emails: price(
    '2.00',
    100_000,
    'e-mails',
    'sns/pricing/',
    'https://www.factualminds.com/blog/amazon-sns-pricing-publishes-fanout-protocols/',
  ),
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;
export type PriceList = Readonly<Record<PriceName, Price>>;
