import { NotSimulated } from './errors.ts';

const EXPRESSION = ['ExpressionAttributeNames', 'ExpressionAttributeValues'];
const CONDITIONAL = [
  'TableName',
  ...EXPRESSION,
  'ConditionExpression',
  'ReturnValuesOnConditionCheckFailure',
];

const SIMULATED = {
  Get: ['TableName', 'Key', 'ConsistentRead'],
  BatchGet: ['RequestItems'],
  'keys of a BatchGet': ['Keys', 'ConsistentRead'],
  Query: [
    'TableName',
    'IndexName',
    'ConsistentRead',
    'KeyConditionExpression',
    'ProjectionExpression',
    ...EXPRESSION,
    'ExclusiveStartKey',
    'Limit',
    'ScanIndexForward',
  ],
  Put: [...CONDITIONAL, 'Item', 'ReturnValues'],
  Update: [...CONDITIONAL, 'Key', 'UpdateExpression', 'ReturnValues'],
  Delete: [...CONDITIONAL, 'Key', 'ReturnValues'],
  TransactWrite: ['TransactItems', 'ClientRequestToken'],
  'Put of a transaction': [...CONDITIONAL, 'Item'],
  'Update of a transaction': [...CONDITIONAL, 'Key', 'UpdateExpression'],
  'Delete of a transaction': [...CONDITIONAL, 'Key'],
  'ConditionCheck of a transaction': [...CONDITIONAL, 'Key'],
} as const satisfies Record<string, readonly string[]>;

const sets: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(SIMULATED).map(([operation, names]) => [operation, new Set<string>(names)]),
);

/** @throws NotSimulated for a parameter that would be ignored */
export const onlySimulated = (operation: keyof typeof SIMULATED, input: object): void => {
  const known = sets.get(operation);
  for (const [name, value] of Object.entries(input)) {
    if (value !== undefined && known?.has(name) !== true)
      throw new NotSimulated(`a parameter of ${operation} is not simulated (given '${name}')`);
  }
};
