/**
 * `cdk synth --app "node test/aws/checked-app.ts" -c settings=JSON|-c flaw=NAME`: a stage with these settings,
 * or one stack with a flaw, under the checks of a deployment.
 */
import { App, Stack } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import * as z from 'zod';
import { addChecks } from '../../infra/aws/checks.ts';
import { stageConfiguration } from '../../infra/aws/configuration.ts';
import { nijaStacks } from '../../infra/aws/nija.ts';

const app = new App();
const { settings, flaw } = z
  .object({ settings: z.string().optional(), flaw: z.enum(['schema', 'rule']).optional() })
  .parse({ settings: app.node.tryGetContext('settings'), flaw: app.node.tryGetContext('flaw') });

if (settings !== undefined) {
  const configuration = stageConfiguration({ checked: JSON.parse(settings) }, { stage: 'checked' });
  nijaStacks(app, configuration, () => Code.fromInline('exports.handler = async () => undefined;'));
}
if (flaw !== undefined) {
  const stack = new Stack(app, 'flawed');
  const logs = new CfnLogGroup(stack, 'Logs', { retentionInDays: 30 });
  if (flaw === 'schema') logs.addPropertyOverride('RetentionInDays', 'a month');
  if (flaw === 'rule') new CfnQueue(stack, 'Queue');
}
addChecks(app);
app.synth();
