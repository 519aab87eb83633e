import { Stack, type StackProps } from 'aws-cdk-lib';
import { AlarmRule, CompositeAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../configuration.ts';
import type { AlarmAudience, RaisedAlarm } from '../monitoring/alarm.ts';
import { nijaDashboard } from '../monitoring/dashboard.ts';
import { stageName } from '../names.ts';
import type { DataStack } from './data-stack.ts';

export interface ObservabilityProps extends StackProps {
  readonly configuration: StageConfiguration;
  readonly data: DataStack;
  readonly alarms: readonly RaisedAlarm[];
}

const COMPOSITES = {
  master: {
    id: 'MasterPlane',
    means: 'Something is wrong with a master or its plane. Users still read balances and exit.',
  },
  user: {
    id: 'UserPlane',
    means: 'Something that users rely on is wrong: copies, exits, balances or the ledger.',
  },
} as const satisfies Record<AlarmAudience, { id: string; means: string }>;

/** The whole at a glance: one alarm for each audience, and the dashboard. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, { configuration, data, alarms, ...props }: ObservabilityProps) {
    super(scope, id, props);
    const { stage } = configuration;
    nijaDashboard(this, { configuration, data, alarms });
    for (const [audience, { id: composite, means }] of Object.entries(COMPOSITES)) {
      const of = alarms.filter((alarm) => alarm.audience === audience);
      if (of.length === 0) continue;
      new CompositeAlarm(this, composite, {
        compositeAlarmName: stageName(stage, `${audience}-plane`),
        alarmDescription: `${means} First: open this alarm in CloudWatch; it lists which alarm is on, and that one says what to do (docs/runbook.md).`,
        // By name: a reference would not let the master plane be deleted while this stack stands.
        alarmRule: AlarmRule.fromString(of.map(({ name }) => `ALARM("${name}")`).join(' OR ')),
      }).addAlarmAction(new SnsAction(data.alarmTopic));
    }
  }
}
