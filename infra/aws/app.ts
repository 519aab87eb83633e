/** `cdk synth|deploy -c stage=NAME`: bundles the functions, then describes the stage's stacks. */
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { BundleError, bundleFunctions, DEFAULT_FOLDER } from '../bundle/bundle.ts';
import { addChecks } from './checks.ts';
import { ConfigurationError, readStages, stageConfiguration } from './configuration.ts';
import { nijaStacks } from './nija.ts';

const main = async (): Promise<void> => {
  const app = new App();
  const given = (name: string): unknown => app.node.tryGetContext(name);
  const configuration = stageConfiguration(readStages(), {
    stage: given('stage'),
    alarmEmail: given('alarmEmail'),
    rollout: given('rollout'),
  });
  await bundleFunctions();
  nijaStacks(app, configuration, (name) => Code.fromAsset(`${DEFAULT_FOLDER}/${name}`));
  addChecks(app);
  app.synth();
};

await main().catch((error: unknown) => {
  if (!(error instanceof ConfigurationError || error instanceof BundleError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
