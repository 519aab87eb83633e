import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { deployedSetup } from '../../../cli/transport/deployed-setup.ts';

let server: Server;
let limit = 1_000;
let subscription = 'arn:aws:sns:eu-central-1:123456789012:nija-prod-alarms:1';
let refused = false;

const subscriptions = () => `<ListSubscriptionsResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <ListSubscriptionsResult><Subscriptions>
    <member><TopicArn>arn:aws:sns:eu-central-1:123456789012:another</TopicArn><SubscriptionArn>arn:other</SubscriptionArn></member>
    <member><TopicArn>arn:aws:sns:eu-central-1:123456789012:nija-prod-alarms</TopicArn><SubscriptionArn>${subscription}</SubscriptionArn></member>
  </Subscriptions></ListSubscriptionsResult></ListSubscriptionsResponse>`;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    if (refused) {
      response.writeHead(403, { 'x-amzn-errortype': 'AccessDeniedException' });
      response.end('{}');
    } else if (request.url?.includes('account-settings')) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ AccountLimit: { ConcurrentExecutions: limit } }));
    } else {
      response.writeHead(200, { 'content-type': 'text/xml' });
      response.end(subscriptions());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', url);
  vi.stubEnv('AWS_ENDPOINT_URL_SNS', url);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  limit = 1_000;
  subscription = 'arn:aws:sns:eu-central-1:123456789012:nija-prod-alarms:1';
  refused = false;
});

test('an AWS account that has what a stage needs has no finding', async () => {
  expect(await deployedSetup('prod')).toEqual([]);
});

test('a low limit of executions, and a subscription that nobody confirmed, are found with their remedies', async () => {
  limit = 10;
  subscription = 'PendingConfirmation';

  const findings = await deployedSetup('prod');

  expect(findings).toMatchObject([
    { severity: 'warning', code: 'FEW_EXECUTIONS', remedy: expect.stringContaining('Service Quotas') },
    { severity: 'warning', code: 'NOBODY_IS_TOLD', what: expect.stringContaining('confirmed') },
  ]);
});

test('a stage to whose alarms nobody is subscribed is found, whoever is told of others', async () => {
  expect(await deployedSetup('dev')).toMatchObject([
    { code: 'NOBODY_IS_TOLD', remedy: expect.stringContaining('alarmEmail') },
  ]);
});

test('what these credentials may not look at is said, and not taken as good', async () => {
  refused = true;

  const findings = await deployedSetup('prod');

  expect(findings.map(({ code }) => code)).toEqual(['NOT_LOOKED_AT', 'NOT_LOOKED_AT']);
});
