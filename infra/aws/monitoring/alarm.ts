import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { stageName } from '../names.ts';

/** Whose promise an alarm is about, or whether it is about telling: there is one composite alarm for each. */
export type AlarmAudience = 'master' | 'user' | 'notify' | 'operators';

/** One alarm as data. Its two sentences are what the operator reads first, in the e-mail and in the runbook. */
export interface AlarmDefinition {
  /** In kebab case; the alarm is called `nija-<stage>-<id>`. */
  readonly id: string;
  readonly metric: IMetric;
  /** It goes off at this or more; with `below`, at less than this. */
  readonly threshold: number;
  readonly below?: boolean;
  /** Of the metric's own periods; one unless told. */
  readonly periods?: number;
  /** How many of them must be over the threshold; all unless told. */
  readonly datapoints?: number;
  /** What no figures mean. No default, because the wrong answer here is an alarm that never goes off. */
  readonly noData: 'alarm' | 'fine';
  /** Told at once by itself, too: a composite alarm that is on already would say nothing of it. */
  readonly tellsAtOnce?: boolean;
  readonly means: string;
  readonly first: string;
}

export interface RaisedAlarm {
  readonly alarm: Alarm;
  readonly name: string;
  readonly audience: AlarmAudience;
  readonly definition: AlarmDefinition;
}

/** CloudWatch keeps a description of up to 1,024 characters. */
const LONGEST_DESCRIPTION = 1_024;

export interface AlarmScope {
  readonly stage: string;
  readonly audience: AlarmAudience;
  readonly topic: ITopic;
}

/** @throws Error when the description is too long for CloudWatch */
export const raiseAlarm = (
  scope: Construct,
  definition: AlarmDefinition,
  { stage, audience, topic }: AlarmScope,
): RaisedAlarm => {
  const { id, metric, threshold, below = false, periods = 1, datapoints = periods } = definition;
  const name = stageName(stage, id);
  const description = `${definition.means} First: ${definition.first}`;
  if (description.length > LONGEST_DESCRIPTION)
    throw new Error(`the description of alarm ${name} is too long (given ${description.length} characters)`);
  const alarm = new Alarm(scope, `Alarm-${id}`, {
    alarmName: name,
    alarmDescription: description,
    metric,
    threshold,
    comparisonOperator: below
      ? ComparisonOperator.LESS_THAN_THRESHOLD
      : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: periods,
    datapointsToAlarm: datapoints,
    treatMissingData:
      definition.noData === 'alarm' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
  if (definition.tellsAtOnce === true) alarm.addAlarmAction(new SnsAction(topic));
  return { alarm, name, audience, definition };
};
