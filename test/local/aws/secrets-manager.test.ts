import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grants } from '../../../infra/local/aws/access-policy.ts';
import { type LocalSecretsManager, startSecretsManager } from '../../../infra/local/aws/secrets-manager.ts';
import { VirtualClock } from '../../../infra/local/clock/virtual-clock.ts';
import { connection } from './connection.ts';

const NAME = 'nija/local/user/u-ann';
const START = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;

const create = (client: SecretsManagerClient, name = NAME, value = 'v1') =>
  client.send(new CreateSecretCommand({ Name: name, SecretString: value }));
const read = async (client: SecretsManagerClient, id = NAME) =>
  (await client.send(new GetSecretValueCommand({ SecretId: id }))).SecretString;

describe('the local Secrets Manager', () => {
  let clock: VirtualClock;
  let service: LocalSecretsManager;
  let client: SecretsManagerClient;
  beforeEach(async () => {
    clock = new VirtualClock(START);
    service = await startSecretsManager({ clock });
    client = new SecretsManagerClient(connection(service.endpoint));
  });
  afterEach(async () => {
    client.destroy();
    await service.stop();
  });

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

  it('says that it cannot find a secret, or that there is one already, in the words of AWS', async () => {
    await create(client);

    await expect(read(client, 'nija/local/user/u-nobody')).rejects.toMatchObject({
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
    clock.advanceTo(START + 8 * DAY);
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
});

describe('access to local secrets', () => {
  it('is denied where nothing grants it, whether or not there is such a secret', async () => {
    const service = await startSecretsManager({
      policy: grants({
        admin: [{ actions: ['*'], prefix: '' }],
        exit: [{ actions: ['secretsmanager:GetSecretValue'], prefix: 'nija/local/user/' }],
      }),
    });
    const as = (caller: string) => new SecretsManagerClient(connection(service.endpoint, caller));
    await create(as('admin'), 'nija/local/master/m-apex');
    await create(as('admin'));

    const own = await read(as('exit'));
    const masters = await read(as('exit'), 'nija/local/master/m-apex').catch((error: unknown) => error);
    const missing = await read(as('exit'), 'nija/local/master/m-none').catch((error: unknown) => error);
    const write = await create(as('exit'), `${NAME}-2`).catch((error: unknown) => error);
    const stranger = await read(as('stranger')).catch((error: unknown) => error);
    await service.stop();

    expect(own).toBe('v1');
    expect(masters).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('secretsmanager:GetSecretValue on resource: nija/local/master/m-apex'),
    });
    for (const denied of [missing, write, stranger])
      expect(denied).toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('the local Secrets Manager with a file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nija-test-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('finds all secrets again after a restart, in a file that only its owner can read', async () => {
    const file = join(folder, 'secrets.json');
    const first = await startSecretsManager({ file });
    const before = new SecretsManagerClient(connection(first.endpoint));
    await Promise.all(['a', 'b', 'c'].map((id) => create(before, `nija/${id}`, id)));
    await first.stop();

    const second = await startSecretsManager({ file });
    const after = new SecretsManagerClient(connection(second.endpoint));
    const values = await Promise.all(['a', 'b', 'c'].map((id) => read(after, `nija/${id}`)));
    await second.stop();

    expect(values).toEqual(['a', 'b', 'c']);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('refuses a damaged file without showing or changing any of it', async () => {
    const file = join(folder, 'secrets.json');
    await writeFile(file, '{"secrets": [{"value": "hush"');

    const error = await startSecretsManager({ file }).catch((refusal: unknown) => refusal);

    expect(String(error)).toMatch(/damaged.*Restore it from a copy/);
    expect(String(error)).not.toContain('hush');
    expect(await readFile(file, 'utf8')).toContain('hush');
  });
});
