import { describe, expect, test } from 'vitest';
import { readRoles } from './access/roles.ts';
import { readTemplates, type SynthesisedStack, UnresolvedTemplate } from './templates.ts';

const PLACE = { account: '111122223333', region: 'eu-central-1' };

const allow = (action: string, resource: unknown) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: resource }],
});

const DATA: SynthesisedStack = {
  name: 'data',
  template: {
    Resources: {
      Ledger: { Type: 'AWS::DynamoDB::GlobalTable', Properties: { TableName: 'ledger' } },
      Jobs: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs.fifo' } },
    },
    Outputs: {
      LedgerArn: {
        Value: { 'Fn::GetAtt': ['Ledger', 'Arn'] },
        Export: { Name: { 'Fn::Join': [':', ['data', 'ledger']] } },
      },
    },
  },
};

const planeWith = (resources: object): SynthesisedStack => ({
  name: 'plane',
  template: {
    Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: {} },
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: { FunctionName: 'worker', Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
      },
      ...resources,
    },
  },
});

const attached = (statement: object) => ({
  Policy: {
    Type: 'AWS::IAM::Policy',
    Properties: { PolicyName: 'p', PolicyDocument: statement, Roles: [{ Ref: 'Role' }] },
  },
});

const rolesOf = (...stacks: readonly SynthesisedStack[]) =>
  readRoles(readTemplates([DATA, ...stacks], PLACE));

const LEDGER = 'arn:aws:dynamodb:eu-central-1:111122223333:table/ledger';

describe('a resource that a policy names', () => {
  test.each([
    ['by an import', { 'Fn::ImportValue': 'data:ledger' }],
    [
      'by the output of another stack',
      { 'Fn::GetStackOutput': { StackName: 'data', OutputName: 'LedgerArn' } },
    ],
    [
      'by a text with variables',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own way to name variables
      { 'Fn::Sub': 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/ledger' },
    ],
    [
      'by its parts',
      { 'Fn::Join': ['', ['arn:aws:dynamodb:', { Ref: 'AWS::Region' }, ':111122223333:table/ledger']] },
    ],
  ])('%s is found', async (_how, resource) => {
    const roles = rolesOf(planeWith(attached(allow('dynamodb:DescribeTable', resource))));

    const asked = { action: 'dynamodb:DescribeTable', resource: LEDGER };

    expect(await roles.allowed('worker', asked)).toBe(true);
    expect(await roles.allowed('worker', { ...asked, resource: `${LEDGER}-other` })).toBe(false);
  });

  test.each([
    ['a function that is not known', { 'Fn::Transform': 'x' }],
    ['an import that nobody exports', { 'Fn::ImportValue': 'data:nothing' }],
    ['a resource that is not there', { Ref: 'Nothing' }],
  ])('in %s is refused, not guessed', (_how, resource) => {
    expect(() => rolesOf(planeWith(attached(allow('dynamodb:DescribeTable', resource))))).toThrow(
      UnresolvedTemplate,
    );
  });
});

describe('what a function may do', () => {
  const read = { action: 'dynamodb:DescribeTable', resource: LEDGER };

  test.each([
    [
      'an inline policy',
      {
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: { Policies: [{ PolicyName: 'p', PolicyDocument: allow(read.action, LEDGER) }] },
        },
      },
    ],
    ['an attached policy', attached(allow(read.action, LEDGER))],
    [
      'a managed policy that names the role',
      {
        Managed: {
          Type: 'AWS::IAM::ManagedPolicy',
          Properties: { PolicyDocument: allow(read.action, LEDGER), Roles: [{ Ref: 'Role' }] },
        },
      },
    ],
    [
      'a managed policy that the role names',
      {
        Managed: {
          Type: 'AWS::IAM::ManagedPolicy',
          Properties: { PolicyDocument: allow(read.action, LEDGER) },
        },
        Role: { Type: 'AWS::IAM::Role', Properties: { ManagedPolicyArns: [{ Ref: 'Managed' }] } },
      },
    ],
  ])('counts %s', async (_where, resources) => {
    expect(await rolesOf(planeWith(resources)).allowed('worker', read)).toBe(true);
    expect(await rolesOf(planeWith({})).allowed('worker', read)).toBe(false);
  });

  test('counts the policy of a queue, which may grant on its own', async () => {
    const resource = 'arn:aws:sqs:eu-central-1:111122223333:jobs.fifo';
    const Statement = [
      {
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:role/plane-Role' },
        Action: 'sqs:PurgeQueue',
        Resource: resource,
      },
    ];
    const queuePolicy: SynthesisedStack = {
      name: 'grant',
      template: {
        Resources: {
          Jobs: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs.fifo' } },
          Policy: {
            Type: 'AWS::SQS::QueuePolicy',
            Properties: { Queues: [{ Ref: 'Jobs' }], PolicyDocument: { Version: '2012-10-17', Statement } },
          },
        },
      },
    };
    const purge = { action: 'sqs:PurgeQueue', resource };

    expect(await rolesOf(planeWith({}), queuePolicy).allowed('worker', purge)).toBe(true);
    expect(await rolesOf(planeWith({})).allowed('worker', purge)).toBe(false);
  });

  test('is not judged where a policy of AWS, a boundary or a secret’s own policy has a say that is not read', () => {
    const role = (properties: object) =>
      planeWith({ Role: { Type: 'AWS::IAM::Role', Properties: properties } });

    const byAws = rolesOf(
      role({
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'],
        AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'lambda.amazonaws.com' } }] },
      }),
    );

    expect(() => byAws.policiesOf('worker')).toThrow(UnresolvedTemplate);
    expect(() => rolesOf(role({ PermissionsBoundary: 'arn:aws:iam::aws:policy/PowerUserAccess' }))).toThrow(
      UnresolvedTemplate,
    );
    expect(() => rolesOf(planeWith({ Policy: { Type: 'AWS::SecretsManager::ResourcePolicy' } }))).toThrow(
      UnresolvedTemplate,
    );
  });
});
