import { ArnFormat, type Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  type KeyPattern,
  LEDGER_ACCESS,
  type LedgerAccess,
  TABLE_ACTIONS,
  type TableAction,
} from '../../functions/ledger-access.ts';
import { FUNCTION_SPECS, type FunctionName, type FunctionSpec } from '../../functions/specs.ts';

export interface AccessResources {
  readonly tableArn: string;
  readonly copyQueueArn: string;
  readonly checkQueueArn: string;
  /** A pattern for the secrets of all accounts of a role, or of all channels, see `secretsOfRole`. */
  readonly secretArn: (role: 'master' | 'user' | 'notify') => string;
}

/**
 * The secrets of a role in a stage: `arn:…:secret:nija/<stage>/<role>/*`. AWS ends each secret's ARN with six
 * characters of its own, which the `*` covers too.
 */
export const secretsOfRole =
  (stack: Stack, stage: string): AccessResources['secretArn'] =>
  (role) =>
    stack.formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: `nija/${stage}/${role}/*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });

/**
 * All that a function's role needs of the ledger, the secrets and the queues, beside what its event
 * source grants: `SqsEventSource` grants receiving and `DynamoEventSource` reading the stream, so neither is
 * repeated here. (Of a `TableV2` it grants `ListStreams` for that stream; of a `Table` for `*`.)
 */
export const accessStatements = (
  name: FunctionName,
  resources: AccessResources,
): readonly PolicyStatement[] => {
  const spec: FunctionSpec = FUNCTION_SPECS[name];
  return [
    ...tableStatements(LEDGER_ACCESS[name], resources.tableArn),
    ...indexStatements(LEDGER_ACCESS[name], resources.tableArn),
    ...(spec.secrets === 'none'
      ? []
      : [allow(['secretsmanager:GetSecretValue'], resources.secretArn(spec.secrets))]),
    // SendMessageBatch is authorised as SendMessage.
    ...(spec.copyQueue === 'sends' ? [allow(['sqs:SendMessage'], resources.copyQueueArn)] : []),
    ...(spec.checkQueue === 'sends' ? [allow(['sqs:SendMessage'], resources.checkQueueArn)] : []),
  ];
};

const allow = (
  actions: readonly string[],
  resource: string,
  conditions: Record<string, Record<string, unknown>> = {},
): PolicyStatement =>
  new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [resource], conditions });

/**
 * Of every request the partition keys it names, of a batch all of them at once (`BatchGetItem` is authorised
 * as one action); of a transaction's items each is authorised as the action it stands for. Where a request
 * names none, `ForAllValues` would be true of nothing at all: so there must be one.
 */
const leadingKeys = (patterns: readonly string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...patterns] },
  Null: { 'dynamodb:LeadingKeys': 'false' },
});

/**
 * One statement for each set of keys, so that all keys of one action stand in one statement: a batch with
 * keys of two statements would satisfy neither.
 */
const tableStatements = ({ table }: LedgerAccess, tableArn: string): readonly PolicyStatement[] => {
  const groups = new Map<string, { readonly keys: readonly KeyPattern[]; readonly actions: TableAction[] }>();
  for (const action of TABLE_ACTIONS) {
    const keys = table[action];
    if (keys === undefined) continue;
    const id = JSON.stringify([...keys].sort());
    const group = groups.get(id);
    if (group === undefined) groups.set(id, { keys, actions: [action] });
    else group.actions.push(action);
  }
  return [...groups.values()].map(({ keys, actions }) =>
    allow(
      actions.map((action) => `dynamodb:${action}`),
      tableArn,
      leadingKeys(keys),
    ),
  );
};

/** An index has an ARN of its own; the leading key of a query on it is the index's partition key. */
const indexStatements = ({ indexes }: LedgerAccess, tableArn: string): readonly PolicyStatement[] =>
  indexes.map(({ index, keys }) =>
    allow(['dynamodb:Query'], `${tableArn}/index/${index}`, leadingKeys(keys)),
  );
