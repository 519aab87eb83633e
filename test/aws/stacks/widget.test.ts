import { expect, test } from 'vitest';
import * as z from 'zod';
import { alarmsOf } from './alarm-reading.ts';
import { FULL, synthesised } from './synthesised.ts';

const stage = synthesised(FULL);
const ARN = 'arn:aws:lambda:eu-central-1:111122223333:function';

const zBody = z.object({
  widgets: z.array(z.looseObject({ type: z.string(), properties: z.looseObject({}) })),
});

test('the page of all accounts is the first thing below the alarms of the dashboard', () => {
  const { properties } = stage.one('AWS::CloudWatch::Dashboard', 'DashboardName', 'nija-dev-overview');

  const { widgets } = zBody.parse(JSON.parse(z.string().parse(properties['DashboardBody'])));

  expect(widgets[1]).toMatchObject({
    type: 'custom',
    width: 24,
    properties: { endpoint: `${ARN}:nija-dev-dashboard`, updateOn: { refresh: true, timeRange: false } },
  });
});

test('every alarm is on the dashboard, in widgets that CloudWatch takes, also with as many masters as may be', () => {
  const masters = Array.from({ length: 40 }, (_, index) => ({
    accountId: `m-${index}`,
    schedule: 'rate(1 minute)',
  }));
  const full = synthesised({ ...FULL, masters });
  const { properties } = full.one('AWS::CloudWatch::Dashboard', 'DashboardName', 'nija-dev-overview');

  const { widgets } = zBody.parse(JSON.parse(z.string().parse(properties['DashboardBody'])));

  const shown = widgets
    .filter(({ type }) => type === 'alarm')
    .map(({ properties: { alarms } }) => z.array(z.string()).parse(alarms));
  expect(Math.max(...shown.map(({ length }) => length))).toBeLessThanOrEqual(100);
  expect(
    shown
      .flat()
      .map((arn) => arn.replace(/^.*:alarm:/, ''))
      .sort(),
  ).toEqual(
    alarmsOf(full)
      .map(({ name }) => name)
      .sort(),
  );
});

test('its function can call no other: an exit is called with the rights of who presses the button', () => {
  const role = stage.one('AWS::IAM::Role', 'RoleName', 'nija-dev-dashboard');
  const policies = stage
    .all('AWS::IAM::Policy')
    .filter(({ properties }) => JSON.stringify(properties).includes('nija-dev-dashboard'));

  const allowed = JSON.stringify([role.properties['Policies'], policies.map(({ properties }) => properties)]);

  expect(allowed).not.toMatch(/lambda:|secretsmanager:|sqs:|PutItem|UpdateItem|DeleteItem|dynamodb:\*/);
  expect(allowed).toContain('dynamodb:Query');
});
