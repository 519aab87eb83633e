import * as z from 'zod';
import { type AccountId, zAccountId } from '../../account/account.ts';
import { zPrice, zQuantity, zQuote } from '../../money/schema.ts';
import { ConcurrentChange } from '../../order/order.ts';
import type { RiskState, RiskStore } from '../../protection/risk.ts';
import { type Entity, fromItem, type Key, toItem } from './entity.ts';
import { SORT } from './keys.ts';
import { ConditionFailed, type Table } from './table-access.ts';
import { nextVersion } from './versions.ts';
import type { Write } from './writes.ts';

export const riskKey = (accountId: AccountId): Key => ({ pk: accountId, sk: SORT.risk });

export const zHolding = z.object({
  asset: z.string().min(1),
  total: zQuantity,
  price: zPrice.exactOptional(),
});

export const riskEntity: Entity<RiskState> = {
  kind: 'RISK',
  schema: z.object({
    accountId: zAccountId,
    day: z.iso.date(),
    dayOpenEquity: zQuote,
    peakEquity: zQuote,
    measured: z
      .object({ at: z.number(), holdings: z.array(zHolding), servesUntil: z.number().exactOptional() })
      .exactOptional(),
    lastEquity: zQuote,
    lastCash: zQuote,
    lastAt: z.number(),
    recentOrders: z.array(z.object({ clientOrderId: z.string(), notional: zQuote, at: z.number() })),
    version: z.int().min(1),
  }),
  key: (risk) => riskKey(risk.accountId),
};

export const riskWrite = (state: RiskState): Extract<Write, { type: 'put' }> => ({
  type: 'put',
  what: `the risk state of ${state.accountId}`,
  item: toItem(riskEntity, state),
  condition: nextVersion(state.version),
});

export const dynamoRisk = (table: Table): RiskStore => ({
  get: async (accountId) => {
    const item = await table.get(`read the risk state of ${accountId}`, riskKey(accountId));
    return item === undefined ? undefined : fromItem(riskEntity, item);
  },
  save: async (state) => {
    try {
      await table.write(riskWrite(state));
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      throw new ConcurrentChange(
        `the risk state of ${state.accountId} changed in between: read it again (given version ${state.version})`,
      );
    }
  },
});
