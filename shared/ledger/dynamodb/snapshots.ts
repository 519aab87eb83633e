import * as z from 'zod';
import { type AccountId, zAccountId } from '../../account/account.ts';
import { zQuantity, zQuote } from '../../money/schema.ts';
import { ConcurrentChange } from '../../order/order.ts';
import type { CurveSnapshot, EquitySnapshot, SnapshotStore } from '../../snapshot/snapshot.ts';
import { DAY, type Instant, SECOND } from '../../time/clock.ts';
import { type Entity, fromItem, type Item, type Key, toItem } from './entity.ts';
import { SORT } from './keys.ts';
import { riskWrite, zHolding } from './risk.ts';
import { LEDGER_EXPIRY } from './table.ts';
import { ConditionFailed, type Query, StillContended, type Table } from './table-access.ts';
import { ABSENT } from './writes.ts';

/** More than a year: a curve can be compared with the same month of the last. */
const KEPT_MS = 400 * DAY;
/** Later than any snapshot, and its text still has fifteen digits. */
const NEVER = 999_999_999_999_999;

const snapshotKey = (accountId: AccountId, at: Instant): Key => ({ pk: accountId, sk: SORT.equity(at) });

const zSnapshot = z.object({
  accountId: zAccountId,
  at: z.number(),
  cash: zQuote,
  held: zQuote,
  equity: zQuote,
  holdings: z.array(zHolding),
  flows: z.array(
    z.object({
      kind: z.enum(['DEPOSIT', 'WITHDRAWAL']),
      asset: z.string().min(1),
      amount: zQuantity,
      value: zQuote.exactOptional(),
    }),
  ),
  flow: zQuote,
  paidIn: zQuote,
  counted: z.array(z.object({ fillId: z.string().min(1), at: z.number() })),
  countedFrom: z.number(),
  unknownSince: z.number().exactOptional(),
});

export const snapshotEntity: Entity<EquitySnapshot> = {
  kind: 'EQUITY',
  schema: zSnapshot,
  key: ({ accountId, at }) => snapshotKey(accountId, at),
};

const CURVE_FIELDS = {
  accountId: true,
  at: true,
  cash: true,
  held: true,
  equity: true,
  flows: true,
  flow: true,
  paidIn: true,
  unknownSince: true,
} as const satisfies Partial<Record<keyof EquitySnapshot, true>>;

/** A snapshot without what it was measured by: holdings and counted executions are most of its bytes. */
const curveEntity: Entity<CurveSnapshot> = {
  kind: snapshotEntity.kind,
  schema: zSnapshot.pick(CURVE_FIELDS),
  key: ({ accountId, at }) => snapshotKey(accountId, at),
};
const CURVE_ATTRIBUTES = ['pk', 'sk', 'kind', ...Object.keys(CURVE_FIELDS)];

const itemOf = (snapshot: EquitySnapshot): Item => ({
  ...toItem(snapshotEntity, snapshot),
  [LEDGER_EXPIRY]: Math.floor((snapshot.at + KEPT_MS) / SECOND),
});

const between = (accountId: AccountId, from: Instant, to: Instant): Query => ({
  what: `list the snapshots of ${accountId}`,
  where: {
    expression: '#pk = :account AND #sk BETWEEN :first AND :last',
    values: {
      account: accountId,
      first: SORT.equity(Math.max(from, 0)),
      last: SORT.equity(Math.min(to, NEVER)),
    },
  },
  consistent: true,
});

/** An account's equity curve between two moments, both included, oldest first, in pages; for who only looks. */
export const dynamoCurve = (table: Table) =>
  async function* (
    accountId: AccountId,
    from: Instant,
    to: Instant,
  ): AsyncGenerator<readonly CurveSnapshot[]> {
    if (to < from) return;
    for await (const page of table.pages({ ...between(accountId, from, to), only: CURVE_ATTRIBUTES }))
      yield page.map((item) => fromItem(curveEntity, item));
  };

export const dynamoSnapshots = (table: Table): SnapshotStore => {
  const one = async (query: Query): Promise<EquitySnapshot | undefined> => {
    for await (const [item] of table.pages({ ...query, pageSize: 1 }))
      if (item !== undefined) return fromItem(snapshotEntity, item);
    return undefined;
  };

  return {
    get: async (accountId, at) => {
      const item = await table.get(`read a snapshot of ${accountId}`, snapshotKey(accountId, at));
      return item === undefined ? undefined : fromItem(snapshotEntity, item);
    },
    list: async function* (accountId, from, to) {
      if (to < from) return;
      for await (const page of table.pages(between(accountId, from, to)))
        yield page.map((item) => fromItem(snapshotEntity, item));
    },
    lastUntil: async (accountId, at) =>
      at < 0 ? undefined : await one({ ...between(accountId, 0, at), newestFirst: true }),
    firstFrom: async (accountId, at) => await one(between(accountId, at, NEVER)),
    record: async (snapshot, risk) => {
      const { accountId, at } = snapshot;
      try {
        await table.transact(`record a snapshot of ${accountId}`, [
          {
            type: 'put',
            what: `the snapshot ${at} of ${accountId}`,
            item: itemOf(snapshot),
            condition: ABSENT,
          },
          riskWrite(risk),
        ]);
      } catch (error) {
        if (!(error instanceof ConditionFailed || error instanceof StillContended)) throw error;
        throw new ConcurrentChange(
          `a snapshot of ${accountId} was not recorded: ${error.message}. Read again and recompute`,
          { cause: error },
        );
      }
    },
  };
};
