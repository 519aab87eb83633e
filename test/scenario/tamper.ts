import type { BookedOrder } from '../../infra/local/kraken/books.ts';
import { SLOW, STAYER } from '../../infra/local/scenario/cast.ts';
import type { LedgerView } from '../../infra/local/scenario/collect.ts';
import { copyOrders, type Evidence } from '../../infra/local/scenario/evidence.ts';
import type { Copy } from '../../shared/copying/copy.ts';

/** One lie about a run, and the guarantee that must be seen not to hold then. */
export interface Tampering {
  readonly check: string;
  readonly what: string;
  readonly tamper: (evidence: Evidence) => Evidence;
  /** What the evidence must name. */
  readonly names: RegExp;
}

export const found = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new Error(`the run has no ${what} to tamper with`);
  return value;
};

export const withBooks = (evidence: Evidence, books: Partial<Evidence['books']>): Evidence => ({
  ...evidence,
  books: { ...evidence.books, ...books },
});
export const withOrders = (
  evidence: Evidence,
  change: (orders: readonly BookedOrder[]) => readonly BookedOrder[],
) => withBooks(evidence, { orders: () => change(evidence.books.orders()) });
export const withOutage = (evidence: Evidence, outage: Partial<Evidence['outage']>): Evidence => ({
  ...evidence,
  outage: { ...evidence.outage, ...outage },
});
export const withMarket = (evidence: Evidence, market: Partial<Evidence['market']>): Evidence => ({
  ...evidence,
  market: { ...evidence.market, ...market },
});
export const withView = (
  evidence: Evidence,
  accountId: string,
  change: (view: LedgerView) => LedgerView,
): Evidence => ({
  ...evidence,
  collected: {
    ...evidence.collected,
    accounts: evidence.collected.accounts.map((view) => (view.accountId === accountId ? change(view) : view)),
  },
});
export const withCopies = (evidence: Evidence, change: (copy: Copy) => readonly Copy[]): Evidence => ({
  ...evidence,
  collected: {
    ...evidence.collected,
    accounts: evidence.collected.accounts.map((view) => ({ ...view, copies: view.copies.flatMap(change) })),
  },
});
export const withRefusal = (
  evidence: Evidence,
  refusals: Partial<Evidence['registered']['refusals']>,
): Evidence => ({
  ...evidence,
  registered: { ...evidence.registered, refusals: { ...evidence.registered.refusals, ...refusals } },
});
export const withAnswer = (
  evidence: Evidence,
  accountId: string,
  change: Readonly<Record<string, unknown>>,
) =>
  withOutage(evidence, {
    balances: evidence.outage.balances.map((answer) =>
      answer.accountId === accountId ? { ...answer, ...change } : answer,
    ),
  });
export const withText = (evidence: Evidence, text: string): Evidence => ({
  ...evidence,
  texts: [...evidence.texts, { name: 'a log', text: `{"message":"sent ${text} to the exchange"}` }],
});

/** The stayer's copy of a SELL that was sold, with its order. */
export const soldCopy = (evidence: Evidence) => {
  const orderOf = copyOrders(evidence);
  const copies = evidence.collected.accounts.find(({ accountId }) => accountId === STAYER)?.copies ?? [];
  const copy = found(
    copies.find(({ trade, outcome }) => trade.side === 'SELL' && outcome?.state === 'FILLED'),
    'SELL that was copied',
  );
  return { copy, order: found(orderOf(STAYER, copy.trade.tradeId), 'order of a SELL') };
};
export const isOf = (copy: Copy) => (other: Copy) =>
  other.accountId === copy.accountId && other.trade.tradeId === copy.trade.tradeId;
/** The exchange has no such order, and the copy gives a reason of ours. */
export const unsold = (evidence: Evidence, reason: 'NO_POSITION' | 'BELOW_MINIMUM'): Evidence => {
  const { copy, order } = soldCopy(evidence);
  const same = isOf(copy);
  return withCopies(
    withOrders(evidence, (orders) => orders.filter(({ orderId }) => orderId !== order.orderId)),
    (other) => [
      same(other) ? { ...other, outcome: { state: 'SKIPPED', reason, detail: 'so we say' } } : other,
    ],
  );
};
export const slowTrade = (evidence: Evidence) => {
  const slow = found(
    evidence.collected.accounts
      .find(({ accountId }) => accountId === SLOW)
      ?.copies.reduce((longest, copy) =>
        (copy.finishedAt ?? 0) - copy.createdAt > (longest.finishedAt ?? 0) - longest.createdAt
          ? copy
          : longest,
      ),
    'copy that took long',
  );
  return { tradeId: slow.trade.tradeId, until: slow.finishedAt ?? 0 };
};
export const answerOf = ({ outage }: Evidence, id: string) =>
  found(
    outage.balances.find(({ accountId }) => accountId === id),
    `balance of ${id}`,
  );
