import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { metricIdentity } from '../../../shared/telemetry/metric-identity.ts';
import type {
  MasterDimension,
  MasterMetric,
  PlainMetric,
  RoleDimension,
  RoleMetric,
} from '../../../shared/telemetry/telemetry.ts';
import type { FunctionName } from '../../functions/specs.ts';

interface FigureOptions {
  readonly statistic: 'Sum' | 'Average' | 'Maximum' | 'p50' | 'p90' | 'p99';
  readonly period?: Duration;
}

/** A figure that our own functions publish. Built from what they publish it by. */
export interface Figures {
  of(service: FunctionName, name: PlainMetric, options: FigureOptions): Metric;
  /** One of each function; to be summed. */
  each(name: PlainMetric, ...services: readonly FunctionName[]): readonly Metric[];
  ofMaster(name: MasterMetric, dimension: MasterDimension, options: FigureOptions): Metric;
  ofRole(service: FunctionName, name: RoleMetric, dimension: RoleDimension, options: FigureOptions): Metric;
}

export const figuresOf = (stage: string): Figures => {
  const figure = (
    service: FunctionName,
    metricName: string,
    own: MasterDimension | RoleDimension | Record<never, never>,
    { statistic, period = Duration.minutes(5) }: FigureOptions,
  ): Metric => {
    const { namespace, dimensions } = metricIdentity(service, stage, own);
    return new Metric({ namespace, metricName, dimensionsMap: { ...dimensions }, statistic, period });
  };
  return {
    of: (service, name, options) => figure(service, name, {}, options),
    each: (name, ...services) => services.map((service) => figure(service, name, {}, { statistic: 'Sum' })),
    ofMaster: (name, dimension, options) => figure('master-tick', name, dimension, options),
    ofRole: (service, name, dimension, options) => figure(service, name, dimension, options),
  };
};
