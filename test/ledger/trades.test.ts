import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Trade } from '../../shared/copying/trade.ts';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import { dynamoTrades } from '../../shared/ledger/dynamodb/trades.ts';
import { type EmbeddedTable, embeddedTable } from './embedded-table.ts';
import { aCopy, anAccount, anOrder, aTrade, START } from './examples.ts';

let table: EmbeddedTable;
beforeAll(async () => {
  table = await embeddedTable();
});
afterAll(() => table.stop());

let masters = 0;
const newMaster = (): string => {
  masters += 1;
  return `m-${masters}`;
};

const publish = async (trade: Trade): Promise<void> =>
  await dynamoLedger(table).recordExecution({
    accountId: trade.masterId,
    symbol: trade.symbol,
    fills: [],
    position: { before: undefined, after: undefined },
    trade,
    at: trade.at,
  });

const idsOf = (trades: readonly Trade[]): readonly string[] => trades.map(({ tradeId }) => tradeId);

describe('the trades of a master', () => {
  it('come oldest first, of the time asked for, behind the one named, and at most as many as asked for', async () => {
    // Few moments and unordered ids: several trades of one moment, and any bound on a trade's own time.
    const moment = fc.integer({ min: START, max: START + 6 });
    const made = fc.uniqueArray(fc.tuple(moment, fc.stringMatching(/^t-[a-f0-9]{3}$/)), {
      minLength: 1,
      maxLength: 12,
      selector: ([, tradeId]) => tradeId,
    });
    await fc.assert(
      fc.asyncProperty(
        made,
        moment,
        fc.option(moment, { nil: undefined }),
        fc.nat(12),
        fc.boolean(),
        async (trades, since, until, limit, named) => {
          const masterId = newMaster();
          for (const [at, tradeId] of trades) await publish(aTrade({ masterId, at, tradeId }));
          const sorted = trades.toSorted(([a, x], [b, y]) => a - b || (x < y ? -1 : 1));
          const after = named ? sorted.find(([at]) => at === since)?.[1] : undefined;
          const range = {
            since,
            ...(after === undefined ? {} : { after }),
            ...(until === undefined ? {} : { until }),
          };

          const listed = await dynamoTrades(table).list(masterId, range, limit);

          const wanted = sorted.filter(
            ([at, id]) =>
              at >= since &&
              at <= (until ?? at) &&
              (after === undefined || at > since || (at === since && id > after)),
          );
          expect(idsOf(listed)).toEqual(wanted.slice(0, limit).map(([, id]) => id));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are given back exactly as they were published', async () => {
    const trade = aTrade({ masterId: newMaster() });
    await publish(trade);

    expect(await dynamoTrades(table).list(trade.masterId, { since: START }, 10)).toEqual([trade]);
  });

  it('are those of that master alone, and its orders in doubt are none', async () => {
    const masterId = newMaster();
    await publish(aTrade({ masterId: newMaster() }));
    await dynamoLedger(table).orders.create(anOrder({ accountId: masterId }));

    expect(await dynamoTrades(table).list(masterId, { since: 0 }, 10)).toEqual([]);
  });
});

describe('the followers of a master', () => {
  const followersOf = async (masterId: string, by?: number): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const page of dynamoLedger(table).accounts.followersOf(masterId, by)) found.push(...page);
    return found;
  };

  it('at a moment are those who followed it then, whenever they were registered', async () => {
    const masterId = newMaster();
    const { accounts } = dynamoLedger(table);
    const follower = (accountId: string, since: { registeredAt: number; followsSince?: number }) =>
      accounts.register(
        anAccount({
          accountId,
          follows: masterId,
          keyFingerprint: accountId.slice(2).padStart(16, '0'),
          ...since,
        }),
      );
    await follower('u-c1', { registeredAt: START });
    await follower('u-c2', { registeredAt: START - 10, followsSince: START + 1 });
    await follower('u-c3', { registeredAt: START - 10, followsSince: START - 5 });

    expect(await followersOf(masterId, START - 6)).toEqual([]);
    expect(await followersOf(masterId, START)).toEqual(['u-c3', 'u-c1']);
    expect(await followersOf(masterId, START + 0.5)).toEqual(['u-c3', 'u-c1']);
    expect(await followersOf(masterId, START + 1)).toEqual(['u-c3', 'u-c1', 'u-c2']);
    expect(await followersOf(masterId)).toEqual(['u-c3', 'u-c1', 'u-c2']);
  });
});

describe('the progress of copies', () => {
  it('tells who has a row and whose copy has ended, also of more followers than one request takes', async () => {
    const { copies } = dynamoLedger(table);
    const trade = aTrade({ tradeId: 't-progress' });
    const ids = Array.from({ length: 130 }, (_, index) => `u-p${index}`);
    for (const accountId of ids.slice(0, 120)) await copies.create(aCopy({ accountId, trade }));
    const ended = aCopy({ accountId: 'u-p7', trade });
    await copies.finish(ended, { state: 'SKIPPED', reason: 'STALE', detail: 'too old' }, START);

    const progress = await copies.progress('t-progress', ids);

    expect(ids.map((id) => progress.get(id))).toEqual(
      ids.map((_, index) => (index >= 120 ? undefined : index === 7 ? 'ENDED' : 'OPEN')),
    );
    expect(await copies.progress('t-none', ids)).toEqual(new Map());
  });
});
