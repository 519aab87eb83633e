import { join, resolve } from 'node:path';
import { localAwsEnv } from '../../infra/local/aws/environment.ts';
import { DEFAULT_STATE } from '../../infra/local/start-options.ts';
import { readServing } from '../../infra/local/state/serving.ts';
import { SERVING_FILE } from '../../infra/local/state/state-folder.ts';
import type { AwsEnv } from '../../shared/aws/client-config.ts';
import { CommandFailed, UsageProblem } from '../outcome.ts';
import type { Functions } from './functions.ts';
import type { Keys } from './keys.ts';
import { localFunctions } from './local-functions.ts';

const LOCAL_STAGE = 'local';

/** Which deployment is meant, as the command line says it. */
export interface Target {
  /** A deployed one; without it the runtime on this machine. */
  readonly stage?: string | undefined;
  /** The folder in which a local runtime says where it answers. */
  readonly state?: string | undefined;
  /** Where a local runtime answers, instead. */
  readonly url?: string | undefined;
}

/** A deployment that can be asked. */
export interface Connected {
  readonly functions: Functions;
  /** Local or deployed: what only one of them has depends on it. */
  readonly stage: string;
  /** Where the page is served already; undefined of a stage. */
  readonly pageUrl: string | undefined;
  /** @throws CommandFailed where it is not known where the vault is */
  keys(): Promise<Keys>;
  stop(): void;
}

/** @throws UsageProblem, CommandFailed: no call was made */
export const connect = async (target: Target, env: AwsEnv, cwd: string): Promise<Connected> =>
  target.stage === undefined || target.stage === LOCAL_STAGE
    ? await connectLocal(target, cwd)
    : await connectStage(target, target.stage, env);

const connectStage = async ({ state, url }: Target, stage: string, env: AwsEnv): Promise<Connected> => {
  if (url !== undefined) throw new UsageProblem(`--stage and --url exclude each other (given '${url}')`);
  if (state !== undefined)
    throw new UsageProblem(`--stage and --state exclude each other (given '${state}')`);
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(stage))
    throw new UsageProblem(`a stage is named like prod (given '${stage}')`);
  // Only here: it takes a tenth of a second to load, and the local runtime needs none of it.
  const { deployedFunctions } = await import('./deployed-functions.ts');
  const functions = deployedFunctions(stage);
  return {
    functions,
    stage,
    pageUrl: undefined,
    keys: async () => (await import('./keys.ts')).keysOf(stage, env),
    stop: functions.stop,
  };
};

const connectLocal = async ({ state, url }: Target, cwd: string): Promise<Connected> => {
  const folder = resolve(cwd, state ?? DEFAULT_STATE);
  const serving = url === undefined || state !== undefined ? await servingOf(folder) : undefined;
  const found = url === undefined ? serving?.url : invokeUrl(url);
  if (found === undefined)
    throw new CommandFailed(
      'UNREACHABLE',
      `no runtime answers for the state in '${folder}': start one with npm start -- --serve, go on with the last run with npm start -- --resume, name another folder with --state, or a deployed stage with --stage`,
    );
  return {
    functions: localFunctions(found),
    stage: LOCAL_STAGE,
    pageUrl: `${new URL(found).origin}/`,
    keys: async () => {
      if (serving === undefined)
        throw new CommandFailed(
          'UNREACHABLE',
          `where the vault is stands in the runtime's state folder: name that with --state, also beside --url (given url '${url ?? found}')`,
        );
      const { secretsEndpoint, operator } = serving;
      const { keysOf } = await import('./keys.ts');
      return keysOf(LOCAL_STAGE, localAwsEnv({ secretsManager: secretsEndpoint }, operator));
    },
    stop: () => undefined,
  };
};

const servingOf = async (folder: string) => {
  const file = join(folder, SERVING_FILE);
  try {
    return await readServing(file);
  } catch (error) {
    throw new CommandFailed(
      'UNREACHABLE',
      `where the local runtime answers cannot be read: '${file}' is damaged. Start the runtime anew, or name where it answers with --url`,
      { cause: error },
    );
  }
};

const INVOCATIONS = '/2015-03-31/functions/<name>/invocations';

/** @throws UsageProblem */
const invokeUrl = (given: string): string => {
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    throw new UsageProblem(`--url is where a runtime answers, like http://127.0.0.1:4600 (given '${given}')`);
  return new URL(given).origin + INVOCATIONS;
};
