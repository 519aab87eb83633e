import type { AccountId } from '../../account/account.ts';
import type { AccountRecords, LedgerHistory, PastTrade } from '../../reporting/ports.ts';
import { attemptRead, type Read } from '../read.ts';
import { accountEntity, profileKey } from './accounts.ts';
import { circuitEntity } from './circuit.ts';
import { copyEntity, copyKey } from './copies.ts';
import { type Entity, fromItem, type Item } from './entity.ts';
import { fillEntity } from './fills.ts';
import { followingEntity } from './following.ts';
import { attestationEntity, keyStateEntity } from './key-watch.ts';
import { SORT, tradeSort } from './keys.ts';
import { orderEntity } from './orders.ts';
import { unjudgedEntity } from './protections.ts';
import { progressEntity } from './reconciliation.ts';
import { dynamoCurve, snapshotEntity } from './snapshots.ts';
import { placeOf, type Query, type Table } from './table-access.ts';
import { tradeEntity } from './trade-items.ts';

/** What is damaged says so by itself; a value, so that it hides nothing beside it. */
const readOf = <T extends object>(entity: Entity<T>, item: Item): Read<T> => {
  try {
    return { readable: true, value: fromItem(entity, item) };
  } catch (error) {
    return { readable: false, why: error instanceof Error ? error.message : String(error) };
  }
};

/** What operators look back at: newest first, in as few requests as possible, and nothing that writes. */
export const dynamoHistory = (table: Table): LedgerHistory => {
  /** The first items of a query, in pages of that size. */
  const first = async (query: Query, most: number): Promise<readonly Item[]> => {
    const items: Item[] = [];
    for await (const page of table.pages({ ...query, pageSize: most })) {
      items.push(...page);
      if (items.length >= most) break;
    }
    return items.slice(0, most);
  };

  return {
    records: async (accountId) => await accountRecords(table, accountId),
    hasAccount: async (accountId) =>
      (await table.getAll(`look for the profile of ${accountId}`, [profileKey(accountId)])).size > 0,
    hasTrade: async (masterIds, tradeId) => {
      const keys = masterIds.map((masterId) => ({ pk: masterId, sk: SORT.trade(tradeId) }));
      return (await table.getAll(`look for the trade ${tradeId}`, keys)).size > 0;
    },
    curve: dynamoCurve(table),
    lastSnapshot: async (accountId) => {
      const [item] = await first(
        {
          what: `read the last snapshot of ${accountId}`,
          where: {
            expression: '#pk = :account AND begins_with(#sk, :snapshots)',
            values: { account: accountId, snapshots: SNAPSHOTS },
          },
          consistent: true,
          newestFirst: true,
        },
        1,
      );
      return item === undefined ? undefined : fromItem(snapshotEntity, item);
    },
    lastFill: async (accountId, symbol) => {
      const [item] = await first(
        {
          what: `read the last fill of ${accountId} in ${symbol}`,
          index: 'lsi1',
          where: {
            expression: '#pk = :account AND begins_with(#lsi1sk, :fills)',
            values: { account: accountId, fills: `FILL#${symbol}#` },
          },
          consistent: true,
          newestFirst: true,
        },
        1,
      );
      return item === undefined ? undefined : fromItem(fillEntity, item);
    },
    trades: async (masterId, { from, to, before }, limit) => {
      // One more: the trade that the last page ended with is read again, and left out.
      const last = before === undefined ? tradeSort(to + 1, '') : tradeSort(before.at, before.tradeId);
      const start = tradeSort(from, '');
      if (last < start) return [];
      const items = await first(
        {
          what: `list the trades of ${masterId}`,
          index: 'lsi1',
          where: {
            expression: '#pk = :master AND #lsi1sk BETWEEN :first AND :last',
            values: { master: masterId, first: start, last },
          },
          consistent: true,
          newestFirst: true,
        },
        limit + 1,
      );
      return items
        .filter((item) => String(item['lsi1sk']) < last)
        .slice(0, limit)
        .map(pastTrade);
    },
    copies: async (rows) => {
      const keys = rows.map(({ accountId, tradeId }) => copyKey(accountId, tradeId));
      const found: ReadonlyMap<string, Item>[] = [];
      for (let start = 0; start < keys.length; start += COPIES_AT_ONCE)
        found.push(
          await table.getAll(`read up to ${rows.length} copies`, keys.slice(start, start + COPIES_AT_ONCE)),
        );
      const items = new Map(found.flatMap((some) => [...some]));
      return keys.map((key) => {
        const item = items.get(placeOf(key));
        return item === undefined ? undefined : readOf(copyEntity, item);
      });
    },
    orders: async (accountId, most) => {
      const items: Item[] = [];
      let complete = true;
      const pages = table.pages({
        what: `list the orders of ${accountId}`,
        where: {
          expression: '#pk = :account AND begins_with(#sk, :orders)',
          values: { account: accountId, orders: SORT.order('') },
        },
        consistent: false,
      });
      for await (const page of pages) {
        items.push(...page);
        if (items.length > most) {
          complete = false;
          break;
        }
      }
      return { orders: items.slice(0, most).map((item) => readOf(orderEntity, item)), complete };
    },
  };
};

const SNAPSHOTS = 'EQUITY#';
/** Rows that are asked for at the same time, of thousands: they lie where copies are being made. */
const COPIES_AT_ONCE = 300;

/** Of a damaged trade, its index still tells when it was made and how it is called. */
const pastTrade = (item: Item): PastTrade => {
  const [, at = '0', ...tradeId] = String(item['lsi1sk']).split('#');
  return { at: Number.parseInt(at, 10), tradeId: tradeId.join('#'), trade: readOf(tradeEntity, item) };
};

/** In one request; each part is judged by itself. */
const accountRecords = async (table: Table, accountId: AccountId): Promise<AccountRecords> => {
  const keyOf = (sort: string) => ({ pk: accountId, sk: sort });
  const sorts = [
    SORT.profile,
    SORT.keyState,
    SORT.keyCheck,
    SORT.circuit,
    SORT.following,
    SORT.unjudged,
    SORT.reconciliation,
  ];
  const items = await attemptRead(() => table.getAll(`read what is known of ${accountId}`, sorts.map(keyOf)));
  const part = <T extends object>(entity: Entity<T>, sort: string): Read<T | undefined> => {
    if (!items.readable) return items;
    const item = items.value.get(placeOf(keyOf(sort)));
    return item === undefined ? { readable: true, value: undefined } : readOf(entity, item);
  };
  return {
    profile: part(accountEntity, SORT.profile),
    keyState: part(keyStateEntity, SORT.keyState),
    attestation: part(attestationEntity, SORT.keyCheck),
    circuit: part(circuitEntity, SORT.circuit),
    following: part(followingEntity, SORT.following),
    unjudged: part(unjudgedEntity, SORT.unjudged),
    reconciliation: part(progressEntity, SORT.reconciliation),
  };
};
