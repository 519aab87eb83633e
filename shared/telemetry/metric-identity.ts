import type { MasterDimension, RoleDimension } from './telemetry.ts';

/** Exactly what tells CloudWatch one figure from another; a metric named by other dimensions is always empty. */
export interface MetricIdentity {
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>> & { readonly service: string };
}

export const METRIC_NAMESPACE = 'Nija';

/**
 * How a figure is known: what is emitted and what alarms are built from.
 *
 * @param service the name a function gives its telemetry: that of its folder, without stage
 * @param own what OWN_DIMENSION asks for this figure; nothing for the others
 */
export const metricIdentity = (
  service: string,
  stage: string,
  own: MasterDimension | RoleDimension | Record<never, never> = {},
): MetricIdentity => ({ namespace: METRIC_NAMESPACE, dimensions: { service, stage, ...own } });
