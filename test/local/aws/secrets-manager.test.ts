import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSecretsManager } from '../../../infra/local/aws/secrets-manager.ts';
import { connection } from './connection.ts';

const create = (client: SecretsManagerClient, name: string, value: string) =>
  client.send(new CreateSecretCommand({ Name: name, SecretString: value }));
const read = async (client: SecretsManagerClient, id: string) =>
  (await client.send(new GetSecretValueCommand({ SecretId: id }))).SecretString;

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
