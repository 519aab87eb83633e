import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type Clock, DAY, SECOND } from '../../../../shared/time/clock.ts';
import type { Ids } from '../../../../shared/time/jitter.ts';
import type { AccessPolicy } from '../access-policy.ts';
import { LOCAL_AWS_ACCOUNT, LOCAL_REGION } from '../environment.ts';
import { AwsError, type Caller, type Operation, operation } from '../json-service.ts';
import type { SecretFile, StoredSecret } from './secret-file.ts';

const INVALID = 'InvalidParameterException';
const ARN = `arn:aws:secretsmanager:${LOCAL_REGION}:${LOCAL_AWS_ACCOUNT}:secret:`;

/** The six characters that AWS adds at random are derived from the name: one seed replays one run. */
const arnOf = (name: string): string =>
  `${ARN}${name}-${createHash('sha256').update(name).digest('hex').slice(0, 6)}`;

const zName = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[\w/+=.@-]+$/, 'has characters that a secret name cannot have');
const zId = z.object({ SecretId: z.string().min(1) });
const zValue = z.object({
  SecretString: z.string().min(1).max(65_536),
  ClientRequestToken: z.string().optional(),
});

const notFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");

const denied = (caller: string, action: string, name: string): AwsError =>
  new AwsError(
    'AccessDeniedException',
    `User: arn:aws:sts::${LOCAL_AWS_ACCOUNT}:assumed-role/${caller}/${caller} is not authorized to perform: ${action} on resource: ${name} because no identity-based policy allows the ${action} action`,
  );

/**
 * The operations of Secrets Manager. Access is judged before existence, as AWS does. Changes are in `secrets`
 * when an operation returns; whoever answers for their safety waits until they are saved.
 *
 * @param chance of version ids
 */
export const secretOperations = (
  secrets: SecretFile,
  policy: AccessPolicy,
  { clock, chance }: { readonly clock: Pick<Clock, 'now'>; readonly chance: Ids },
): Readonly<Record<string, Operation>> => {
  const now = () => clock.now();
  const authorize = (caller: Caller, operationName: string, name: string) => {
    const action = `secretsmanager:${operationName}`;
    if (!policy(caller.accessKeyId, action, name)) throw denied(caller.accessKeyId, action, name);
  };
  const lookUp = (caller: Caller, operationName: string, id: string): StoredSecret => {
    const name = id.startsWith(ARN) ? id.slice(ARN.length).replace(/-[0-9a-f]{6}$/, '') : id;
    authorize(caller, operationName, name);
    const found = secrets.get(name);
    if (!found || (found.purgeAt !== undefined && found.purgeAt <= now())) throw notFound();
    return found;
  };
  const usable = (secret: StoredSecret, what: string): StoredSecret => {
    if (secret.deletedAt === undefined) return secret;
    throw new AwsError(
      'InvalidRequestException',
      `You can't perform this operation on the secret because it was marked for deletion${what}.`,
    );
  };
  const newVersion = (input: z.output<typeof zValue>) => ({
    id: input.ClientRequestToken ?? chance.id(),
    value: input.SecretString,
    createdAt: now(),
  });
  const replaceValue = (secret: StoredSecret, input: z.output<typeof zValue>) => {
    const current = newVersion(input);
    const repeated = secret.current.id === current.id;
    if (repeated && secret.current.value !== current.value) {
      throw new AwsError(
        'ResourceExistsException',
        `You can't use ClientRequestToken ${current.id} because that value is already in use for a version of secret ${arnOf(secret.name)}.`,
      );
    }
    if (!repeated) secrets.put({ ...secret, current, previous: secret.current, changedAt: now() });
    return { ...identity(secret), VersionId: current.id };
  };

  return {
    CreateSecret: operation(
      zValue.extend({ Name: zName, Description: z.string().optional() }),
      INVALID,
      (input, caller) => {
        authorize(caller, 'CreateSecret', input.Name);
        const existing = secrets.get(input.Name);
        if (existing?.purgeAt !== undefined && existing.purgeAt > now()) {
          throw new AwsError(
            'InvalidRequestException',
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
          );
        }
        if (existing && existing.deletedAt === undefined) {
          throw new AwsError(
            'ResourceExistsException',
            `The operation failed because the secret ${input.Name} already exists.`,
          );
        }
        const secret: StoredSecret = {
          name: input.Name,
          ...(input.Description !== undefined && { description: input.Description }),
          createdAt: now(),
          changedAt: now(),
          current: newVersion(input),
        };
        secrets.put(secret);
        return { ...identity(secret), VersionId: secret.current.id };
      },
    ),
    GetSecretValue: operation(
      zId.extend({ VersionStage: z.string().default('AWSCURRENT'), VersionId: z.string().optional() }),
      INVALID,
      (input, caller) => {
        const secret = usable(lookUp(caller, 'GetSecretValue', input.SecretId), '');
        const versions = [secret.current, ...(secret.previous ? [secret.previous] : [])];
        const staged = input.VersionStage === 'AWSPREVIOUS' ? secret.previous : secret.current;
        const version = input.VersionId ? versions.find(({ id }) => id === input.VersionId) : staged;
        if (!version || !['AWSCURRENT', 'AWSPREVIOUS'].includes(input.VersionStage)) {
          throw new AwsError(
            'ResourceNotFoundException',
            `Secrets Manager can't find the specified secret value for staging label: ${input.VersionStage}`,
          );
        }
        return {
          ...identity(secret),
          VersionId: version.id,
          SecretString: version.value,
          VersionStages: [version === secret.current ? 'AWSCURRENT' : 'AWSPREVIOUS'],
          CreatedDate: version.createdAt / SECOND,
        };
      },
    ),
    PutSecretValue: operation(zId.extend(zValue.shape), INVALID, (input, caller) => ({
      ...replaceValue(usable(lookUp(caller, 'PutSecretValue', input.SecretId), ''), input),
      VersionStages: ['AWSCURRENT'],
    })),
    UpdateSecret: operation(
      zId.extend(zValue.partial().shape).extend({ Description: z.string().optional() }),
      INVALID,
      (input, caller) => {
        const found = usable(lookUp(caller, 'UpdateSecret', input.SecretId), '');
        const secret = input.Description === undefined ? found : { ...found, description: input.Description };
        if (secret !== found) secrets.put({ ...secret, changedAt: now() });
        if (input.SecretString === undefined) return identity(secret);
        return replaceValue(secret, { ...input, SecretString: input.SecretString });
      },
    ),
    /** Of one label alone: who has a secret's current version back has the one before it. */
    UpdateSecretVersionStage: operation(
      zId.extend({
        VersionStage: z.literal('AWSCURRENT'),
        MoveToVersionId: z.string().min(1),
        RemoveFromVersionId: z.string().min(1),
      }),
      INVALID,
      (input, caller) => {
        const secret = usable(lookUp(caller, 'UpdateSecretVersionStage', input.SecretId), '');
        const { current, previous } = secret;
        if (input.RemoveFromVersionId !== current.id)
          throw new AwsError(
            INVALID,
            `The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version ${current.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
          );
        if (input.MoveToVersionId === current.id) return identity(secret);
        if (previous?.id !== input.MoveToVersionId) throw notFound();
        secrets.put({ ...secret, current: previous, previous: current, changedAt: now() });
        return identity(secret);
      },
    ),
    DeleteSecret: operation(
      zId.extend({
        ForceDeleteWithoutRecovery: z.boolean().default(false),
        RecoveryWindowInDays: z.int().min(7).max(30).optional(),
      }),
      INVALID,
      (input, caller) => {
        if (input.ForceDeleteWithoutRecovery && input.RecoveryWindowInDays !== undefined) {
          throw new AwsError(
            INVALID,
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
          );
        }
        const found = usable(lookUp(caller, 'DeleteSecret', input.SecretId), '');
        const at = now();
        const purgeAt = input.ForceDeleteWithoutRecovery ? at : at + (input.RecoveryWindowInDays ?? 30) * DAY;
        if (input.ForceDeleteWithoutRecovery) secrets.remove(found.name);
        else secrets.put({ ...found, deletedAt: at, purgeAt });
        return { ...identity(found), DeletionDate: purgeAt / SECOND };
      },
    ),
    RestoreSecret: operation(zId, INVALID, (input, caller) => {
      const {
        deletedAt: _deleted,
        purgeAt: _purge,
        ...restored
      } = lookUp(caller, 'RestoreSecret', input.SecretId);
      secrets.put(restored);
      return identity(restored);
    }),
    DescribeSecret: operation(zId, INVALID, (input, caller) =>
      described(lookUp(caller, 'DescribeSecret', input.SecretId)),
    ),
    ListSecrets: operation(
      z.object({
        IncludePlannedDeletion: z.boolean().default(false),
        MaxResults: z.int().min(1).max(100).default(100),
        NextToken: z.string().optional(),
      }),
      INVALID,
      (input, caller) => {
        authorize(caller, 'ListSecrets', '*');
        const listed = secrets
          .all()
          .filter(({ deletedAt }) => deletedAt === undefined || input.IncludePlannedDeletion);
        const from = Number(input.NextToken ?? 0);
        const to = from + input.MaxResults;
        return {
          SecretList: listed.slice(from, to).map(described),
          ...(to < listed.length && { NextToken: String(to) }),
        };
      },
    ),
  };
};

const identity = (secret: StoredSecret) => ({ ARN: arnOf(secret.name), Name: secret.name });

const described = (secret: StoredSecret) => ({
  ...identity(secret),
  ...(secret.description !== undefined && { Description: secret.description }),
  CreatedDate: secret.createdAt / SECOND,
  LastChangedDate: secret.changedAt / SECOND,
  ...(secret.deletedAt !== undefined && { DeletedDate: secret.deletedAt / SECOND }),
  VersionIdsToStages: {
    [secret.current.id]: ['AWSCURRENT'],
    ...(secret.previous && { [secret.previous.id]: ['AWSPREVIOUS'] }),
  },
});
