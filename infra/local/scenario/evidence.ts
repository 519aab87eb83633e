import type { AccountId } from '../../../shared/account/account.ts';
import type { Copy } from '../../../shared/copying/copy.ts';
import { clientOrderIdOf } from '../../../shared/order/order.ts';
import type { BookedOrder, Books } from '../kraken/books.ts';
import { type Decimal, ZERO } from '../kraken/decimal.ts';
import type { CheckRound, CheckRun } from './check-record.ts';
import type { Collected } from './collect.ts';
import type { HaltPhase } from './halt-phase.ts';
import type { MarketPhase } from './market-phase.ts';
import type { OutagePhase } from './outage-phase.ts';
import type { Registered, RegisterPhase } from './register-phase.ts';

/** All that a run has left behind. */
export interface Evidence {
  /** The exchange's own record of everybody. */
  readonly books: Books;
  readonly registered: RegisterPhase;
  readonly market: MarketPhase;
  readonly halt: HaltPhase;
  readonly outage: OutagePhase;
  readonly checks: {
    /** In the order in which they ended. */
    readonly runs: readonly CheckRun[];
    readonly rounds: readonly CheckRound[];
    /** While the master lived; in the outage it is a quarter of an hour. */
    readonly everyMs: number;
  };
  readonly collected: Collected;
  /** Where no secret may stand: logs, queues, state files, the report. */
  readonly texts: readonly SearchedText[];
  readonly deadLetters: number;
}

export interface SearchedText {
  readonly name: string;
  readonly text: string;
}

/** Orders at the exchange that no person placed by hand. */
export const placedByNija = ({ books, halt }: Pick<Evidence, 'books' | 'halt'>): readonly BookedOrder[] =>
  books.orders().filter(({ apiKey }) => apiKey !== halt.ownerKey);

export const followersOf = ({ registered }: Evidence): readonly Registered[] =>
  registered.accounts.filter(({ registration }) => registration['follows'] !== undefined);

/** Finds a copy's order at the exchange by the id that its cause makes, without asking the ledger. */
export const copyOrders = (
  evidence: Evidence,
): ((accountId: AccountId, tradeId: string) => BookedOrder | undefined) => {
  const orderWith = ordersById(evidence);
  return (accountId, tradeId) => orderWith(accountId, clientOrderIdOf({ kind: 'copy', accountId, tradeId }));
};

/** The same for what was sold later because a copy had failed to sell it: one order for each round. */
export const owedOrders = (
  evidence: Evidence,
): ((accountId: AccountId, tradeId: string) => readonly BookedOrder[]) => {
  const orderWith = ordersById(evidence);
  return (accountId, tradeId) =>
    Array.from({ length: MOST_ROUNDS }, (_, index) =>
      orderWith(accountId, clientOrderIdOf({ kind: 'owed', accountId, tradeId, round: index + 1 })),
    ).filter((order) => order !== undefined);
};

const MOST_ROUNDS = 5;

/** What the exchange filled for a copy, at once and later. */
export const soldFor = (evidence: Evidence): ((accountId: AccountId, tradeId: string) => Decimal) => {
  const orderOf = copyOrders(evidence);
  const owedOf = owedOrders(evidence);
  return (accountId, tradeId) =>
    [orderOf(accountId, tradeId), ...owedOf(accountId, tradeId)].reduce(
      (sum, order) => sum.plus(order?.filled ?? 0),
      ZERO,
    );
};

/** A SELL that failed, and was sold since. */
export const isMadeGood = ({ trade, owed }: Copy): boolean =>
  trade.side === 'SELL' && owed?.madeGood?.by === 'SOLD';

const ordersById = (evidence: Evidence) => {
  const byOwnerAndId = new Map(
    placedByNija(evidence).map((order) => [`${order.accountId} ${order.clientOrderId}`, order]),
  );
  return (accountId: AccountId, clientOrderId: string): BookedOrder | undefined =>
    byOwnerAndId.get(`${accountId} ${clientOrderId}`);
};
