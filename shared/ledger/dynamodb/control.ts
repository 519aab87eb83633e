import * as z from 'zod';
import type { ControlStore, Halt } from '../../protection/control.ts';
import type { Instant } from '../../time/clock.ts';
import { attemptRead } from '../read.ts';
import { accountSettings } from './account-settings.ts';
import { auditTrail, auditWrite, entryOf, onOrOff } from './audit.ts';
import { type Entity, fromItem, type Item, toItem } from './entity.ts';
import { HALT_KEY } from './keys.ts';
import { clearing, runawayControl } from './runaway-control.ts';
import type { Table } from './table-access.ts';
import { unchangedSince, untilUnchanged } from './versions.ts';
import { ABSENT, type Write } from './writes.ts';

interface SwitchItem {
  readonly engaged: boolean;
  readonly by: string;
  readonly why: string;
  readonly at: Instant;
}

const haltEntity: Entity<SwitchItem> = {
  kind: 'HALT',
  schema: z.object({ engaged: z.boolean(), by: z.string(), why: z.string(), at: z.number() }),
  key: () => HALT_KEY,
};

/** @throws LedgerError when the switch cannot be read: nobody buys then */
export const haltFromItem = (item: Item | undefined): Halt => {
  if (item === undefined) return { engaged: false };
  const { engaged, by, why, at } = fromItem(haltEntity, item);
  return engaged ? { engaged, by, why, since: at } : { engaged };
};

export const dynamoControl = (table: Table): ControlStore => ({
  ...accountSettings(table),
  ...runawayControl(table),
  halt: async () => haltFromItem(await table.get('read the halt switch', HALT_KEY)),
  setHalt: async ({ engaged, ...asked }) =>
    await untilUnchanged('the halt switch', async () => {
      const item = await table.get('read the halt switch', HALT_KEY);
      const read = await attemptRead(async () => haltFromItem(item));
      const before = read.readable ? onOrOff(read.value.engaged) : 'unreadable';
      const after = onOrOff(engaged);
      const entry = entryOf(table, { ...asked, subject: 'halt', switch: 'halt', before, after });
      const what = 'the halt switch';
      const condition = item === undefined ? ABSENT : unchangedSince(item['written']);
      const change: Write =
        before === after && item !== undefined
          ? { type: 'check', what, key: HALT_KEY, condition }
          : { type: 'put', what, item: toItem(haltEntity, { engaged, ...asked }), condition };
      const clear = engaged ? undefined : await clearing(table, asked);
      const writes = [change, auditWrite(entry), ...(clear?.writes ?? [])];
      await table.transact(engaged ? 'halt all buying' : 'resume buying', writes);
      const now: Halt = engaged ? { engaged, by: asked.by, why: asked.why, since: asked.at } : { engaged };
      const state = { now: read.readable && before === after ? read.value : now, entry };
      return clear === undefined ? state : { ...state, cleared: clear.entry };
    }),
  trail: async (subject) => await auditTrail(table, subject),
});
