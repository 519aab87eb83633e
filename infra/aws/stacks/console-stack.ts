import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas';
import type { Construct } from 'constructs';
import { FUNCTION_NAMES } from '../../functions/specs.ts';
import { isDeployed, type StageConfiguration } from '../configuration.ts';
import { testEventSchema, testEvents } from '../console/test-events.ts';
import { functionResourceName } from '../names.ts';

/** The name under which the Lambda console looks for shareable test events. */
const REGISTRY = 'lambda-testevent-schemas';

/** Where the console keeps test events: one for a region, so all stages of an AWS account share this stack. */
export class TestEventRegistryStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    new CfnRegistry(this, 'Registry', {
      registryName: REGISTRY,
      description: 'Shareable test events of the Lambda console',
    }).applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}

/** The events behind the Test button of each function. A stack of its own, so that none can stop a plane. */
export class ConsoleStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { configuration, ...props }: StackProps & { readonly configuration: StageConfiguration },
  ) {
    super(scope, id, props);
    const { stage, consoleAccounts } = configuration;
    const events = testEvents(consoleAccounts);
    for (const name of FUNCTION_NAMES) {
      const offered = events[name];
      if (offered === undefined) continue;
      if (!isDeployed(configuration, name)) continue;
      new CfnSchema(this, `Events-${name}`, {
        registryName: REGISTRY,
        schemaName: `_${functionResourceName(stage, name)}-schema`,
        description: `Test events of ${functionResourceName(stage, name)}`,
        type: 'OpenApi3',
        content: testEventSchema(offered),
      });
    }
  }
}
