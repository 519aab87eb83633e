import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

/**
 * What refuses a deployment at synth: the AwsSolutions rules. CloudFormation's own schemas are checked without
 * being asked for; cdk.json makes their findings errors.
 */
export const addChecks = (app: App): void => {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
};
