import * as z from 'zod';
import { zAccountId } from '../../account/account.ts';
import { ACCOUNT_SWITCHES, type AuditEntry } from '../../protection/control.ts';
import { iso } from '../../time/clock.ts';
import { type Entity, fromItem, toItem } from './entity.ts';
import { HALT_KEY } from './keys.ts';
import type { Table } from './table-access.ts';
import { ABSENT, type Write } from './writes.ts';

/** Apart from the accounts' own items: who may add to the trail can write nothing else of an account. */
const PARTITION = HALT_KEY.pk;
const prefixOf = (subject: AuditEntry['subject']): string => `AUDIT#${subject}#`;

const auditEntity: Entity<AuditEntry> = {
  kind: 'AUDIT',
  schema: z.object({
    id: z.string().min(1),
    subject: z.union([z.literal('halt'), zAccountId]),
    switch: z.enum(['halt', ...ACCOUNT_SWITCHES]),
    before: z.enum(['on', 'off', 'unreadable']),
    after: z.enum(['on', 'off']),
    by: z.string(),
    why: z.string(),
    at: z.number(),
  }),
  key: ({ subject, at, id }) => ({ pk: PARTITION, sk: `${prefixOf(subject)}${iso(at)}#${id}` }),
};

/** Entries are only ever added. */
export const auditWrite = (entry: AuditEntry): Write => ({
  type: 'put',
  what: 'the audit trail',
  item: toItem(auditEntity, entry),
  condition: ABSENT,
});

export const auditTrail = async (
  table: Table,
  subject: AuditEntry['subject'],
): Promise<readonly AuditEntry[]> => {
  const items = await table.all({
    what: `read the audit trail of ${subject}`,
    where: {
      expression: '#pk = :partition AND begins_with(#sk, :prefix)',
      values: { partition: PARTITION, prefix: prefixOf(subject) },
    },
    consistent: true,
  });
  return items.map((item) => fromItem(auditEntity, item));
};
