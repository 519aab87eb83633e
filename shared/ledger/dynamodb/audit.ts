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
/** What a check or a registration sets lies with the account: who has its key may not write where switches are. */
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

const zRegistered = z.object({
  keyFingerprint: z.string(),
  settings: z.record(z.string(), z.unknown()),
});

/**
 * What a check sets, and what a registration has changed: who can write an account's items must not be able to pass
 * for an operator who has set a switch.
 */
const ownAuditEntity: Entity<AuditEntry> = {
  kind: 'AUDIT',
  schema: z.union([
    z.object({
      ...common,
      subject: zUserId,
      by: z.literal(CHECKED_BY),
      switch: z.literal('exitOnly'),
      before: z.literal('off'),
      after: z.literal('on'),
    }),
    z.object({
      ...common,
      subject: zAccountId,
      setting: z.literal('registration'),
      before: zRegistered.nullable(),
      after: zRegistered,
    }),
  ]),
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
/** Of what a check sets by itself, or a registration has changed. */
export const ownAuditWrite = (entry: AuditEntry): Write => addition(ownAuditEntity, entry);

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
  if (subject === 'halt') return asked;
  const own = await entries(ownAuditEntity, subject, OWN_PREFIX);
  return [...asked, ...own].sort((a, b) => a.at - b.at || a.id.localeCompare(b.id));
};
