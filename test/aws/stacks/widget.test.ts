import { expect, test } from 'vitest';
import * as z from 'zod';
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

test('its function can call no other: an exit is called with the rights of who presses the button', () => {
  const role = stage.one('AWS::IAM::Role', 'RoleName', 'nija-dev-dashboard');
  const policies = stage
    .all('AWS::IAM::Policy')
    .filter(({ properties }) => JSON.stringify(properties).includes('nija-dev-dashboard'));

  const allowed = JSON.stringify([role.properties['Policies'], policies.map(({ properties }) => properties)]);

  expect(allowed).not.toMatch(/lambda:|secretsmanager:|sqs:|PutItem|UpdateItem|DeleteItem|dynamodb:\*/);
  expect(allowed).toContain('dynamodb:Query');
});
