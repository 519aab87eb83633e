import { isWildcardOnlyAction } from '@cloud-copilot/iam-simulate';
import { expect, test } from 'vitest';
import { deployed } from './deployed.ts';

const { roles } = deployed('dev');

test('no policy names an action with a wildcard, or all but some actions or resources', () => {
  const broad = roles.allPolicies.flatMap(({ name, document }) =>
    document.Statement.filter(
      ({ Action, NotAction, NotResource }) =>
        NotAction !== undefined ||
        NotResource !== undefined ||
        Action === undefined ||
        Action.some((action) => /[*?]/.test(action)),
    ).map((statement) => ({ name, statement })),
  );

  expect(broad).toEqual([]);
});

test('no policy is about all resources, but for actions that AWS knows no resource of', async () => {
  const unlimited = roles.allPolicies.flatMap(({ name, document }) =>
    document.Statement.filter(
      ({ Effect, Resource }) => Effect === 'Allow' && Resource?.includes('*'),
    ).flatMap(({ Action = [] }) => Action.map((action) => ({ name, action }))),
  );

  const withResources = await Promise.all(
    unlimited.map(async ({ action }) => {
      const [service = '', operation = ''] = action.split(':');
      return !(await isWildcardOnlyAction(service, operation));
    }),
  );

  expect(unlimited.filter((_, at) => withResources[at])).toEqual([]);
});

test('no function has a policy that AWS wrote', () => {
  expect(roles.withAwsPolicies.filter(({ assumedBy }) => assumedBy === 'lambda.amazonaws.com')).toEqual([]);
});
