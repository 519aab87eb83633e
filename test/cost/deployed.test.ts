import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { stageConfiguration } from '../../infra/aws/configuration.ts';
import { nijaStacks } from '../../infra/aws/nija.ts';
import { PROJECT } from '../../infra/bundle/bundle.ts';
import { DEFAULT_ASSUMPTIONS } from '../../infra/cost/assumptions.ts';

const zTemplate = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});
const zAlarm = z.looseObject({
  Metrics: z.array(z.looseObject({ MetricStat: z.unknown().optional() })).optional(),
});
const zJson = z.record(z.string(), z.unknown());
const jsonOf = (file: string) => zJson.parse(JSON.parse(readFileSync(join(PROJECT, file), 'utf8')));

/** A stage with one master, as the default assumptions have it. */
const resources = () => {
  process.env['CDK_VALIDATION'] = 'false';
  const prod = zJson.parse(jsonOf('infra/aws/stages.json')['prod']);
  const masters = [{ accountId: 'm-apex', schedule: 'rate(1 minute)' }];
  const configuration = stageConfiguration({ prod: { ...prod, masters } }, { stage: 'prod' });
  const context = { ...zJson.parse(jsonOf('cdk.json')['context']), 'aws:cdk:bundling-stacks': [] };
  const app = new App({ context, treeMetadata: false });
  nijaStacks(app, configuration, () => Code.fromInline('exports.handler = async () => undefined;'));
  return {
    configuration,
    all: app.synth().stacks.flatMap(({ template }) => Object.values(zTemplate.parse(template).Resources)),
  };
};

describe('what is assumed of a deployment', () => {
  let deployed: ReturnType<typeof resources>;
  beforeAll(() => {
    deployed = resources();
  });
  const countOf = (type: string) => deployed.all.filter(({ Type }) => Type === type).length;

  it('has the alarms that the stacks have, each metric of one counted, and a few to spare', () => {
    const watched = deployed.all
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ Properties }) => {
        const { Metrics } = zAlarm.parse(Properties);
        return Metrics === undefined
          ? 1
          : Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length;
      })
      .reduce((sum, count) => sum + count, 0);

    expect(DEFAULT_ASSUMPTIONS.alarms).toBeGreaterThanOrEqual(watched);
    expect(DEFAULT_ASSUMPTIONS.alarms).toBeLessThan(watched + 10);
  });

  it('has the composite alarms and dashboards that the stacks have', () => {
    expect(DEFAULT_ASSUMPTIONS.compositeAlarms).toBe(countOf('AWS::CloudWatch::CompositeAlarm'));
    expect(DEFAULT_ASSUMPTIONS.dashboards).toBe(countOf('AWS::CloudWatch::Dashboard'));
  });

  it('has the configuration of production', () => {
    expect(DEFAULT_ASSUMPTIONS.copyWorkers).toBe(deployed.configuration.copyWorkers);
    expect(DEFAULT_ASSUMPTIONS.checkWorkers).toBe(deployed.configuration.checkWorkers);
    expect(DEFAULT_ASSUMPTIONS.checkMinutes).toBe(deployed.configuration.checkSchedule.minutes);
    expect(DEFAULT_ASSUMPTIONS.logRetentionDays).toBe(deployed.configuration.logRetentionDays);
  });

  it('has one schedule for all checks, and one for each master', () => {
    expect(countOf('AWS::Scheduler::Schedule')).toBe(1 + deployed.configuration.masters.length);
  });

  it('has two queues that Lambda polls', () => {
    const polled = deployed.all.filter(
      ({ Type, Properties }) =>
        Type === 'AWS::Lambda::EventSourceMapping' && Properties['ScalingConfig'] !== undefined,
    );

    expect(polled).toHaveLength(2);
  });

  it('has no secret, key or VPC of its own that a line would be missing for', () => {
    expect(
      deployed.all.filter(({ Type }) => /^AWS::(SecretsManager|KMS|EC2|ApiGateway|Kinesis)/.test(Type)),
    ).toEqual([]);
  });
});
