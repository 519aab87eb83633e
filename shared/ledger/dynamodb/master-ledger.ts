import { MOST_AHEAD_MS } from '../../copying/master-status.ts';
import type { MasterLedger } from '../../strategy/master-ledger.ts';
import { fromItem, toItem } from './entity.ts';
import { SORT } from './keys.ts';
import { dynamoLedger } from './ledger.ts';
import { masterStatusEntity } from './master-status.ts';
import { dynamoStrategyStates } from './strategy-states.ts';
import { ConditionFailed, type TableConfig, tableAccess } from './table-access.ts';
import { tradeEntity } from './trade-items.ts';

/** The ledger as the master plane sees it. */
export const dynamoMasterLedger = (config: TableConfig): MasterLedger => {
  const table = tableAccess(config);
  return {
    ...dynamoLedger(config),
    strategyStates: dynamoStrategyStates(table),
    trades: async (masterId) => {
      const items = await table.all({
        what: `list the trades of ${masterId}`,
        where: {
          expression: '#pk = :master AND begins_with(#sk, :trades)',
          values: { master: masterId, trades: SORT.trade('') },
        },
        consistent: true,
      });
      return items
        .map((item) => fromItem(tradeEntity, item))
        .sort((a, b) => a.at - b.at || a.tradeId.localeCompare(b.tradeId));
    },
    publishStatus: async (status) => {
      try {
        await table.write({
          type: 'put',
          what: `the status of ${status.masterId}`,
          item: toItem(masterStatusEntity, status),
          condition: {
            // One that is damaged, or so far ahead that nobody believes it, must not keep out what is true.
            expression: 'NOT (#at > :at AND #at <= :ahead)',
            values: { at: status.at, ahead: status.at + MOST_AHEAD_MS },
          },
        });
      } catch (error) {
        // A later heartbeat is there already.
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },
  };
};
