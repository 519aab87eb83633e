import * as z from 'zod';
import { zAccountId, zSymbols, zUserId } from '../../account/account.ts';
import { CHECKED_BY } from '../../account/key-watch.ts';
import { zLimitChanges } from '../../account/limits.ts';
import { ACCOUNT_SWITCHES, type Asked, type AuditEntry, type Change } from '../../protection/control.ts';
import { zProtectionChanges } from '../../protection/protection-settings.ts';
import { zRunawayLimitChanges } from '../../protection/runaway.ts';
import { iso } from '../../time/clock.ts';
import { type Entity, fromItem, toItem } from './entity.ts';
import { HALT_KEY } from './keys.ts';
import { zRunawayTrip } from './runaway.ts';
import type { Table } from './table-access.ts';
import { ABSENT, type Write } from './writes.ts';

/** Apart from the accounts' own items: who may add to the trail can write nothing else of an account. */
const PARTITION = HALT_KEY.pk;
const prefixOf = (subject: AuditEntry['subject']): string => `AUDIT#${subject}#`;
/** What a check sets of an account lies with the account: whoever checks may not write where switches are. */
const OWN_PREFIX = 'AUDIT#';

const common = {
  id: z.string().min(1),
  subject: z.union([z.literal('halt'), zAccountId]),
  by: z.string(),
  why: z.string(),
  at: z.number(),
};
const zSymbolLists = z.object({ denied: zSymbols, allowed: zSymbols.nullable() });

const auditEntity: Entity<AuditEntry> = {
  kind: 'AUDIT',
  schema: z.union([
    z.object({
      ...common,
      switch: z.enum(['halt', ...ACCOUNT_SWITCHES]),
      before: z.enum(['on', 'off', 'unreadable']),
      after: z.enum(['on', 'off']),
    }),
    z.object({ ...common, setting: z.literal('limits'), before: zLimitChanges, after: zLimitChanges }),
    z.object({
      ...common,
      setting: z.literal('protection'),
      before: zProtectionChanges,
      after: zProtectionChanges,
    }),
    z.object({ ...common, setting: z.literal('symbols'), before: zSymbolLists, after: zSymbolLists }),
    z.object({
      ...common,
      setting: z.literal('runaway-limits'),
      before: z.union([zRunawayLimitChanges, z.literal('unreadable')]),
      after: zRunawayLimitChanges,
    }),
    z.object({
      ...common,
      setting: z.literal('runaway'),
      before: z.union([zRunawayTrip, z.literal('unreadable')]),
      after: z.literal('cleared'),
    }),
  ]),
  key: ({ subject, at, id }) => ({ pk: PARTITION, sk: `${prefixOf(subject)}${iso(at)}#${id}` }),
};

/** Nobody but a check: who can write an account's items must not be able to pass for an operator. */
const checkAuditEntity: Entity<AuditEntry> = {
  kind: 'AUDIT',
  schema: z.object({
    ...common,
    subject: zUserId,
    by: z.literal(CHECKED_BY),
    switch: z.literal('exitOnly'),
    before: z.literal('off'),
    after: z.literal('on'),
  }),
  key: ({ subject, at, id }) => ({ pk: subject, sk: `${OWN_PREFIX}${iso(at)}#${id}` }),
};

export const onOrOff = (on: boolean): 'on' | 'off' => (on ? 'on' : 'off');

export const entryOf = (
  { chance }: Table,
  entry: Asked & Change & Pick<AuditEntry, 'subject'>,
): AuditEntry => ({ ...entry, id: chance.id() });

/** Entries are only ever added. */
const addition = (entity: Entity<AuditEntry>, entry: AuditEntry): Write => ({
  type: 'put',
  what: 'the audit trail',
  item: toItem(entity, entry),
  condition: ABSENT,
});
export const auditWrite = (entry: AuditEntry): Write => addition(auditEntity, entry);
/** Of what a check sets by itself. */
export const checkAuditWrite = (entry: AuditEntry): Write => addition(checkAuditEntity, entry);

export const auditTrail = async (
  table: Table,
  subject: AuditEntry['subject'],
): Promise<readonly AuditEntry[]> => {
  const entries = async (entity: Entity<AuditEntry>, partition: string, prefix: string) => {
    const items = await table.all({
      what: `read the audit trail of ${subject}`,
      where: {
        expression: '#pk = :partition AND begins_with(#sk, :prefix)',
        values: { partition, prefix },
      },
      consistent: true,
    });
    return items.map((item) => fromItem(entity, item));
  };
  const asked = await entries(auditEntity, PARTITION, prefixOf(subject));
  if (!zUserId.safeParse(subject).success) return asked;
  const checked = await entries(checkAuditEntity, subject, OWN_PREFIX);
  return [...asked, ...checked].sort((a, b) => a.at - b.at || a.id.localeCompare(b.id));
};
