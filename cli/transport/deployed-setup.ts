import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { paginateListSubscriptions, SNSClient } from '@aws-sdk/client-sns';
import { stageName } from '../../infra/aws/names.ts';
import type { Finding } from '../../shared/reporting/contract/finding.ts';
import { codeOfAwsError } from './aws-error.ts';

/** Fewer executions at once, and copies, checks and exits wait for each other. */
const EXECUTIONS_WANTED = 1_000;

/** What the AWS account itself lacks for a stage; what may not be looked at is said, and never good. */
export const deployedSetup = async (stage: string): Promise<readonly Finding[]> =>
  (await Promise.all([executions(), told(stage)])).flat();

const executions = async (): Promise<readonly Finding[]> => {
  const client = new LambdaClient({ maxAttempts: 2 });
  try {
    const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
    const limit = AccountLimit?.ConcurrentExecutions ?? 0;
    if (limit >= EXECUTIONS_WANTED) return [];
    return [
      {
        severity: limit < 100 ? 'warning' : 'info',
        code: 'FEW_EXECUTIONS',
        what: `The AWS account runs ${limit} functions at once.`,
        remedy: `Ask for ${EXECUTIONS_WANTED}: Service Quotas > AWS Lambda > Concurrent executions; then reserve some for exits (reservedConcurrency).`,
      },
    ];
  } catch (error) {
    return [notLookedAt('the limit of concurrent executions', error, 'lambda:GetAccountSettings')];
  } finally {
    client.destroy();
  }
};

const told = async (stage: string): Promise<readonly Finding[]> => {
  const client = new SNSClient({ maxAttempts: 2 });
  const topic = stageName(stage, 'alarms');
  try {
    let pending = 0;
    for await (const { Subscriptions = [] } of paginateListSubscriptions({ client }, {})) {
      for (const { TopicArn, SubscriptionArn } of Subscriptions) {
        if (TopicArn?.endsWith(`:${topic}`) !== true) continue;
        if (SubscriptionArn?.startsWith('arn:') === true) return [];
        pending += 1;
      }
    }
    return [
      {
        severity: 'warning',
        code: 'NOBODY_IS_TOLD',
        what:
          pending === 0
            ? `Nobody is subscribed to the alarms of stage ${stage}.`
            : `Nobody has confirmed a subscription to the alarms of stage ${stage}.`,
        remedy:
          pending === 0
            ? 'Set alarmEmail in infra/aws/stages.json and deploy; then confirm the mail that comes.'
            : 'Open the mail "AWS Notification - Subscription Confirmation" and confirm it.',
      },
    ];
  } catch (error) {
    return [notLookedAt('who is told of alarms', error, 'sns:ListSubscriptions')];
  } finally {
    client.destroy();
  }
};

const notLookedAt = (what: string, error: unknown, permission: string): Finding => ({
  severity: 'info',
  code: 'NOT_LOOKED_AT',
  what: `It could not be looked at: ${what} (${codeOfAwsError(error)}).`,
  remedy: `Look with credentials that have ${permission}.`,
});
