import { inspect } from 'node:util';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localAwsEnv } from '../../infra/local/aws/environment.ts';
import { type LocalSecretsManager, startSecretsManager } from '../../infra/local/aws/secrets-manager.ts';
import type { Account } from '../../shared/account/account.ts';
import { fingerprintOf, Secret } from '../../shared/account/credentials.ts';
import { awsClientConfig } from '../../shared/aws/client-config.ts';
import { LedgerError } from '../../shared/ledger/ledger.ts';
import { secretsManagerVault } from '../../shared/vault/secrets-manager/vault.ts';
import { secretName, VaultError } from '../../shared/vault/vault.ts';
import { steppingClock } from '../ledger/embedded-table.ts';
import { anAccount, refusalOf, START } from '../ledger/examples.ts';

const API_KEY = 'CANARYapiKEY00112233445566778899';
const API_SECRET = Buffer.from('CANARY secret of the exchange, 48 bytes of it...').toString('base64');
const CANARIES = [API_KEY, API_SECRET, 'CANARY'];

let service: LocalSecretsManager;
let env: Readonly<Record<string, string>>;
let client: SecretsManagerClient;
const denied = new Set<string>();
beforeAll(async () => {
  service = await startSecretsManager({ policy: (_caller, _action, name) => !denied.has(name) });
  env = localAwsEnv({ secretsManager: service.endpoint });
  client = new SecretsManagerClient(awsClientConfig(env, 'SECRETS_MANAGER'));
});
afterAll(() => service.stop());

const credentials = { exchange: 'kraken', apiKey: API_KEY, apiSecret: API_SECRET };
const fingerprint = fingerprintOf(new Secret(API_KEY));

let users = 0;
const newAccount = (): Account => {
  users += 1;
  return anAccount({ accountId: `u-vault-${users}`, keyFingerprint: fingerprint });
};
const nameOf = ({ accountId }: Account) => secretName('test', 'user', accountId);
const store = (account: Account, text: string) =>
  client.send(new CreateSecretCommand({ Name: nameOf(account), SecretString: text }));
const storeValid = (account: Account) =>
  store(account, JSON.stringify({ ...credentials, accountId: account.accountId }));
const vaultFor = (owner: string | undefined, clock = steppingClock(START)) =>
  secretsManagerVault({
    env,
    stage: 'test',
    accounts: { ownerOf: async () => owner },
    clock,
    cacheMs: 60_000,
  });

describe('the vault', () => {
  it('gives an account its own credentials, which show themselves to nobody', async () => {
    const account = newAccount();
    await storeValid(account);

    const secret = await vaultFor(account.accountId).credentialsOf(account);

    expect(secret.credentials.apiKey.reveal()).toBe(API_KEY);
    expect(secret.credentials.apiSecret.reveal()).toBe(API_SECRET);
    expect(secret.fingerprint).toBe(fingerprint);
    expect(`${inspect(secret, { depth: 9 })}${JSON.stringify(secret)}`).not.toContain('CANARY');
  });

  it('refuses a secret that names another account', async () => {
    const account = newAccount();
    await store(account, JSON.stringify({ ...credentials, accountId: 'u-bob' }));

    const refused = await refusalOf(vaultFor(account.accountId).read(account.accountId, 'kraken'));

    expect(refused).toMatchObject({ code: 'SECRET_OF_ANOTHER_ACCOUNT', accountId: account.accountId });
    expect(refused.message).toContain("given 'u-bob'");
  });

  it('refuses a key that is not the registered one', async () => {
    const account = { ...newAccount(), keyFingerprint: 'ffffffffffffffff' };
    await storeValid(account);

    await expect(vaultFor(account.accountId).credentialsOf(account)).rejects.toMatchObject({
      code: 'KEY_CHANGED',
    });
  });

  it.each(['u-bob', undefined])('refuses a key that belongs to %s', async (owner) => {
    const account = newAccount();
    await storeValid(account);

    await expect(vaultFor(owner).credentialsOf(account)).rejects.toMatchObject({
      code: 'KEY_OF_ANOTHER_ACCOUNT',
    });
  });

  it('says that a secret is missing when it was never stored, and when it is deleted', async () => {
    const never = newAccount();
    const deleted = newAccount();
    const purged = newAccount();
    await storeValid(deleted);
    await storeValid(purged);
    await client.send(new DeleteSecretCommand({ SecretId: nameOf(deleted) }));
    await client.send(
      new DeleteSecretCommand({ SecretId: nameOf(purged), ForceDeleteWithoutRecovery: true }),
    );

    for (const account of [never, deleted, purged]) {
      const refused = await refusalOf(vaultFor(account.accountId).credentialsOf(account));
      expect(refused).toMatchObject({ code: 'SECRET_MISSING' });
      expect(refused.message).toContain(nameOf(account));
    }
  });

  it('says that access is denied', async () => {
    const account = newAccount();
    await storeValid(account);
    denied.add(nameOf(account));

    await expect(vaultFor(account.accountId).credentialsOf(account)).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    });
  });

  it('says that the vault is unavailable when nobody answers, and when the owner of the key cannot be read', async () => {
    const account = newAccount();
    await storeValid(account);
    const nobody = secretsManagerVault({
      env: localAwsEnv({ secretsManager: 'http://127.0.0.1:1' }),
      stage: 'test',
      accounts: { ownerOf: async () => account.accountId },
      clock: steppingClock(START),
    });
    const blind = secretsManagerVault({
      env,
      stage: 'test',
      accounts: {
        ownerOf: async () => {
          throw new LedgerError('the table does not answer');
        },
      },
      clock: steppingClock(START),
    });

    for (const vault of [nobody, blind]) {
      await expect(vault.credentialsOf(account)).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
    }
  });

  it.each([
    ['is not JSON', `{"apiKey": "${API_KEY}", "apiSecret": ${API_SECRET}`],
    ['is the bare key', API_KEY],
    ['is a JSON text', JSON.stringify(API_SECRET)],
    ['is null', 'null'],
    ['is a list', JSON.stringify([API_KEY, API_SECRET])],
    ['has a key for a field name', JSON.stringify({ [API_KEY]: API_SECRET })],
    ['has one field too many', JSON.stringify({ ...credentials, accountId: 'u-ann', [API_SECRET]: 1 })],
    ['lacks the API secret', JSON.stringify({ accountId: 'u-ann', exchange: 'kraken', apiKey: API_KEY })],
    ['has no base64', JSON.stringify({ ...credentials, accountId: 'u-ann', apiSecret: 'CANARY!' })],
    ['has a blank in the key', JSON.stringify({ ...credentials, accountId: 'u-ann', apiKey: 'CANARY 1' })],
    ['has the key for an account id', JSON.stringify({ ...credentials, accountId: API_KEY })],
    ['has the key for an exchange', JSON.stringify({ ...credentials, accountId: 'u-x', exchange: API_KEY })],
  ])('shows no part of a secret that %s', async (_, text) => {
    const account = newAccount();
    await store(account, text.replaceAll(/u-(ann|x)/g, account.accountId));

    const refused = await refusalOf(vaultFor(account.accountId).read(account.accountId, 'kraken'));

    expect(refused).toBeInstanceOf(VaultError);
    expect(['SECRET_MALFORMED', 'SECRET_OF_ANOTHER_ACCOUNT']).toContain(
      refused instanceof VaultError ? refused.code : '',
    );
    const shown = `${inspect(refused, { depth: 9, showHidden: true })}${JSON.stringify(refused)}`;
    for (const canary of CANARIES) expect(shown).not.toContain(canary);
  });

  it('keeps what it found for a while, and no failure', async () => {
    const account = newAccount();
    const clock = steppingClock(START);
    const vault = vaultFor(account.accountId, clock);
    await expect(vault.credentialsOf(account)).rejects.toMatchObject({ code: 'SECRET_MISSING' });
    await storeValid(account);
    await vault.credentialsOf(account);
    await client.send(
      new DeleteSecretCommand({ SecretId: nameOf(account), ForceDeleteWithoutRecovery: true }),
    );

    clock.set(START + 59_999);
    const kept = await vault.credentialsOf(account);
    clock.set(START + 60_000);
    const afterwards = await refusalOf(vault.credentialsOf(account));

    expect(kept.fingerprint).toBe(fingerprint);
    expect(afterwards).toMatchObject({ code: 'SECRET_MISSING' });
  });

  it('reads anew for an account that is registered with another key meanwhile', async () => {
    const account = newAccount();
    await storeValid(account);
    const vault = vaultFor(account.accountId);
    await vault.credentialsOf(account);
    const apiKey = 'another-key';
    const text = JSON.stringify({ ...credentials, apiKey, accountId: account.accountId });
    await client.send(new PutSecretValueCommand({ SecretId: nameOf(account), SecretString: text }));

    const fresh = await vault.credentialsOf({
      ...account,
      keyFingerprint: fingerprintOf(new Secret(apiKey)),
    });

    expect(fresh.credentials.apiKey.reveal()).toBe(apiKey);
  });

  it('never answers one account with what it keeps for another', async () => {
    const [ann, bob] = [newAccount(), newAccount()];
    await storeValid(ann);
    const vault = vaultFor(ann.accountId);
    await vault.credentialsOf(ann);

    await expect(vault.credentialsOf(bob)).rejects.toMatchObject({
      code: 'SECRET_MISSING',
      accountId: bob.accountId,
    });
  });
});
