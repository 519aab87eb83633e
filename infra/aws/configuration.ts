import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { zMasterId, zUserId } from '../../shared/account/account.ts';
import { FUNCTION_SPECS, type FunctionName } from '../functions/specs.ts';
import { MOST_CHANNELS, zNotifyChannel } from './notify/channels.ts';

/** The configuration of a deployment is wrong; one sentence that names the value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const STAGE = /^[a-z][a-z0-9]{0,15}$/;

/** Minutes of `rate(5 minutes)`; a tick's heartbeat is stale after a few periods, so an hour is the longest. */
const SCHEDULE = 'a schedule looks like rate(1 minute), rate(5 minutes) or rate(1 hour), one hour at most';
const zSchedule = z
  .string(SCHEDULE)
  .regex(/^rate\((1 minute|([2-9]|[1-5]\d|60) minutes|1 hour)\)$/, SCHEDULE)
  .transform((expression) => ({
    expression,
    minutes: expression.includes('hour') ? 60 : Number(/\d+/.exec(expression)?.[0]),
  }));

const zMaster = z.strictObject({
  accountId: zMasterId,
  schedule: zSchedule,
  /** No ticks, and no alarm for their absence: until the master is registered, or while it rests. */
  paused: z.boolean().default(false),
});
export type MasterConfiguration = z.infer<typeof zMaster>;

const zEmail = z.email('an e-mail address looks like ops@example.com');

/** As CloudWatch takes it. */
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

/** Their alarms fit into one composite alarm. */
const MOST_MASTERS = 40;

const executions = (least: number) => {
  const what = `a whole number from ${least} to 1000`;
  return z.int(what).min(least, what).max(1_000, what);
};

const zStageConfiguration = z.strictObject({
  masters: z.array(zMaster).max(MOST_MASTERS, `at most ${MOST_MASTERS} masters to a stage`).default([]),
  /** Who is told of alarms. */
  alarmEmail: zEmail.optional(),
  /**
   * Executions kept for these functions alone. None by default: a new AWS account has a limit as low as 10,
   * and a deployment that reserves of it fails.
   */
  reservedConcurrency: z
    .strictObject({ exit: executions(1).optional(), balance: executions(1).optional() })
    .default({}),
  /** Copies at the same time, at most. Small by default, so that copying leaves executions to exits. */
  copyWorkers: executions(2).default(5),
  /** How often every user's account is checked. */
  checkSchedule: zSchedule.prefault('rate(15 minutes)'),
  /** Checks at the same time, at most: more of them than accounts whose exchange may hang. */
  checkWorkers: executions(2).default(3),
  /** Where notices go, beside the e-mail of the alarms. None: nothing of notices is deployed. */
  notify: z.array(zNotifyChannel).max(MOST_CHANNELS, `at most ${MOST_CHANNELS} channels`).default([]),
  /** How a new version of the copy plane takes over: watched by alarms in steps, or at once. */
  rollout: z.enum(['canary', 'all-at-once']).default('canary'),
  logRetentionDays: z.literal(RETENTION_DAYS, `one of ${RETENTION_DAYS.join(', ')}`).default(90),
  /** False: `cdk destroy` deletes the ledger, too. For stages that hold nobody's money. */
  keepData: z.boolean().default(true),
  /** Accounts that get test events of their own in the Lambda console. */
  consoleAccounts: z.array(zUserId).max(50, 'at most 50 accounts').default([]),
  /** `exists` where the region has the console's registry of test events already, made by other means. */
  testEventRegistry: z.enum(['create', 'exists']).default('create'),
});

export type StageConfiguration = z.infer<typeof zStageConfiguration> & { readonly stage: string };

/** What `-c name=value` gives; each overrides the stage's own. */
export interface ContextValues {
  readonly stage?: unknown;
  readonly alarmEmail?: unknown;
  readonly rollout?: unknown;
}

const shown = (value: unknown): string =>
  value === undefined
    ? 'nothing'
    : `'${(typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 80)}'`;

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );

const said = (where: string, value: unknown, error: z.ZodError): string => {
  const [issue] = error.issues;
  if (issue === undefined) return `${where} is wrong`;
  if (issue.code === 'unrecognized_keys')
    return `${[where, ...issue.path].join('.')} has no setting of this name; docs/deploy.md lists them (given ${shown(issue.keys.join(', '))})`;
  return `${[where, ...issue.path].join('.')}: ${issue.message} (given ${shown(valueAt(value, issue.path))})`;
};

/**
 * The configuration of one stage.
 *
 * @param stages what stages.json holds, by stage
 * @throws ConfigurationError
 */
export const stageConfiguration = (stages: unknown, context: ContextValues): StageConfiguration => {
  const known = z.record(z.string(), z.record(z.string(), z.unknown())).safeParse(stages);
  if (!known.success) throw new ConfigurationError(said('stages.json', stages, known.error));
  const { stage } = context;
  const settings =
    typeof stage === 'string' && Object.hasOwn(known.data, stage) ? known.data[stage] : undefined;
  if (typeof stage !== 'string' || settings === undefined) {
    throw new ConfigurationError(
      `no such stage: choose one of stages.json with -c stage=NAME; it has ${Object.keys(known.data).join(', ') || 'none'} (given ${shown(stage)})`,
    );
  }
  if (!STAGE.test(stage)) {
    throw new ConfigurationError(
      `a stage's name has up to 16 letters a-z and digits, a letter first, because resources are named after it (given ${shown(stage)})`,
    );
  }
  const { alarmEmail, rollout } = context;
  const merged = {
    ...settings,
    ...(alarmEmail === undefined ? {} : { alarmEmail }),
    ...(rollout === undefined ? {} : { rollout }),
  };
  const parsed = zStageConfiguration.safeParse(merged);
  if (!parsed.success) throw new ConfigurationError(said(stage, merged, parsed.error));
  refuseTwice(
    `${stage}.masters: each master is listed once`,
    parsed.data.masters.map(({ accountId }) => accountId),
  );
  refuseTwice(`${stage}.consoleAccounts: each account is listed once`, parsed.data.consoleAccounts);
  refuseTwice(
    `${stage}.notify: each channel has an id of its own`,
    parsed.data.notify.map(({ id }) => id),
  );
  return { ...parsed.data, stage };
};

/** A stage without masters, or without channels, has none of their functions. */
export const isDeployed = (
  { masters, notify }: Pick<StageConfiguration, 'masters' | 'notify'>,
  name: FunctionName,
): boolean => {
  const { plane } = FUNCTION_SPECS[name];
  return (plane !== 'master' || masters.length > 0) && (plane !== 'notify' || notify.length > 0);
};

const refuseTwice = (rule: string, values: readonly string[]): void => {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) throw new ConfigurationError(`${rule} (given ${shown(twice)} twice)`);
};

/** @throws ConfigurationError */
export const readStages = (file = join(import.meta.dirname, 'stages.json')): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`the stages cannot be read: ${why} (given '${file}')`);
  }
};
