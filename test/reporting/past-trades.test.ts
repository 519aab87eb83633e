import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import { dynamoReadingLedger } from '../../shared/ledger/dynamodb/reading-ledger.ts';
import { pastTrades } from '../../shared/reporting/past-trades.ts';
import type { TradePlace } from '../../shared/reporting/ports.ts';
import { bossTrade } from '../functions/causes.ts';
import { type EmbeddedTable, embeddedTable } from '../ledger/embedded-table.ts';

const NOON = Date.parse('2026-03-02T12:00:00Z');
let table: EmbeddedTable;
beforeAll(async () => {
  table = await embeddedTable(NOON);
});
afterAll(() => table.stop());

let worlds = 0;

/** Masters of a world of their own, with trades at these moments. */
const publish = async (masters: readonly (readonly number[])[]): Promise<readonly string[]> => {
  worlds += 1;
  const ledger = dynamoLedger(table);
  const masterIds = masters.map((_, index) => `m-${worlds}-${index}`);
  for (const [index, moments] of masters.entries()) {
    const masterId = masterIds[index] ?? '';
    for (const [count, at] of moments.entries()) {
      const trade = bossTrade(NOON + at, { masterId, tradeId: `t-${worlds}-${count}-${index}` });
      await ledger.recordExecution({
        accountId: masterId,
        symbol: trade.symbol,
        fills: [],
        position: { before: undefined, after: undefined },
        trade,
        at: trade.at,
      });
    }
  }
  return masterIds;
};

it('trades of several masters come newest first, page by page, each once, whatever the pages', async () => {
  const moments = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(moments, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 5 }),
      async (masters, limit) => {
        const masterIds = await publish(masters);
        const ports = { ledger: dynamoReadingLedger(table) };
        const seen: { readonly at: number; readonly tradeId: string }[] = [];
        let before: TradePlace | undefined;
        let more = true;
        while (more) {
          const asked = { from: NOON, to: NOON + 6, limit, ...(before === undefined ? {} : { before }) };
          const page = await pastTrades(masterIds, asked, ports);
          seen.push(...page.trades);
          before = page.trades.at(-1);
          more = page.more;
          expect(page.failing).toEqual([]);
        }

        const sorted = [...seen].sort((a, b) => b.at - a.at || (a.tradeId < b.tradeId ? 1 : -1));
        expect(seen).toHaveLength(masters.flat().length);
        expect(new Set(seen.map(({ tradeId }) => tradeId)).size).toBe(seen.length);
        expect(seen).toEqual(sorted);
      },
    ),
    { numRuns: 25 },
  );
});

it('a master whose trades cannot be read is named beside the others', async () => {
  const [masterId = ''] = await publish([[1, 2]]);
  const ledger = dynamoReadingLedger(table);
  const failing = {
    ...ledger,
    history: {
      ...ledger.history,
      trades: async (...asked: Parameters<typeof ledger.history.trades>) => {
        if (asked[0] === 'm-gone') throw new Error('the table does not answer');
        return await ledger.history.trades(...asked);
      },
    },
  };

  const found = await pastTrades(
    ['m-gone', masterId],
    { from: 0, to: NOON + 6, limit: 9 },
    { ledger: failing },
  );

  expect(found.trades).toHaveLength(2);
  expect(found.failing).toEqual([{ accountId: 'm-gone', why: 'the table does not answer' }]);
});
