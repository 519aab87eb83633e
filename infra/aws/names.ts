import type { FunctionName } from '../functions/specs.ts';

/** What resources of a stage are called; explicit, so that operators find them and alarms can name them. */
export const stageName = (stage: string, name: string): string => `nija-${stage}-${name}`;

/** The composite alarm of each stack that works for users; constant, because `user-plane` names them. */
export const USERS_ALARMS = { data: 'data-alarms', user: 'user-alarms', copy: 'copy-alarms' } as const;

/** Of what tells notices; its own alarms begin with `notify`, by which they are known not to be told by notices. */
export const NOTIFY_ALARMS = 'notify-alarms';

/** Of what operators look at: nobody's money depends on it. */
export const OPERATORS_ALARMS = 'operators-alarms';

export const functionResourceName = (stage: string, name: FunctionName): string => stageName(stage, name);
