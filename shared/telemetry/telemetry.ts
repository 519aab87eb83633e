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
  'CopyFilled',
  'CopySkipped',
  'CopyFailed',
  'CopyOrderLatency',
  'CopySlippage',
  'ExitFailed',
  'ExitFlat',
  'BalanceFailed',
  'BalanceRead',
  'KeyCanWithdraw',
  'OrderAmbiguous',
] as const;
export type MetricName = (typeof METRICS)[number];

/** Metrics without account ids as dimensions; `fields` go to the record's metadata. */
export interface Meter {
  count(name: MetricName, fields?: LogFields): void;
  milliseconds(name: MetricName, value: number, fields?: LogFields): void;
  basisPoints(name: MetricName, value: number, fields?: LogFields): void;
}

export interface Telemetry {
  readonly log: Log;
  readonly meter: Meter;
}
