import { describe, expect, test } from 'vitest';
import { TRADE_INSERTS } from '../../../shared/ledger/dynamodb/trade-items.ts';
import { FULL, synthesised } from './synthesised.ts';

const stage = synthesised(FULL);
const sourceOf = (functionName: string, of = stage, version = ':live') =>
  of.one('AWS::Lambda::EventSourceMapping', 'FunctionName', `${functionName}${version}`).properties;

/** Lambda's own number for it, and its default. */
const UNLIMITED = -1;

const COPY_FUNCTIONS = ['trade-copier', 'copy-worker'] as const;

describe('the event source of trade-copier', () => {
  const source = sourceOf('nija-dev-trade-copier');

  test('delivers insertions of trades and nothing else of the ledger', () => {
    expect(source['EventSourceArn']).toMatch(/:table\/nija-dev-ledger\/stream\//);
    expect(source['FilterCriteria']).toEqual({ Filters: [{ Pattern: JSON.stringify(TRADE_INSERTS) }] });
  });

  test('begins with the oldest trade, keeps their order, and halves a batch that fails', () => {
    expect(source).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      ParallelizationFactor: 1,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(source['MaximumBatchingWindowInSeconds'] ?? 0).toBe(0);
  });

  test('gives a trade up after six hours, however often it was tried, to a queue that keeps it', () => {
    expect(source['MaximumRetryAttempts'] ?? UNLIMITED).toBe(UNLIMITED);
    expect(source['MaximumRecordAgeInSeconds']).toBe(6 * 3_600);
    expect(source['DestinationConfig']).toEqual({
      OnFailure: { Destination: 'arn:aws:sqs:eu-central-1:111122223333:nija-dev-trades-dead-letters' },
    });
  });
});

describe('the event source of copy-worker', () => {
  test('delivers one copy at a time and hears which failed', () => {
    const source = sourceOf('nija-dev-copy-worker');

    expect(source).toMatchObject({
      EventSourceArn: 'arn:aws:sqs:eu-central-1:111122223333:nija-dev-copies.fifo',
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('runs as many workers as the stage says, and few by default', () => {
    expect(sourceOf('nija-dev-copy-worker')['ScalingConfig']).toEqual({ MaximumConcurrency: 7 });
    expect(sourceOf('nija-dev-copy-worker', synthesised({}))['ScalingConfig']).toEqual({
      MaximumConcurrency: 5,
    });
  });
});

test('nothing else than these two is started by the ledger or by copies, but what tells of them', () => {
  const sources = stage
    .all('AWS::Lambda::EventSourceMapping')
    .map(({ properties }) => String(properties['EventSourceArn']))
    .filter((arn) => !arn.endsWith('nija-dev-checks.fifo'));
  const telling = sourceOf('nija-dev-notify', stage, '');

  expect(sources).toHaveLength(3);
  expect(sources).toContain(telling['EventSourceArn']);
});

describe.each(COPY_FUNCTIONS)('a new version of %s', (name) => {
  const functionName = `nija-dev-${name}`;
  const aliasOf = (of: typeof stage) => of.one('AWS::Lambda::Alias', 'FunctionName', functionName);
  const groupOf = (of: typeof stage) => {
    const [group] = of
      .all('AWS::CodeDeploy::DeploymentGroup')
      .filter(({ logicalId }) =>
        logicalId.startsWith(name === 'trade-copier' ? 'TradeCopier' : 'CopyWorker'),
      );
    return group?.properties;
  };

  test('takes over through the alias live, moved by CodeDeploy', () => {
    expect(aliasOf(stage).properties['Name']).toBe('live');
    expect(aliasOf(stage).updatePolicy).toMatchObject({
      CodeDeployLambdaAliasUpdate: { ApplicationName: 'nija-dev-copy-plane' },
    });
  });

  test('serves a tenth first, and goes back when an alarm of its function goes off', () => {
    const group = groupOf(stage);
    const watched = JSON.stringify(group?.['AlarmConfiguration']);

    expect(group).toMatchObject({
      DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
      AutoRollbackConfiguration: {
        Enabled: true,
        Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'],
      },
      AlarmConfiguration: { Enabled: true },
    });
    expect(watched).toContain(`nija-dev-${name}-throttled`);
    expect(watched).toContain(`nija-dev-${name}-errors`);
  });

  test('serves everything at once, whatever the alarms say, where the operator asks for it', () => {
    const group = groupOf(synthesised(FULL, 'dev', { rollout: 'all-at-once' }));

    expect(group?.['DeploymentConfigName']).toBe('CodeDeployDefault.LambdaAllAtOnce');
    expect(group?.['AlarmConfiguration']).toEqual({ Enabled: false });
  });
});
