import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A finding of the AwsSolutions rules that is meant to be so, with the reason. */
export const acknowledge = (construct: IConstruct, rule: string, reason: string): void =>
  Validations.of(construct).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
