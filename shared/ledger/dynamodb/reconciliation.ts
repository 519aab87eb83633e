import * as z from 'zod';
import { type AccountId, zAccountId, zSymbol } from '../../account/account.ts';
import type { Asset } from '../../exchange/market.ts';
import { zQuantity, zQuote } from '../../money/schema.ts';
import { ConcurrentChange } from '../../order/order.ts';
import type { OwnTrades, Progress, ReconciliationStore } from '../../reconciliation/reconciliation-store.ts';
import { ADJUSTMENT_REASONS, type Adjustment } from '../adjustment.ts';
import type { Drift } from '../drift.ts';
import { type Entity, fromItem, type Item, type Key, toItem } from './entity.ts';
import { adjustmentSort, SORT } from './keys.ts';
import { positionChange } from './positions.ts';
import { ConditionFailed, StillContended, type Table } from './table-access.ts';
import { nextVersion } from './versions.ts';
import { ABSENT } from './writes.ts';

/** Later than any adjustment. */
const NEVER = 999_999_999_999_999;

type ProgressItem = Progress & { readonly accountId: AccountId };

const progressKey = (accountId: AccountId): Key => ({ pk: accountId, sk: SORT.reconciliation });

export const progressEntity: Entity<ProgressItem> = {
  kind: 'RECONCILIATION',
  schema: z.object({
    accountId: zAccountId,
    cursor: z.number(),
    pending: z.array(z.string().min(1)).default([]),
    behindSince: z.number().exactOptional(),
  }),
  key: ({ accountId }) => progressKey(accountId),
};

const ownTradesKey = (accountId: AccountId, asset: Asset): Key => ({
  pk: accountId,
  sk: SORT.ownTrades(asset),
});

const ownTradesEntity: Entity<OwnTrades> = {
  kind: 'OWNTRADES',
  schema: z.object({
    accountId: zAccountId,
    asset: z.string().min(1),
    since: z.number(),
    readTo: z.number(),
    out: zQuantity,
    in: zQuantity,
  }),
  key: ({ accountId, asset }) => ownTradesKey(accountId, asset),
};

const driftEntity: Entity<Drift> = {
  kind: 'DRIFT',
  schema: z.object({
    accountId: zAccountId,
    asset: z.string().min(1),
    symbols: z.array(zSymbol),
    managed: zQuantity,
    held: zQuantity,
    missing: zQuantity,
    why: z.string(),
    told: zQuantity,
    firstSeen: z.number(),
    lastSeen: z.number(),
    figuresSince: z.number(),
    judgedAt: z.number().exactOptional(),
    failedAt: z.number().exactOptional(),
    failures: z.int().min(1).exactOptional(),
    goneSince: z.number().exactOptional(),
    closedAt: z.number().exactOptional(),
    version: z.int().min(1),
  }),
  key: ({ accountId, asset }) => ({ pk: accountId, sk: SORT.drift(asset) }),
};

const adjustmentKey = (accountId: AccountId, id: string): Key => ({
  pk: accountId,
  sk: SORT.adjustment(id),
});

const adjustmentEntity: Entity<Adjustment> = {
  kind: 'ADJUSTMENT',
  schema: z.object({
    accountId: zAccountId,
    id: z.string().min(1),
    symbol: zSymbol,
    reason: z.enum(ADJUSTMENT_REASONS),
    quantityBefore: zQuantity,
    quantityAfter: zQuantity,
    costBefore: zQuote,
    costAfter: zQuote,
    held: zQuantity.exactOptional(),
    ownSold: zQuantity.exactOptional(),
    by: z.string(),
    why: z.string(),
    at: z.number(),
  }),
  key: ({ accountId, id }) => adjustmentKey(accountId, id),
  indexes: ({ symbol, at, id }) => ({ lsi1sk: adjustmentSort(symbol, at, id) }),
};

export const dynamoReconciliation = (table: Table): ReconciliationStore => {
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
    progress: async (accountId) => {
      const item = await table.get(`read how far ${accountId} was reconciled`, progressKey(accountId));
      if (item === undefined) return undefined;
      const { accountId: _key, ...progress } = fromItem(progressEntity, item);
      return progress;
    },
    saveProgress: async (accountId, progress) => {
      await table.write({
        type: 'put',
        what: `how far ${accountId} was reconciled`,
        item: toItem(progressEntity, { accountId, ...progress }),
      });
    },
    ownTrades: async (accountId, asset) => {
      const what = `read the own trades of ${accountId} in ${asset}`;
      const item = await table.get(what, ownTradesKey(accountId, asset));
      return item === undefined ? undefined : fromItem(ownTradesEntity, item);
    },
    saveOwnTrades: async (trades) => {
      await table.write({
        type: 'put',
        what: `the own trades of ${trades.accountId} in ${trades.asset}`,
        item: toItem(ownTradesEntity, trades),
      });
    },
    drifts: async (accountId) =>
      (await under(accountId, 'drifts', SORT.drift(''))).map((item) => fromItem(driftEntity, item)),
    saveDrift: async (drift) => {
      try {
        await table.write({
          type: 'put',
          what: `the drift in ${drift.asset} of ${drift.accountId}`,
          item: toItem(driftEntity, drift),
          condition: nextVersion(drift.version),
        });
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        throw new ConcurrentChange(
          `the drift in ${drift.asset} of ${drift.accountId} was changed by another check: read it again (given version ${drift.version})`,
          { cause: error },
        );
      }
    },
    adjustment: async (accountId, id) => {
      const item = await table.get(`read adjustment ${id} of ${accountId}`, adjustmentKey(accountId, id));
      return item === undefined ? undefined : fromItem(adjustmentEntity, item);
    },
    adjustments: async (accountId) =>
      (await under(accountId, 'adjustments', SORT.adjustment('')))
        .map((item) => fromItem(adjustmentEntity, item))
        .sort((a, b) => a.at - b.at || a.id.localeCompare(b.id)),
    adjustmentsSince: async (accountId, symbol, at) => {
      const items = await table.all({
        what: `list the adjustments of ${accountId} in ${symbol} since ${at}`,
        index: 'lsi1',
        where: {
          expression: '#pk = :account AND #lsi1sk BETWEEN :first AND :last',
          values: {
            account: accountId,
            first: adjustmentSort(symbol, at, ''),
            last: adjustmentSort(symbol, NEVER, ''),
          },
        },
        consistent: true,
      });
      return items.map((item) => fromItem(adjustmentEntity, item));
    },
    adjust: async ({ before, after, adjustment }) => {
      const { accountId, symbol, id } = adjustment;
      try {
        await table.transact(`adjust the position ${symbol} of ${accountId}`, [
          positionChange(accountId, symbol, before, after),
          {
            type: 'put',
            what: `adjustment ${id} of ${accountId}`,
            item: toItem(adjustmentEntity, adjustment),
            condition: ABSENT,
          },
        ]);
      } catch (error) {
        if (!(error instanceof ConditionFailed || error instanceof StillContended)) throw error;
        throw new ConcurrentChange(
          `the position ${symbol} of ${accountId} was not adjusted: ${error.message}. Read it again and decide anew`,
          { cause: error },
        );
      }
    },
  };
};
