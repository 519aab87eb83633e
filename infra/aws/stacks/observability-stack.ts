import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../configuration.ts';
import type { RaisedAlarm } from '../monitoring/alarm.ts';
import { compositeOfComposites } from '../monitoring/composite.ts';
import { nijaDashboard } from '../monitoring/dashboard.ts';
import type { DataStack } from './data-stack.ts';

export interface ObservabilityProps extends StackProps {
  readonly configuration: StageConfiguration;
  readonly data: DataStack;
  /** Those that the dashboard shows. */
  readonly alarms: readonly RaisedAlarm[];
  /** The composites whose sum says whether users get what they are promised. */
  readonly usersAlarms: readonly string[];
}

/** The whole at a glance: one alarm for all that users rely on, and the dashboard. */
export class ObservabilityStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { configuration, data, alarms, usersAlarms, ...props }: ObservabilityProps,
  ) {
    super(scope, id, props);
    nijaDashboard(this, { configuration, data, alarms });
    compositeOfComposites(
      this,
      configuration.stage,
      {
        name: 'user-plane',
        means: 'Something that users rely on is wrong: copies, exits, balances, checks or the ledger.',
      },
      usersAlarms,
      data.alarmTopic,
    );
  }
}
