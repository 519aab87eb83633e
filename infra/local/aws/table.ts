import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';

/**
 * Creates the table if it is not there.
 *
 * @returns where its stream is
 * @throws Error when the table has no stream
 */
export const ensureTable = async (
  client: DynamoDBClient,
  definition: CreateTableCommandInput,
): Promise<{ readonly streamArn: string }> => {
  const streamArn = (await existing(client, definition)) ?? (await created(client, definition));
  if (streamArn) return { streamArn };
  throw new Error(
    `the table has no stream, so trades would never be copied. Start with an empty state folder (given '${definition.TableName}')`,
  );
};

const existing = async (
  client: DynamoDBClient,
  { TableName }: CreateTableCommandInput,
): Promise<string | undefined> => {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    return Table?.LatestStreamArn ?? '';
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
};

const created = async (
  client: DynamoDBClient,
  definition: CreateTableCommandInput,
): Promise<string | undefined> => {
  const { TableDescription } = await client.send(new CreateTableCommand(definition));
  return TableDescription?.LatestStreamArn;
};
