import type { Trade, TradeReader } from '../../copying/trade.ts';
import { fromItem } from './entity.ts';
import { tradeSort } from './keys.ts';
import { type TableConfig, tableAccess } from './table-access.ts';
import { tradeEntity } from './trade-items.ts';

/** Later than any trade: fifteen digits of milliseconds. */
const NEVER = 999_999_999_999_998;

/** Trade ids have no order. The local index has one, and of a master it holds nothing but trades and open orders. */
export const dynamoTrades = (config: TableConfig): TradeReader => {
  const table = tableAccess(config);
  return {
    list: async (masterId, { since, after, until = NEVER }, limit) => {
      if (until < since) return [];
      const done = after === undefined ? '' : tradeSort(since, after);
      const trades: Trade[] = [];
      const pages = table.pages({
        what: `list the trades of ${masterId}`,
        index: 'lsi1',
        where: {
          expression: '#pk = :master AND #lsi1sk BETWEEN :first AND :last',
          values: { master: masterId, first: tradeSort(since, ''), last: tradeSort(until + 1, '') },
        },
        consistent: true,
      });
      for await (const page of pages) {
        for (const item of page) {
          if (trades.length === limit) return trades;
          if (String(item['lsi1sk']) > done) trades.push(fromItem(tradeEntity, item));
        }
      }
      return trades;
    },
  };
};
