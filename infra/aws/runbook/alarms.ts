import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import * as z from 'zod';
import { type StageConfiguration, stageConfiguration } from '../configuration.ts';
import type { AlarmAudience } from '../monitoring/alarm.ts';
import { NOTIFY_ALARMS, OPERATORS_ALARMS, stageName } from '../names.ts';
import { nijaStacks } from '../nija.ts';

/** An alarm as the operator meets it, read from the template that deploys it. */
export interface DeployedAlarm {
  /** Its name without `nija-<stage>-`. */
  readonly id: string;
  /** One alarm for a whole plane, which goes on with each of that plane's. */
  readonly composite: boolean;
  readonly audience: AlarmAudience;
  /** Whether it sends an e-mail of its own. */
  readonly tellsAtOnce: boolean;
  readonly means: string;
  readonly first: string;
}

/** An alarm was deployed that the runbook cannot tell about. */
export class UntoldAlarm extends Error {
  override readonly name = 'UntoldAlarm';
}

/** The master that stands for any other in the runbook. */
export const EXAMPLE_MASTER = 'm-apex';
const EXAMPLE = 'example';

/** A stage that has every alarm there is. */
export const exampleStage = (): StageConfiguration =>
  stageConfiguration(
    {
      [EXAMPLE]: {
        masters: [{ accountId: EXAMPLE_MASTER, schedule: 'rate(1 minute)' }],
        reservedConcurrency: { exit: 20, balance: 20 },
        notify: [{ id: 'ops', kind: 'slack' }],
      },
    },
    { stage: EXAMPLE },
  );

const zResource = z.looseObject({ Type: z.string(), Properties: z.unknown() });
const zTemplate = z.looseObject({ Resources: z.record(z.string(), zResource).default({}) });
const zAlarm = z.looseObject({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.unknown()).default([]),
});
const zComposite = zAlarm.extend({ AlarmRule: z.string() });

/** All alarms of a stage, in the order of its stacks. @throws UntoldAlarm */
export const deployedAlarms = (configuration: StageConfiguration): readonly DeployedAlarm[] => {
  const resources = synthesised(configuration);
  const propertiesOf = (type: string) =>
    resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);
  const composites = z.array(zComposite).parse(propertiesOf('AWS::CloudWatch::CompositeAlarm'));
  const singles = z.array(zAlarm).parse(propertiesOf('AWS::CloudWatch::Alarm'));
  const { stage } = configuration;

  const told = (alarm: z.infer<typeof zAlarm>, composite: z.infer<typeof zComposite>) => {
    const [means, first] = alarm.AlarmDescription.split(' First: ');
    if (means === undefined || first === undefined)
      throw new UntoldAlarm(
        `an alarm's description says what it means, then 'First: ' and what to do (given '${alarm.AlarmDescription}' of ${alarm.AlarmName})`,
      );
    return {
      id: alarm.AlarmName.replace(stageName(stage, ''), ''),
      audience: audienceOf(composite, stage),
      tellsAtOnce: alarm.AlarmActions.length > 0,
      means,
      first,
    };
  };
  return [
    // Those that tell nobody are only what another one is made of.
    ...composites
      .filter(({ AlarmActions }) => AlarmActions.length > 0)
      .map((alarm) => ({ ...told(alarm, alarm), composite: true })),
    ...singles.map((alarm) => {
      const composite = composites.find(({ AlarmRule }) => AlarmRule.includes(`"${alarm.AlarmName}"`));
      if (composite === undefined)
        throw new UntoldAlarm(`no composite alarm names it, so nobody is told (given ${alarm.AlarmName})`);
      return { ...told(alarm, composite), composite: false };
    }),
  ];
};

const audienceOf = ({ AlarmName }: z.infer<typeof zComposite>, stage: string): AlarmAudience => {
  if (AlarmName === stageName(stage, NOTIFY_ALARMS)) return 'notify';
  if (AlarmName === stageName(stage, OPERATORS_ALARMS)) return 'operators';
  return AlarmName === stageName(stage, 'master-plane') ? 'master' : 'user';
};

/** Without bundles and without the checks of a real synthesis: only the alarms are wanted. */
const synthesised = (configuration: StageConfiguration): readonly z.infer<typeof zResource>[] => {
  process.env['CDK_VALIDATION'] = 'false';
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  nijaStacks(app, configuration, () => Code.fromInline('exports.handler = () => undefined'));
  return app.synth().stacks.flatMap(({ template }) => Object.values(zTemplate.parse(template).Resources));
};
