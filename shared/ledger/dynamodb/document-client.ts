import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  type BatchGetCommand,
  type BatchGetCommandOutput,
  type DeleteCommand,
  type DeleteCommandOutput,
  DynamoDBDocumentClient,
  type GetCommand,
  type GetCommandOutput,
  type PutCommand,
  type PutCommandOutput,
  type QueryCommand,
  type QueryCommandOutput,
  type TransactWriteCommand,
  type TransactWriteCommandOutput,
  type UpdateCommand,
  type UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import { type AwsEnv, awsClientConfig } from '../../aws/client-config.ts';

/** All that is ever asked of the table: the SDK's document client can do it, and whatever stands in for it must. */
export interface LedgerClient {
  send(command: GetCommand): Promise<GetCommandOutput>;
  send(command: BatchGetCommand): Promise<BatchGetCommandOutput>;
  send(command: QueryCommand): Promise<QueryCommandOutput>;
  send(command: PutCommand): Promise<PutCommandOutput>;
  send(command: UpdateCommand): Promise<UpdateCommandOutput>;
  send(command: DeleteCommand): Promise<DeleteCommandOutput>;
  send(command: TransactWriteCommand): Promise<TransactWriteCommandOutput>;
}

/** The one way to reach the table. A write that the SDK repeats is recognised by its token, see table-access. */
export const documentClient = (env: AwsEnv): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient(awsClientConfig(env, 'DYNAMODB')));
