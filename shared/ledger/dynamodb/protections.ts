import * as z from 'zod';
import { type AccountId, zAccountId, zSymbol } from '../../account/account.ts';
import { zFraction, zPrice, zQuantity } from '../../money/schema.ts';
import { ConcurrentChange } from '../../order/order.ts';
import {
  exitIdOf,
  PROTECTION_RULES,
  type ProtectionStore,
  type ProtectiveExit,
} from '../../protection/protective-exit.ts';
import { EQUITY, type Unjudged } from '../../protection/unjudged.ts';
import type { Watch } from '../../protection/watch.ts';
import { type Entity, fromItem, type Item, type Key, toItem } from './entity.ts';
import { zExitSymbolResult } from './exits.ts';
import { SORT } from './keys.ts';
import type { Table } from './table-access.ts';
import { nextVersion, wroteNext } from './versions.ts';
import type { Write } from './writes.ts';

const watchEntity: Entity<Watch> = {
  kind: 'WATCH',
  schema: z.object({
    accountId: zAccountId,
    symbol: zSymbol,
    openedAt: z.number(),
    since: z.number(),
    bestPrice: zPrice.exactOptional(),
    bestGain: zFraction.exactOptional(),
    levels: z.array(
      z.object({ at: z.string(), position: zQuantity, fired: z.boolean(), sold: zQuantity.exactOptional() }),
    ),
    running: z.string().min(1).exactOptional(),
    over: z.boolean(),
    tooLittle: z.object({ quantity: zQuantity, until: z.number() }).exactOptional(),
    version: z.int().min(1),
  }),
  key: ({ accountId, symbol }) => ({ pk: accountId, sk: SORT.watch(symbol) }),
};

const exitKey = (accountId: AccountId, exitId: string): Key => ({
  pk: accountId,
  sk: SORT.protection(exitId),
});

const exitEntity: Entity<ProtectiveExit> = {
  kind: 'PROTECTION',
  schema: z.object({
    accountId: zAccountId,
    symbol: zSymbol,
    since: z.number(),
    rule: z.enum(PROTECTION_RULES),
    level: z.string().min(1).exactOptional(),
    most: zQuantity.exactOptional(),
    because: z.string(),
    numbers: z.record(z.string(), z.string()),
    decidedAt: z.number(),
    state: z.enum(['RUNNING', 'SOLD', 'FLAT', 'DUST', 'ABANDONED']),
    result: zExitSymbolResult.exactOptional(),
    endedAt: z.number().exactOptional(),
    version: z.int().min(1),
  }),
  key: (exit) => exitKey(exit.accountId, exitIdOf(exit)),
};

const unjudgedKey = (accountId: AccountId): Key => ({ pk: accountId, sk: SORT.unjudged });

export const unjudgedEntity: Entity<Unjudged> = {
  kind: 'UNJUDGED',
  schema: z.object({
    accountId: zAccountId,
    subjects: z.array(
      z.object({
        of: z.union([z.literal(EQUITY), zSymbol]),
        why: z.string(),
        since: z.number(),
        checks: z.int().min(1),
      }),
    ),
    version: z.int().min(1),
  }),
  key: ({ accountId }) => unjudgedKey(accountId),
};

export const dynamoProtections = (table: Table): ProtectionStore => {
  const under = async (accountId: AccountId, what: string, prefix: string): Promise<readonly Item[]> =>
    await table.all({
      what: `list the ${what} of ${accountId}`,
      where: {
        expression: '#pk = :account AND begins_with(#sk, :prefix)',
        values: { account: accountId, prefix },
      },
      consistent: true,
    });

  return {
    unjudged: {
      get: async (accountId) => {
        const item = await table.get(`read what is unjudged of ${accountId}`, unjudgedKey(accountId));
        return item === undefined ? undefined : fromItem(unjudgedEntity, item);
      },
      save: async (unjudged) => {
        const what = `what is unjudged of ${unjudged.accountId}`;
        const item = toItem(unjudgedEntity, unjudged);
        const condition = nextVersion(unjudged.version);
        return await wroteNext(async () => await table.write({ type: 'put', what, item, condition }));
      },
    },
    watches: async (accountId) =>
      (await under(accountId, 'watches', SORT.watch(''))).map((item) => fromItem(watchEntity, item)),
    exit: async (accountId, exitId) => {
      const item = await table.get(
        `read protective exit ${exitId} of ${accountId}`,
        exitKey(accountId, exitId),
      );
      return item === undefined ? undefined : fromItem(exitEntity, item);
    },
    exits: async (accountId) =>
      (await under(accountId, 'protective exits', SORT.protection('')))
        .map((item) => fromItem(exitEntity, item))
        .sort((a, b) => a.decidedAt - b.decidedAt || a.since - b.since),
    save: async (watch, exit) => {
      const what = `the watch over ${watch.symbol} of ${watch.accountId}`;
      if (exit !== undefined && (exit.accountId !== watch.accountId || exit.symbol !== watch.symbol)) {
        throw new ConcurrentChange(
          `${what} cannot be written with an exit of another (given ${exit.symbol} of ${exit.accountId})`,
        );
      }
      const writes: readonly (Write & { readonly type: 'put' })[] = [
        { type: 'put', what, item: toItem(watchEntity, watch), condition: nextVersion(watch.version) },
        ...(exit === undefined
          ? []
          : [
              {
                type: 'put' as const,
                what: `protective exit ${exitIdOf(exit)} of ${exit.accountId}`,
                item: toItem(exitEntity, exit),
                condition: nextVersion(exit.version),
              },
            ]),
      ];
      const written = await wroteNext(async () => await table.transact(`save ${what}`, writes));
      if (!written) {
        throw new ConcurrentChange(
          `${what} was changed by another run: read it again (given version ${watch.version})`,
        );
      }
    },
  };
};
