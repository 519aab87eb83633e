import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { stageConfiguration } from '../../../infra/aws/configuration.ts';
import { nijaStacks } from '../../../infra/aws/nija.ts';
import { type Roles, readRoles } from './roles.ts';
import { readTemplates, type SynthesisedStack } from './templates.ts';

const PLACE = { account: '111122223333', region: 'eu-central-1' } as const;

export interface Deployed {
  readonly roles: Roles;
  /** The name by which AWS knows one of our functions. */
  named(name: string): string;
  readonly tableArn: string;
  queueArn(name: string): string;
  secretArn(name: string): string;
}

/** What all stacks of a stage give each function, read from their templates. */
export const deployed = (stage: string): Deployed => {
  const roles = readRoles(readTemplates(synthesised(stage), PLACE));
  const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:${PLACE.region}:${PLACE.account}:${resource}`;
  return {
    roles,
    named: (name) => `nija-${stage}-${name}`,
    tableArn: arn('dynamodb', `table/nija-${stage}-ledger`),
    queueArn: (name) => arn('sqs', name),
    // AWS ends the ARN of each secret with six characters of its own.
    secretArn: (name) => arn('secretsmanager', `secret:${name}-AbC4eF`),
  };
};

/** Without the checks of a real synthesis, which have tests of their own and take seconds. */
const synthesised = (stage: string): readonly SynthesisedStack[] => {
  process.env['CDK_VALIDATION'] = 'false';
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stages = { [stage]: { masters: [{ accountId: 'm-apex', schedule: 'rate(1 minute)' }] } };
  nijaStacks(app, stageConfiguration(stages, { stage }), () =>
    Code.fromInline('exports.handler = () => undefined'),
  );
  return app.synth().stacks.map(({ stackName, template }) => ({ name: stackName, template }));
};
