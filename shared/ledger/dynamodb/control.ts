import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Account } from '../../account/account.ts';
import type { AccountSwitches, AuditEntry, ControlStore, Halt } from '../../protection/control.ts';
import type { Instant } from '../../time/clock.ts';
import { LedgerError } from '../ledger.ts';
import { attemptRead } from '../read.ts';
import { accountEntity, profileKey } from './accounts.ts';
import { auditTrail, auditWrite } from './audit.ts';
import { type Entity, fromItem, type Item, toItem } from './entity.ts';
import { HALT_KEY } from './keys.ts';
import { ConditionFailed, type Table } from './table-access.ts';
import { ABSENT, type Expression, type Write } from './writes.ts';

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

const ATTEMPTS = 5;

export const dynamoControl = (table: Table): ControlStore => {
  const profileOf = async (accountId: string): Promise<Account | undefined> => {
    const item = await table.get(`read the profile of ${accountId}`, profileKey(accountId));
    return item === undefined ? undefined : fromItem(accountEntity, item);
  };

  return {
    halt: async () => haltFromItem(await table.get('read the halt switch', HALT_KEY)),
    setHalt: async ({ engaged, ...asked }) =>
      await untilUnchanged('the halt switch', async () => {
        const item = await table.get('read the halt switch', HALT_KEY);
        const read = await attemptRead(async () => haltFromItem(item));
        const before = read.readable ? onOrOff(read.value.engaged) : 'unreadable';
        const after = onOrOff(engaged);
        const entry = entryOf({ ...asked, subject: 'halt', switch: 'halt', before, after });
        const what = 'the halt switch';
        const condition = unchanged(item);
        const change: Write =
          before === after && item !== undefined
            ? { type: 'check', what, key: HALT_KEY, condition }
            : { type: 'put', what, item: toItem(haltEntity, { engaged, ...asked }), condition };
        await table.transact(engaged ? 'halt all buying' : 'resume buying', [change, auditWrite(entry)]);
        const now: Halt = engaged ? { engaged, by: asked.by, why: asked.why, since: asked.at } : { engaged };
        return { now: read.readable && before === after ? read.value : now, entry };
      }),
    setSwitch: async ({ accountId, switch: name, on, ...asked }) =>
      await untilUnchanged(`the switches of ${accountId}`, async () => {
        const account = await profileOf(accountId);
        if (account === undefined) return undefined;
        const before = account[name];
        const entry = entryOf({
          ...asked,
          subject: accountId,
          switch: name,
          before: onOrOff(before),
          after: onOrOff(on),
        });
        const what = `the switch ${name} of ${accountId}`;
        const key = profileKey(accountId);
        const condition = stillSet(name, before);
        const change: Write =
          before === on
            ? { type: 'check', what, key, condition }
            : { type: 'update', what, key, set: { [name]: on }, condition };
        await table.transact(`set ${what}`, [change, auditWrite(entry)]);
        return { now: { ...switchesOf(account), [name]: on }, entry };
      }),
    switches: async (accountId) => {
      const account = await profileOf(accountId);
      return account === undefined ? undefined : switchesOf(account);
    },
    trail: async (subject) => await auditTrail(table, subject),
  };
};

const onOrOff = (on: boolean): 'on' | 'off' => (on ? 'on' : 'off');

const entryOf = (entry: Omit<AuditEntry, 'id'>): AuditEntry => ({ ...entry, id: randomUUID() });

const switchesOf = ({ accountId, enabled, copyPaused, exitOnly }: Account): AccountSwitches => ({
  accountId,
  enabled,
  copyPaused,
  exitOnly,
});

/** That nobody wrote the item since it was read: the trail must tell what truly was before. */
const unchanged = (item: Item | undefined): Expression => {
  if (item === undefined) return ABSENT;
  const written = item['written'];
  return written === undefined
    ? { expression: 'attribute_exists(#pk) AND attribute_not_exists(#written)' }
    : { expression: '#written = :written', values: { written } };
};

/** A profile may leave out a switch that stands as it does by default. */
const stillSet = (name: string, before: boolean): Expression => ({
  expression: `attribute_exists(#pk) AND (attribute_not_exists(#${name}) OR #${name} = :before)`,
  values: { before },
});

const untilUnchanged = async <T>(what: string, change: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      if (attempt === ATTEMPTS)
        throw new LedgerError(`${what} kept changing, and nothing was written: ask again`, { cause: error });
    }
  }
};
