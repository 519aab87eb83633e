import type { FunctionName } from '../functions/specs.ts';

/** What resources of a stage are called; explicit, so that operators find them and alarms can name them. */
export const stageName = (stage: string, name: string): string => `nija-${stage}-${name}`;

export const functionResourceName = (stage: string, name: FunctionName): string => stageName(stage, name);
