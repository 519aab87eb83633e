import type { QuoteAmount } from '../money/money.ts';

/** Flat facts of a log line: `account`, `cause`, `order` ids where there are any; never a secret. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** Name, message and stack of the error are logged; nothing else of it. */
  error(message: string, error: unknown, fields?: LogFields): void;
  /** A log whose every line carries these fields too. */
  with(fields: LogFields): Log;
}

export const METRICS = [
  'TickSucceeded',
  'TickFailed',
  'TradePublished',
  'FanOutFailed',
  'CopyFilled',
  'CopySkipped',
  'CopyFailed',
  'CopyUnfinished',
  'SaleOwed',
  'SaleStillOwed',
  'SaleMadeGood',
  'CopyOrderLatency',
  'CopySlippage',
  'ExitFailed',
  'ExitFlat',
  'BalanceFailed',
  'BalanceRead',
  'Equity',
  'KeyCanWithdraw',
  'KeyUnusable',
  'Standalone',
  'HaltEngaged',
  'RunawayTripped',
  'CircuitOpened',
  'CircuitStaysOpen',
  'DriftFound',
  'ProtectionFired',
  'ProtectionFailed',
  /** In two checks in a row or more: `account`, `symbol` (or 'equity', of the whole account), `why`. */
  'PositionUnjudged',
  'CheckCompleted',
  'CheckFailed',
  'CheckDuration',
  'NoAccountToCheck',
  'NoticeDelivered',
  'NoticeUndelivered',
  'NoticeUnread',
] as const;
export type MetricName = (typeof METRICS)[number];

/**
 * Figures that carry a dimension of their own. Masters are few and listed in configuration; users are many
 * and never become a dimension: every value of one is a metric that is paid for.
 */
export const OWN_DIMENSION = {
  TickSucceeded: 'master',
  TickFailed: 'master',
  Equity: 'role',
} as const satisfies Partial<Record<MetricName, OwnDimension>>;

export type OwnDimension = 'master' | 'role';
type NamesWith<D extends OwnDimension> = {
  [N in keyof typeof OWN_DIMENSION]: (typeof OWN_DIMENSION)[N] extends D ? N : never;
}[keyof typeof OWN_DIMENSION];

export type MasterMetric = NamesWith<'master'>;
export type RoleMetric = NamesWith<'role'>;
export type PlainMetric = Exclude<MetricName, keyof typeof OWN_DIMENSION>;

export interface MasterDimension {
  /** Its account id. */
  readonly master: string;
}
export interface RoleDimension {
  readonly role: 'master' | 'user';
}

/** Figures for alarms and dashboards; `fields` go to the record's metadata, where account ids belong. */
export interface Meter {
  count(name: PlainMetric, fields?: LogFields): void;
  count(name: MasterMetric, fields: LogFields, dimension: MasterDimension): void;
  milliseconds(name: PlainMetric, value: number, fields?: LogFields): void;
  basisPoints(name: PlainMetric, value: number, fields?: LogFields): void;
  quoteUnits(name: RoleMetric, value: QuoteAmount, fields: LogFields, dimension: RoleDimension): void;
}

export interface Telemetry {
  readonly log: Log;
  readonly meter: Meter;
}
