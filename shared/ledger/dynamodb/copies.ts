import * as z from 'zod';
import { type AccountId, zAccountId } from '../../account/account.ts';
import { BUY_GUARDS, type Copy, type CopyOutcome, type CopyStore, FAIL_REASONS } from '../../copying/copy.ts';
import { MADE_GOOD_BY, type OwedSale, type OwingCopy, owedAfter, owesSale } from '../../copying/owed-sale.ts';
import { zBps, zFraction, zPrice, zQuantity, zQuote } from '../../money/schema.ts';
import { ConcurrentChange } from '../../order/order.ts';
import type { Instant } from '../../time/clock.ts';
import { zBackOff } from './back-off.ts';
import { type Entity, fromItem, type Key, stored, toItem } from './entity.ts';
import { SORT, UNFINISHED_COPIES, unfinishedCopySort, unfinishedIndexes } from './keys.ts';
import { ConditionFailed, type Table } from './table-access.ts';
import { zTrade } from './trade-items.ts';
import { ABSENT, type Write } from './writes.ts';

const zOutcome = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('FILLED'),
    quantity: zQuantity,
    price: zPrice,
    fees: zQuote,
    orderLatencyMs: z.number(),
    fillLatencyMs: z.number(),
    slippageBps: zBps,
    clientOrderId: z.string().min(1),
    marketPrice: zPrice.exactOptional(),
    short: zQuantity.exactOptional(),
  }),
  z.object({
    state: z.literal('SKIPPED'),
    reason: z.enum([...BUY_GUARDS, 'NO_POSITION', 'NOT_FILLED']),
    detail: z.string(),
  }),
  z.object({
    state: z.literal('FAILED'),
    reason: z.enum(FAIL_REASONS),
    detail: z.string(),
    asked: zQuantity.exactOptional(),
  }),
]);

const zOwed = z.object({
  since: z.number(),
  remaining: zQuantity.exactOptional(),
  share: zFraction.exactOptional(),
  sold: zQuantity,
  rounds: z.int().min(0),
  tries: z.int().min(0),
  lastReason: z.string(),
  lastTriedAt: z.number().exactOptional(),
  missingSince: z.number().exactOptional(),
  backOff: zBackOff.exactOptional(),
  madeGood: z.object({ at: z.number(), by: z.enum(MADE_GOOD_BY), detail: z.string() }).exactOptional(),
  version: z.int().min(1),
});

export const copyKey = (accountId: AccountId, tradeId: string): Key => ({
  pk: accountId,
  sk: SORT.copy(tradeId),
});

export const copyEntity: Entity<Copy> = {
  kind: 'COPY',
  schema: z.object({
    accountId: zAccountId,
    trade: zTrade,
    createdAt: z.number(),
    outcome: zOutcome.exactOptional(),
    finishedAt: z.number().exactOptional(),
    owed: zOwed.exactOptional(),
  }),
  key: (copy) => copyKey(copy.accountId, copy.trade.tradeId),
  indexes: (copy) =>
    copy.outcome === undefined
      ? {
          lsi1sk: unfinishedCopySort(copy.trade.at, copy.trade.tradeId),
          ...unfinishedIndexes('copy', copy.accountId, copy.createdAt, copy.trade.tradeId),
        }
      : owesSale(copy)
        ? owedIndexes(copy, copy.owed.since)
        : {},
};

const owedIndexes = ({ accountId, trade }: Copy, since: Instant) => ({
  lsi1sk: unfinishedCopySort(trade.at, trade.tradeId),
  ...unfinishedIndexes('sale', accountId, since, trade.tradeId),
});
const INDEXES = ['gsi2pk', 'gsi2sk', 'lsi1sk'] as const;

/** The write that ends a copy, once, and begins the sale that it may still owe then. */
export const copyEnd = (copy: Copy, outcome: CopyOutcome, at: Instant): Write & { type: 'update' } => {
  const owed = owedAfter(copy, outcome, at);
  const ended = { outcome: stored(outcome), finishedAt: at };
  return {
    type: 'update',
    what: `the copy of trade ${copy.trade.tradeId} for ${copy.accountId}`,
    key: copyKey(copy.accountId, copy.trade.tradeId),
    condition: { expression: 'attribute_exists(#pk) AND attribute_not_exists(#outcome)' },
    ...(owed === undefined
      ? { set: ended, remove: INDEXES }
      : { set: { ...ended, owed: stored(owed), ...owedIndexes(copy, owed.since) } }),
  };
};

const owedChange = (copy: OwingCopy, next: OwedSale): Write & { type: 'update' } => ({
  type: 'update',
  what: `the owed sale of trade ${copy.trade.tradeId} for ${copy.accountId}`,
  key: copyKey(copy.accountId, copy.trade.tradeId),
  set: { owed: stored(next) },
  ...(next.madeGood === undefined ? {} : { remove: INDEXES }),
  condition: { expression: '#owed.#version = :version', values: { version: copy.owed.version } },
});

export const dynamoCopies = (table: Table): CopyStore => ({
  create: async (copy) => {
    try {
      await table.write({
        type: 'put',
        what: `the copy of trade ${copy.trade.tradeId} for ${copy.accountId}`,
        item: toItem(copyEntity, copy),
        condition: ABSENT,
      });
      return true;
    } catch (error) {
      if (error instanceof ConditionFailed) return false;
      throw error;
    }
  },
  get: async (accountId, tradeId) => {
    const item = await table.get(
      `read the copy of trade ${tradeId} for ${accountId}`,
      copyKey(accountId, tradeId),
    );
    return item === undefined ? undefined : fromItem(copyEntity, item);
  },
  progress: async (tradeId, accountIds) => {
    const found = await table.getAll(
      `read which of ${accountIds.length} followers have a copy of trade ${tradeId}`,
      accountIds.map((accountId) => copyKey(accountId, tradeId)),
    );
    return new Map(
      [...found.values()].map((item) => [
        zAccountId.parse(item['pk']),
        item['outcome'] === undefined ? 'OPEN' : 'ENDED',
      ]),
    );
  },
  finish: async (copy, outcome, at) => {
    try {
      await table.write(copyEnd(copy, outcome, at));
    } catch (error) {
      const ended = error instanceof ConditionFailed && error.failures[0]?.old?.['outcome'] !== undefined;
      if (!ended) throw error;
    }
  },
  list: async (accountId) => {
    const items = await table.all({
      what: `list the copies of ${accountId}`,
      where: {
        expression: '#pk = :account AND begins_with(#sk, :copies)',
        values: { account: accountId, copies: SORT.copy('') },
      },
      consistent: true,
    });
    return items
      .map((item) => fromItem(copyEntity, item))
      .sort((a, b) => a.trade.at - b.trade.at || a.trade.tradeId.localeCompare(b.trade.tradeId));
  },
  unfinished: async (accountId) => {
    const items = await table.all({
      what: `list the unfinished copies of ${accountId}`,
      index: 'lsi1',
      where: {
        expression: '#pk = :account AND begins_with(#lsi1sk, :copies)',
        values: { account: accountId, copies: UNFINISHED_COPIES },
      },
      consistent: true,
    });
    return items.map((item) => fromItem(copyEntity, item));
  },
  saveOwed: async (copy, next) => {
    try {
      await table.write(owedChange(copy, next));
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      throw new ConcurrentChange(
        `the owed sale of trade ${copy.trade.tradeId} for ${copy.accountId} was changed by another run: read it again (given version ${copy.owed.version})`,
        { cause: error },
      );
    }
  },
});
