import type { Asked, AuditEntry, ControlStore } from '../../protection/control.ts';
import {
  DEFAULT_RUNAWAY_LIMITS,
  type RunawayLimitChanges,
  type RunawayLimits,
} from '../../protection/runaway.ts';
import { attemptRead } from '../read.ts';
import { auditWrite, entryOf } from './audit.ts';
import type { Item } from './entity.ts';
import { RUNAWAY_KEY, RUNAWAY_LIMITS_KEY } from './keys.ts';
import {
  readBreaker,
  runawayFromItem,
  runawayLimitsFromItem,
  runawayLimitsWrite,
  runawayWrite,
} from './runaway.ts';
import type { Table } from './table-access.ts';
import { unchangedSince, untilUnchanged } from './versions.ts';
import { ABSENT, type Write } from './writes.ts';

const stillAs = (item: Item | undefined) => (item === undefined ? ABSENT : unchangedSince(item['written']));

/** What an operator sees and sets of the breaker over all accounts. */
export const runawayControl = (table: Table): Pick<ControlStore, 'runaway' | 'setRunawayLimits'> => ({
  runaway: async () => await readBreaker(table),
  setRunawayLimits: async ({ limits, ...asked }) =>
    await untilUnchanged('the limits of all accounts together', async () => {
      const item = await table.get('read the limits of all accounts together', RUNAWAY_LIMITS_KEY);
      // Damaged limits stop every BUY; to name new ones is how an operator mends them.
      const read = await attemptRead(async () => runawayLimitsFromItem(item));
      const now: RunawayLimits = { ...(read.readable ? read.value : DEFAULT_RUNAWAY_LIMITS), ...limits };
      const entry = entryOf(table, {
        ...asked,
        subject: 'halt',
        setting: 'runaway-limits',
        before: read.readable ? sameOf(read.value, limits) : 'unreadable',
        after: limits,
      });
      await table.transact('set the limits of all accounts together', [
        runawayLimitsWrite(now, stillAs(item)),
        auditWrite(entry),
      ]);
      return { now, entry };
    }),
});

/** Of `limits` those that `named` names. */
const sameOf = (limits: RunawayLimits, named: RunawayLimitChanges): RunawayLimitChanges => ({
  ...(named.maxOrders === undefined ? {} : { maxOrders: limits.maxOrders }),
  ...(named.maxNotional === undefined ? {} : { maxNotional: limits.maxNotional }),
  ...(named.windowMinutes === undefined ? {} : { windowMinutes: limits.windowMinutes }),
});

/**
 * What clears the breaker together with the halt, where it has tripped or is damaged. Counting begins anew: else the
 * next BUY would trip it again by what the operator has seen already.
 */
export const clearing = async (
  table: Table,
  asked: Asked,
): Promise<{ readonly writes: readonly Write[]; readonly entry: AuditEntry } | undefined> => {
  const item = await table.get('read the breaker over all accounts', RUNAWAY_KEY);
  const read = await attemptRead(async () => runawayFromItem(item));
  const before = read.readable ? read.value.trip : 'unreadable';
  if (before === undefined) return undefined;
  const entry = entryOf(table, { ...asked, subject: 'halt', setting: 'runaway', before, after: 'cleared' });
  const since = read.readable ? Math.max(asked.at, read.value.countsSince + 1) : asked.at;
  return { entry, writes: [runawayWrite({ countsSince: since }, stillAs(item)), auditWrite(entry)] };
};
