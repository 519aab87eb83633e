import {
  GraphWidget,
  type IMetric,
  type IWidget,
  type LogQueryVisualizationType,
  LogQueryWidget,
  type Metric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { FunctionName } from '../../functions/specs.ts';
import { functionResourceName } from '../names.ts';

export const WIDTH = 24;
export const RED = '#d13212';
export const GREEN = '#1d8102';
export const GREY = '#879596';
export const BLUE = '#0073bb';

export const heading = (text: string): IWidget[] => [
  new TextWidget({ markdown: `## ${text}`, width: WIDTH, height: 1 }),
];

export const graph = (
  title: string,
  width: number,
  left: readonly IMetric[],
  more: { readonly stacked?: boolean; readonly unit?: string } = {},
): GraphWidget =>
  new GraphWidget({
    title,
    width,
    height: 6,
    left: [...left],
    leftYAxis: { min: 0, ...(more.unit === undefined ? {} : { label: more.unit, showUnits: false }) },
    stacked: more.stacked ?? false,
  });

export const query = (
  stage: string,
  title: string,
  width: number,
  of: FunctionName,
  view: LogQueryVisualizationType,
  queryLines: readonly string[],
): LogQueryWidget =>
  new LogQueryWidget({
    title,
    width,
    height: 6,
    view,
    logGroupNames: [`/aws/lambda/${functionResourceName(stage, of)}`],
    queryLines: [...queryLines],
  });

export const labelled = (metric: Metric, label: string, color?: string): Metric =>
  metric.with({ label, ...(color === undefined ? {} : { color }) });
