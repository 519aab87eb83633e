import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { seededIds } from '../../../../infra/local/local-host.ts';
import { memorySecrets } from '../../../../simulation/aws/secrets/memory-secrets.ts';
import { forbidTimersAndSockets } from '../../forbidden-time.ts';
import { SteppedClock } from '../../stepped-clock.ts';

const SecretId = 'nija/local/user/u-ann';

const opened = () => {
  const clock = new SteppedClock(1_000_000);
  return { clock, client: memorySecrets({ clock, chance: seededIds(1, 'secrets') }).client('exit') };
};

test('the same calls give the same versions and dates again, without a timer or a socket', async () => {
  forbidTimersAndSockets();
  const history = async () => {
    const { client, clock } = opened();
    const created = await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'v1' }));
    clock.advance(5);
    const put = await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'v2' }));
    return [created, put, await client.send(new GetSecretValueCommand({ SecretId }))];
  };

  const [first, second] = [await history(), await history()];

  expect(second).toEqual(first);
});

test('a secret is there when send returns, before anybody waits for the answer', async () => {
  const { client } = opened();

  const creating = client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'v1' }));
  const reading = client.send(new GetSecretValueCommand({ SecretId }));

  expect((await reading).SecretString).toBe('v1');
  await creating;
});

test('what nothing here stands for is refused by name, and not as the service would', async () => {
  const { client } = opened();

  const rotating = client.send(new RotateSecretCommand({ SecretId }));

  await expect(rotating).rejects.toMatchObject({
    name: 'UnknownOperation',
    message: expect.stringContaining("'RotateSecret'"),
  });
});
