import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { ControlStore, Halt } from '../../protection/control.ts';
import { type Instant, iso } from '../../time/clock.ts';
import { type Entity, fromItem, type Item, toItem } from './entity.ts';
import { HALT_KEY } from './keys.ts';
import type { Table } from './table-access.ts';
import { ABSENT } from './writes.ts';

interface SwitchItem {
  readonly engaged: boolean;
  readonly by: string;
  readonly why: string;
  readonly at: Instant;
}

const zSwitch = z.object({ engaged: z.boolean(), by: z.string(), why: z.string(), at: z.number() });

const haltEntity: Entity<SwitchItem> = { kind: 'HALT', schema: zSwitch, key: () => HALT_KEY };

const auditEntity: Entity<SwitchItem & { readonly id: string }> = {
  kind: 'AUDIT',
  schema: zSwitch.extend({ id: z.string().min(1) }),
  key: ({ at, id }) => ({ pk: HALT_KEY.pk, sk: `AUDIT#${iso(at)}#${id}` }),
};

/** @throws LedgerError when the switch cannot be read: nobody buys then */
export const haltFromItem = (item: Item | undefined): Halt => {
  if (item === undefined) return { engaged: false };
  const { engaged, by, why, at } = fromItem(haltEntity, item);
  return engaged ? { engaged, by, why, since: at } : { engaged };
};

export const dynamoControl = (table: Table): ControlStore => ({
  halt: async () => haltFromItem(await table.get('read the halt switch', HALT_KEY)),
  setHalt: async ({ engaged, by, why, at }) => {
    const change = { engaged, by, why, at };
    await table.transact(engaged ? 'halt all buying' : 'resume buying', [
      { type: 'put', what: 'the halt switch', item: toItem(haltEntity, change) },
      {
        type: 'put',
        what: 'the audit trail',
        item: toItem(auditEntity, { ...change, id: randomUUID() }),
        condition: ABSENT,
      },
    ]);
  },
});
