import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { FunctionName } from '../functions/specs.ts';
import { functionResourceName } from './names.ts';

/** Of a function of this stage, whichever stack has it: known by its name, so that no stack waits for another. */
export const functionArn = (scope: Construct, stage: string, name: FunctionName): string =>
  Stack.of(scope).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: functionResourceName(stage, name),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
