import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ConfigurationError, stageConfiguration } from '../../../infra/aws/configuration.ts';
import { TooManyChannels } from '../../../infra/aws/notify/channels.ts';
import { zChannel } from '../../../shared/notification/channel.ts';
import { FULL, synthesised } from './synthesised.ts';

const stage = synthesised(FULL);
const own = stage.resources.filter(({ stack }) => stack === 'nija-dev-notify');
const source = stage.one('AWS::Lambda::EventSourceMapping', 'FunctionName', 'nija-dev-notify').properties;

describe('the event source of notify', () => {
  test('delivers what there is to tell of the ledger, in as many filters as Lambda takes', () => {
    const zFilters = z.object({ Filters: z.array(z.object({ Pattern: z.string() })) });
    const patterns = zFilters.parse(source['FilterCriteria']).Filters.map(({ Pattern }) => Pattern);

    expect(source['EventSourceArn']).toMatch(/:table\/nija-dev-ledger\/stream\//);
    expect(patterns.length).toBeLessThanOrEqual(5);
    for (const pattern of patterns) expect(pattern.length).toBeLessThanOrEqual(4_096);
    expect(patterns.join()).not.toContain('NOTICE');
  });

  test('begins with what happens from now on, and gives up after six hours, however often it tried, to a queue that keeps it', () => {
    expect(source).toMatchObject({
      StartingPosition: 'LATEST',
      BisectBatchOnFunctionError: true,
      MaximumRecordAgeInSeconds: 6 * 3_600,
      DestinationConfig: {
        OnFailure: { Destination: 'arn:aws:sqs:eu-central-1:111122223333:nija-dev-notify-dead-letters' },
      },
    });
    expect(source['MaximumRetryAttempts'] ?? -1).toBe(-1);
  });
});

test('the alarm topic tells notify, too; who has subscribed to it by e-mail is told without', () => {
  const toAlarms = stage
    .all('AWS::SNS::Subscription')
    .filter(({ properties }) => String(properties['TopicArn']).endsWith(':nija-dev-alarms'))
    .map(({ stack, properties }) => ({ stack, protocol: properties['Protocol'] }));

  expect(toAlarms).toEqual(
    expect.arrayContaining([
      { stack: 'nija-dev-data', protocol: 'email' },
      { stack: 'nija-dev-notify', protocol: 'lambda' },
    ]),
  );
  expect(toAlarms).toHaveLength(2);
});

test('a channel of e-mail has a topic with its addresses, and notify may publish there alone', () => {
  const publishing = own
    .filter(({ type }) => type === 'AWS::IAM::Policy')
    .map(({ properties }) => JSON.stringify(properties))
    .filter((text) => text.includes('sns:Publish'));

  expect(own.filter(({ type }) => type === 'AWS::SNS::Topic')).toMatchObject([
    { properties: { TopicName: 'nija-dev-notices-ann-mail' } },
  ]);
  expect(own.filter(({ type }) => type === 'AWS::SNS::Subscription')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        properties: expect.objectContaining({ Protocol: 'email', Endpoint: 'ann@example.com' }),
      }),
    ]),
  );
  expect(publishing).toHaveLength(1);
  expect(publishing[0]?.match(/arn:aws:sns:[^"]+/g)).toEqual([
    'arn:aws:sns:eu-central-1:111122223333:nija-dev-notices-ann-mail',
  ]);
});

test('what was gathered is sent each minute', () => {
  const schedule = stage.one('AWS::Scheduler::Schedule', 'Name', 'nija-dev-notices').properties;

  expect(schedule).toMatchObject({
    ScheduleExpression: 'rate(1 minute)',
    Target: { Input: '{"flush":true}' },
  });
});

test('its channels are those that the code reads', () => {
  const zVariables = z.object({ Variables: z.object({ NIJA_NOTIFY_CHANNELS: z.string() }) });
  const { Variables } = zVariables.parse(stage.functionNamed('notify')['Environment']);
  const channels = z.array(zChannel).parse(JSON.parse(Variables.NIJA_NOTIFY_CHANNELS));

  expect(channels.map(({ id, accounts, least }) => ({ id, accounts, least }))).toEqual([
    { id: 'ops', accounts: 'all', least: 'warning' },
    { id: 'ann-mail', accounts: ['u-ann'], least: 'info' },
  ]);
});

describe('channels that are wrong', () => {
  const configured = (...notify: readonly object[]) =>
    stageConfiguration({ dev: { notify } }, { stage: 'dev' });

  test.each([
    ['a name that is none', { id: 'Ops', kind: 'slack' }, 'notify.0.id'],
    ['an account that is none', { id: 'ops', kind: 'slack', accounts: ['ann'] }, 'notify.0.accounts'],
    ['e-mail without an address', { id: 'ops', kind: 'email', addresses: [] }, 'notify.0.addresses'],
    [
      'an address of a webhook, which is a secret',
      { id: 'ops', kind: 'slack', url: 'https://x' },
      'no setting of this name',
    ],
  ])('are refused by name: %s', (_, channel, named) => {
    expect(() => configured(channel)).toThrow(ConfigurationError);
    expect(() => configured(channel)).toThrow(named);
  });

  test('are refused where two have one id', () => {
    const ops = { id: 'ops', kind: 'slack' };

    expect(() => configured(ops, ops)).toThrow("(given 'ops' twice)");
  });

  test('are refused where they are more than a function takes', () => {
    const accounts = Array.from({ length: 50 }, (_, index) => `u-${'x'.repeat(30)}${index}`);
    const notify = Array.from({ length: 3 }, (_, index) => ({ id: `c${index}`, kind: 'slack', accounts }));

    expect(() => synthesised({ notify })).toThrow(TooManyChannels);
  });
});
