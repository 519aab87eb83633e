import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  SecretsManagerServiceException,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AccessPolicy, allowAll, grants } from '../../../../infra/local/aws/access-policy.ts';
import { startSecretsManager } from '../../../../infra/local/aws/secrets-manager.ts';
import { VirtualClock } from '../../../../infra/local/clock/virtual-clock.ts';
import { seededIds } from '../../../../infra/local/local-host.ts';
import {
  type MemorySecretsClient,
  memorySecrets,
} from '../../../../simulation/aws/secrets/memory-secrets.ts';
import { connection } from '../../../local/aws/connection.ts';
import { SteppedClock } from '../../stepped-clock.ts';

const NAME = 'nija/local/user/u-ann';
const START = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;

/** Secrets Manager as clients see it, whatever stands behind it. */
interface World {
  client(caller?: string): MemorySecretsClient;
  advanceTo(moment: number): void;
  stop(): Promise<void>;
}

const worlds: readonly (readonly [string, (policy: AccessPolicy) => Promise<World>])[] = [
  [
    'the local Secrets Manager over HTTP',
    async (policy) => {
      const clock = new VirtualClock(START);
      const service = await startSecretsManager({ clock, policy });
      const clients: SecretsManagerClient[] = [];
      return {
        client: (caller) => {
          const client = new SecretsManagerClient(connection(service.endpoint, caller));
          clients.push(client);
          return client;
        },
        advanceTo: (moment) => clock.advanceTo(moment),
        stop: async () => {
          for (const client of clients) client.destroy();
          await service.stop();
        },
      };
    },
  ],
  [
    'the secrets in this process',
    async (policy) => {
      const clock = new SteppedClock(START);
      const secrets = memorySecrets({ clock, chance: seededIds(1, 'secrets'), policy });
      return {
        client: (caller = 'test') => secrets.client(caller),
        advanceTo: (moment) => clock.advance(moment - clock.now()),
        stop: async () => {},
      };
    },
  ],
];

const create = (client: MemorySecretsClient, name = NAME, value = 'v1') =>
  client.send(new CreateSecretCommand({ Name: name, SecretString: value }));
const read = async (client: MemorySecretsClient, id = NAME) =>
  (await client.send(new GetSecretValueCommand({ SecretId: id }))).SecretString;

describe.each(worlds)('%s', (_name, open) => {
  let world: World;
  let client: MemorySecretsClient;
  beforeEach(async () => {
    world = await open(allowAll);
    client = world.client();
  });
  afterEach(() => world.stop());

  it('gives a secret back by its name and by its ARN', async () => {
    const { ARN } = await create(client);

    expect([await read(client), await read(client, ARN)]).toEqual(['v1', 'v1']);
  });

  it('serves the newest value, and the one before on request', async () => {
    await create(client);
    await client.send(new PutSecretValueCommand({ SecretId: NAME, SecretString: 'v2' }));
    await client.send(new UpdateSecretCommand({ SecretId: NAME, SecretString: 'v3', Description: 'third' }));

    const previous = await client.send(
      new GetSecretValueCommand({ SecretId: NAME, VersionStage: 'AWSPREVIOUS' }),
    );
    const described = await client.send(new DescribeSecretCommand({ SecretId: NAME }));

    expect([await read(client), previous.SecretString]).toEqual(['v3', 'v2']);
    expect(described.Description).toBe('third');
  });

  it('takes the label of the current value back to the one before, from the version that has it alone', async () => {
    await create(client);
    const { VersionId: second } = await client.send(
      new PutSecretValueCommand({ SecretId: NAME, SecretString: 'v2' }),
    );
    const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId: NAME }));
    const first = Object.keys(VersionIdsToStages).find((id) => id !== second);
    const move = { SecretId: NAME, VersionStage: 'AWSCURRENT', MoveToVersionId: first };

    const wrong = client.send(new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: first }));
    await expect(wrong).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await client.send(new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: second }));

    const previous = await client.send(
      new GetSecretValueCommand({ SecretId: NAME, VersionStage: 'AWSPREVIOUS' }),
    );
    expect([await read(client), previous.SecretString]).toEqual(['v1', 'v2']);
  });

  it('says that it cannot find a secret, or that there is one already, in the words of AWS', async () => {
    await create(client);

    const missing = read(client, 'nija/local/user/u-nobody');
    await expect(missing).rejects.toBeInstanceOf(SecretsManagerServiceException);
    await expect(missing).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
    await expect(create(client)).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });

  it('keeps a deleted secret unreadable but restorable until its window is over', async () => {
    await create(client);
    await client.send(new DeleteSecretCommand({ SecretId: NAME, RecoveryWindowInDays: 7 }));
    const whileDeleted = await read(client).catch((error: unknown) => error);
    const listed = await client.send(new ListSecretsCommand({}));

    await client.send(new RestoreSecretCommand({ SecretId: NAME }));
    const restored = await read(client);
    await client.send(new DeleteSecretCommand({ SecretId: NAME, RecoveryWindowInDays: 7 }));
    world.advanceTo(START + 8 * DAY);
    const purged = await read(client).catch((error: unknown) => error);
    await create(client, NAME, 'anew');

    expect(whileDeleted).toMatchObject({
      name: 'InvalidRequestException',
      message: expect.stringContaining('marked for deletion'),
    });
    expect(listed.SecretList).toEqual([]);
    expect(restored).toBe('v1');
    expect(purged).toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await read(client)).toBe('anew');
  });

  it('forgets a secret at once when it is deleted without recovery', async () => {
    await create(client);

    await client.send(new DeleteSecretCommand({ SecretId: NAME, ForceDeleteWithoutRecovery: true }));

    await expect(read(client)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('lists secrets page by page', async () => {
    for (const id of ['a', 'b', 'c']) await create(client, `nija/${id}`);

    const first = await client.send(new ListSecretsCommand({ MaxResults: 2 }));
    const second = await client.send(new ListSecretsCommand({ MaxResults: 2, NextToken: first.NextToken }));

    const names = [...(first.SecretList ?? []), ...(second.SecretList ?? [])].map(({ Name }) => Name);
    expect(names).toEqual(['nija/a', 'nija/b', 'nija/c']);
    expect(second.NextToken).toBeUndefined();
  });

  it('dates what it did by its own clock', async () => {
    await create(client);
    world.advanceTo(START + DAY);
    await client.send(new PutSecretValueCommand({ SecretId: NAME, SecretString: 'v2' }));

    const described = await client.send(new DescribeSecretCommand({ SecretId: NAME }));
    const [listed] = (await client.send(new ListSecretsCommand({}))).SecretList ?? [];

    expect(described.CreatedDate).toBeInstanceOf(Date);
    expect(described.CreatedDate?.toISOString().slice(0, 10)).toBe('2026-01-01');
    expect(described.LastChangedDate?.toISOString().slice(0, 10)).toBe('2026-01-02');
    expect(listed?.LastChangedDate).toEqual(described.LastChangedDate);
  });
});

describe.each(worlds)('access to %s', (_name, open) => {
  it('is denied where nothing grants it, whether or not there is such a secret', async () => {
    const world = await open(
      grants({
        admin: [{ actions: ['*'], prefix: '' }],
        exit: [{ actions: ['secretsmanager:GetSecretValue'], prefix: 'nija/local/user/' }],
      }),
    );
    const as = (caller: string) => world.client(caller);
    await create(as('admin'), 'nija/local/master/m-apex');
    await create(as('admin'));

    const own = await read(as('exit'));
    const masters = await read(as('exit'), 'nija/local/master/m-apex').catch((error: unknown) => error);
    const missing = await read(as('exit'), 'nija/local/master/m-none').catch((error: unknown) => error);
    const write = await create(as('exit'), `${NAME}-2`).catch((error: unknown) => error);
    const stranger = await read(as('stranger')).catch((error: unknown) => error);
    await world.stop();

    expect(own).toBe('v1');
    expect(masters).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('secretsmanager:GetSecretValue on resource: nija/local/master/m-apex'),
    });
    for (const denied of [missing, write, stranger])
      expect(denied).toMatchObject({ name: 'AccessDeniedException' });
  });
});
