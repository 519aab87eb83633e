import type { StackProps } from 'aws-cdk-lib';
import type { StageConfiguration } from '../configuration.ts';
import type { FunctionCode } from '../constructs/nija-function.ts';
import type { DataStack } from './data-stack.ts';

/** What a plane is made from: the data it works on, and nothing of another plane. */
export interface PlaneProps extends StackProps {
  readonly configuration: StageConfiguration;
  readonly data: DataStack;
  readonly code: FunctionCode;
}
