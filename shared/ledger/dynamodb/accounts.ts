import * as z from 'zod';
import { type Account, type AccountId, zAccount, zAccountId } from '../../account/account.ts';
import { changeOf } from '../../account/registration.ts';
import {
  type AccountStore,
  ProfileChanged,
  type ReadProfile,
  RegistrationRefused,
} from '../../account/stores.ts';
import type { Asked } from '../../protection/control.ts';
import { entryOf, ownAuditWrite } from './audit.ts';
import { type Entity, fromItem, type Key, toItem } from './entity.ts';
import {
  followerSort,
  followersBy,
  followersKey,
  keyOwnerKey,
  roleKey,
  roleKeyOf,
  SHARDS,
  SORT,
} from './keys.ts';
import { ConditionFailed, type Query, type Table } from './table-access.ts';
import { unchangedSince } from './versions.ts';
import { ABSENT, type Write } from './writes.ts';

export const profileKey = (accountId: AccountId): Key => ({ pk: accountId, sk: SORT.profile });

export const accountEntity: Entity<Account> = {
  kind: 'ACCOUNT',
  schema: zAccount,
  key: (account) => profileKey(account.accountId),
  indexes: (account) => ({
    ...(account.follows === undefined
      ? {}
      : {
          gsi1pk: followersKey(account.follows),
          gsi1sk: followerSort(account.followsSince ?? account.registeredAt, account.accountId),
        }),
    gsi2pk: roleKeyOf(account.accountId),
    gsi2sk: account.accountId,
  }),
};

const keyOwnerEntity: Entity<{ readonly fingerprint: string; readonly accountId: AccountId }> = {
  kind: 'KEY',
  schema: z.object({ fingerprint: z.string(), accountId: zAccountId }),
  key: ({ fingerprint }) => keyOwnerKey(fingerprint),
};

export const dynamoAccounts = (table: Table): AccountStore => {
  const ownerOf = async (fingerprint: string): Promise<AccountId | undefined> => {
    const item = await table.get(`read the owner of key ${fingerprint}`, keyOwnerKey(fingerprint));
    return item === undefined ? undefined : fromItem(keyOwnerEntity, item).accountId;
  };

  const read = async (accountId: AccountId): Promise<ReadProfile | undefined> => {
    const item = await table.get(`read the profile of ${accountId}`, profileKey(accountId));
    if (item === undefined) return undefined;
    const written = item['written'];
    return {
      account: fromItem(accountEntity, item),
      revision: written === undefined ? undefined : String(written),
    };
  };

  return {
    get: async (accountId) => (await read(accountId))?.account,
    read,
    register: async (account, replaces, asked) => {
      const { accountId, keyFingerprint: fingerprint } = account;
      const before = replaces?.account.keyFingerprint;
      const rotated = before !== undefined && before !== fingerprint;
      try {
        await table.transact(`register ${accountId}`, [
          {
            type: 'put',
            what: `the owner of key ${fingerprint}`,
            item: toItem(keyOwnerEntity, { fingerprint, accountId }),
            condition: {
              expression: 'attribute_not_exists(#pk) OR #accountId = :accountId',
              values: { accountId },
            },
          },
          {
            type: 'put',
            what: `the profile of ${accountId}`,
            item: toItem(accountEntity, account),
            condition: replaces === undefined ? ABSENT : unchangedSince(replaces.revision),
          },
          ...(rotated ? [keyRelease(accountId, before)] : []),
          ...(asked === undefined ? [] : [registrationWrite(table, replaces?.account, account, asked)]),
        ]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        const keyTaken = error.failures.find(({ index }) => index === 0);
        if (keyTaken !== undefined) {
          throw new RegistrationRefused(
            'KEY_IN_USE',
            `${accountId} cannot be registered: its API key already belongs to ${String(keyTaken.old?.['accountId'] ?? 'another account')}. Make a key of its own at the exchange for each account (given key fingerprint '${fingerprint}')`,
          );
        }
        if (!error.failures.some(({ index }) => index === 1)) throw error;
        throw new ProfileChanged(
          `the profile of ${accountId} is not what was read any more, and was left as it is: read it and register again`,
          { cause: error },
        );
      }
    },
    ownerOf,
    followersOf: (masterId, by) =>
      accountIds(table, {
        what: `list the followers of ${masterId}`,
        index: 'gsi1',
        where:
          by === undefined
            ? { expression: '#gsi1pk = :master', values: { master: followersKey(masterId) } }
            : {
                expression: '#gsi1pk = :master AND #gsi1sk < :later',
                values: { master: followersKey(masterId), later: followersBy(by) },
              },
        consistent: false,
      }),
    list: async function* (role) {
      for (let shard = 0; shard < SHARDS; shard += 1) {
        yield* accountIds(table, {
          what: `list the accounts of role ${role}`,
          index: 'gsi2',
          where: { expression: '#gsi2pk = :role', values: { role: roleKey(role, shard) } },
          consistent: false,
        });
      }
    },
  };
};

/** What was changed, by whom and why. */
const registrationWrite = (
  table: Table,
  before: Account | undefined,
  after: Account,
  asked: Asked,
): Write => {
  const change = { setting: 'registration', ...changeOf(before, after) } as const;
  return ownAuditWrite(entryOf(table, { ...asked, subject: after.accountId, ...change }));
};

/** The key that an account had before is nobody's any more. */
const keyRelease = (accountId: AccountId, fingerprint: string): Write => ({
  type: 'delete',
  what: `the owner of key ${fingerprint}`,
  key: keyOwnerKey(fingerprint),
  condition: { expression: 'attribute_not_exists(#pk) OR #accountId = :accountId', values: { accountId } },
});

const accountIds = async function* (table: Table, query: Query): AsyncGenerator<readonly AccountId[]> {
  for await (const page of table.pages(query)) yield page.map((item) => zAccountId.parse(item['pk']));
};
