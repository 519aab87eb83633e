import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import * as z from 'zod';
import { type StageConfiguration, stageConfiguration } from '../../../infra/aws/configuration.ts';
import { nijaStacks } from '../../../infra/aws/nija.ts';
import { PROJECT } from '../../../infra/bundle/bundle.ts';
import { type ResolvedResource, readTemplates, type SynthesisedStack } from '../templates.ts';

/** The feature flags with which a deployment synthesises: they change what comes out. */
const { context: FLAGS } = z
  .looseObject({ context: z.record(z.string(), z.unknown()) })
  .parse(JSON.parse(readFileSync(join(PROJECT, 'cdk.json'), 'utf8')));

/** Where it would be deployed. */
export const PLACE = { account: '111122223333', region: 'eu-central-1' } as const;

export interface SynthesisedStage {
  readonly configuration: StageConfiguration;
  /** Their names, in the order of deployment, with those that must be there first. */
  readonly stacks: readonly { readonly name: string; readonly after: readonly string[] }[];
  stackNamed(name: string): CloudFormationStackArtifact;
  /** As CloudFormation gets it, with its intrinsic functions. */
  template(stack: string): unknown;
  readonly templates: readonly SynthesisedStack[];
  readonly resources: readonly ResolvedResource[];
  all(type: string): readonly ResolvedResource[];
  /** @throws Error unless there is exactly one such resource */
  one(type: string, property: string, value: unknown): ResolvedResource;
  /** The properties of the function of this name in the code. */
  functionNamed(name: string): Readonly<Record<string, unknown>>;
}

/**
 * All stacks of a stage, in this process and without the checks of a real synthesis, which have a test of
 * their own and take seconds.
 *
 * @param settings what stages.json would hold for the stage
 */
export const synthesised = (
  settings: Readonly<Record<string, unknown>>,
  stage = 'dev',
  given: { readonly alarmEmail?: unknown; readonly rollout?: unknown } = {},
): SynthesisedStage => {
  process.env['CDK_VALIDATION'] = 'false';
  const configuration = stageConfiguration({ [stage]: settings }, { stage, ...given });
  const app = new App({ context: { ...FLAGS, 'aws:cdk:bundling-stacks': [] }, treeMetadata: false });
  nijaStacks(app, configuration, () => Code.fromInline('exports.handler = async () => undefined;'));
  const artifacts = app.synth().stacks;
  const templates = artifacts.map(({ stackName, template }) => ({ name: stackName, template }));
  const resources = readTemplates(templates, PLACE).resolved();
  const all = (type: string): readonly ResolvedResource[] =>
    resources.filter((resource) => resource.type === type);
  const one = (type: string, property: string, value: unknown): ResolvedResource => {
    const [found, ...others] = all(type).filter(({ properties }) => properties[property] === value);
    if (found === undefined || others.length > 0)
      throw new Error(`there are ${others.length + (found ? 1 : 0)} ${type} with ${property} '${value}'`);
    return found;
  };
  const stackNamed = (name: string): CloudFormationStackArtifact => {
    const found = artifacts.find(({ stackName }) => stackName === name);
    if (found === undefined) throw new Error(`there is no stack of this name (given '${name}')`);
    return found;
  };
  return {
    configuration,
    stacks: artifacts.map(({ stackName, dependencies }) => ({
      name: stackName,
      after: dependencies.map(({ id }) => id).filter((id) => !id.endsWith('.assets')),
    })),
    stackNamed,
    template: (stack) => stackNamed(stack).template,
    templates,
    resources,
    all,
    one,
    functionNamed: (name) => one('AWS::Lambda::Function', 'FunctionName', `nija-${stage}-${name}`).properties,
  };
};

/** A stage with everything that can be configured. */
export const FULL = {
  masters: [
    { accountId: 'm-apex', schedule: 'rate(5 minutes)' },
    { accountId: 'm-hand', schedule: 'rate(1 minute)', paused: true },
    { accountId: 'm-slow', schedule: 'rate(1 hour)' },
  ],
  alarmEmail: 'ops@example.com',
  reservedConcurrency: { exit: 20, balance: 10 },
  copyWorkers: 7,
  logRetentionDays: 30,
  consoleAccounts: ['u-ann', 'u-bob'],
  notify: [
    { id: 'ops', kind: 'slack', least: 'warning' },
    { id: 'ann-mail', kind: 'email', addresses: ['ann@example.com'], accounts: ['u-ann'] },
  ],
} as const;
