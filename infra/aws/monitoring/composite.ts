import { AlarmRule, CompositeAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { stageName } from '../names.ts';
import type { RaisedAlarm } from './alarm.ts';

/** CloudWatch takes this many alarms in one composite. */
const MOST_MEMBERS = 100;

const OPEN_IT =
  'First: open this alarm in CloudWatch; it lists which alarm is on, and that one says what to do (docs/runbook.md).';

export interface CompositeText {
  /** The alarm is called `nija-<stage>-<name>`. */
  readonly name: string;
  readonly means: string;
}

/**
 * On while one of a stack's own alarms is. It stands in the same stack on purpose: CloudWatch deletes no alarm
 * that a composite names, so whatever takes an alarm out must change the composite first, in one deployment.
 *
 * @param topic who is told; nobody where another composite tells of this one
 * @throws Error where there are more alarms than CloudWatch takes
 */
export const compositeOf = (
  scope: Construct,
  stage: string,
  text: CompositeText,
  members: readonly RaisedAlarm[],
  topic?: ITopic,
): void => {
  const names = members.map(({ name }) => name);
  // They must be there before the composite is, and may go only after it has let go of them.
  composite(scope, stage, text, names, topic).node.addDependency(...members.map(({ alarm }) => alarm));
};

/** On while one of these composites is, which stand in other stacks and keep their names for good. */
export const compositeOfComposites = (
  scope: Construct,
  stage: string,
  text: CompositeText,
  members: readonly string[],
  topic: ITopic,
): void => {
  const names = members.map((member) => stageName(stage, member));
  composite(scope, stage, text, names, topic);
};

const composite = (
  scope: Construct,
  stage: string,
  { name, means }: CompositeText,
  members: readonly string[],
  topic: ITopic | undefined,
): CompositeAlarm => {
  const compositeAlarmName = stageName(stage, name);
  if (members.length > MOST_MEMBERS)
    throw new Error(
      `${compositeAlarmName} has more alarms than CloudWatch takes (given ${members.length}, at most ${MOST_MEMBERS})`,
    );
  const alarm = new CompositeAlarm(scope, 'Composite', {
    compositeAlarmName,
    alarmDescription: `${means} ${OPEN_IT}`,
    alarmRule: AlarmRule.fromString(members.map((member) => `ALARM("${member}")`).join(' OR ')),
  });
  if (topic !== undefined) alarm.addAlarmAction(new SnsAction(topic));
  return alarm;
};
