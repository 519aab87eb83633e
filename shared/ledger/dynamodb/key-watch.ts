import * as z from 'zod';
import { zAccountId } from '../../account/account.ts';
import { KEY_FINDING_CODES } from '../../account/key-findings.ts';
import { type Attestation, CHECKED_BY, type KeyState, type KeyWatchStore } from '../../account/key-watch.ts';
import { UNUSABLE_CODES } from '../../account/unusable-codes.ts';
import { accountEntity, profileKey } from './accounts.ts';
import { entryOf, ownAuditWrite } from './audit.ts';
import { type Entity, fromItem, toItem } from './entity.ts';
import { SORT } from './keys.ts';
import type { Table } from './table-access.ts';
import { nextVersion, unchangedSince, untilUnchanged, wroteNext } from './versions.ts';

export const attestationEntity: Entity<Attestation> = {
  kind: 'KEY_CHECK',
  schema: z.object({
    accountId: zAccountId,
    keyFingerprint: z.string(),
    attestedAt: z.number(),
    permissions: z.array(z.string()),
    findings: z.array(
      z.object({
        code: z.enum(KEY_FINDING_CODES),
        level: z.enum(['danger', 'broken', 'warning', 'info']),
        says: z.string(),
        todo: z.string(),
      }),
    ),
  }),
  key: ({ accountId }) => ({ pk: accountId, sk: SORT.keyCheck }),
};

const common = { accountId: zAccountId, since: z.number(), version: z.int().min(1) };

export const keyStateEntity: Entity<KeyState> = {
  kind: 'KEY_STATE',
  schema: z.discriminatedUnion('usable', [
    z.object({ ...common, usable: z.literal(true) }),
    z.object({ ...common, usable: z.literal(false), code: z.enum(UNUSABLE_CODES) }),
  ]),
  key: ({ accountId }) => ({ pk: accountId, sk: SORT.keyState }),
};

export const dynamoKeyWatch = (table: Table): KeyWatchStore => ({
  attestation: async (accountId) => {
    const key = { pk: accountId, sk: SORT.keyCheck };
    const item = await table.get(`read what the key of ${accountId} was attested`, key);
    return item === undefined ? undefined : fromItem(attestationEntity, item);
  },
  saveAttestation: async (attestation) => {
    const what = `what the key of ${attestation.accountId} was attested`;
    await table.write({ type: 'put', what, item: toItem(attestationEntity, attestation) });
  },
  keyState: async (accountId) => {
    const key = { pk: accountId, sk: SORT.keyState };
    const item = await table.get(`read whether the key of ${accountId} works`, key);
    return item === undefined ? undefined : fromItem(keyStateEntity, item);
  },
  saveKeyState: async (state) =>
    await wroteNext(async () => {
      await table.write({
        type: 'put',
        what: `whether the key of ${state.accountId} works`,
        item: toItem(keyStateEntity, state),
        condition: nextVersion(state.version),
      });
    }),
  setExitOnly: async ({ accountId, why, at }) =>
    await untilUnchanged(`the profile of ${accountId}`, async () => {
      const key = profileKey(accountId);
      const item = await table.get(`read the profile of ${accountId}`, key);
      if (item === undefined || fromItem(accountEntity, item).exitOnly) return false;
      const what = `the switch exitOnly of ${accountId}`;
      const condition = unchangedSince(item['written']);
      const asked = { by: CHECKED_BY, why, at, subject: accountId };
      const entry = entryOf(table, { ...asked, switch: 'exitOnly', before: 'off', after: 'on' });
      await table.transact(`set ${accountId} exit-only`, [
        { type: 'update', what, key, set: { exitOnly: true }, condition },
        ownAuditWrite(entry),
      ]);
      return true;
    }),
});
