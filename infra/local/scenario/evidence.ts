import type { AccountId } from '../../../shared/account/account.ts';
import { clientOrderIdOf } from '../../../shared/order/order.ts';
import type { BookedOrder, Books } from '../kraken/books.ts';
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
export const placedByNija = ({ books, halt }: Evidence): readonly BookedOrder[] =>
  books.orders().filter(({ apiKey }) => apiKey !== halt.ownerKey);

export const followersOf = ({ registered }: Evidence): readonly Registered[] =>
  registered.accounts.filter(({ registration }) => registration['follows'] !== undefined);

/** Finds a copy's order at the exchange by the id that its cause makes, without asking the ledger. */
export const copyOrders = (
  evidence: Evidence,
): ((accountId: AccountId, tradeId: string) => BookedOrder | undefined) => {
  const byOwnerAndId = new Map(
    placedByNija(evidence).map((order) => [`${order.accountId} ${order.clientOrderId}`, order]),
  );
  return (accountId, tradeId) =>
    byOwnerAndId.get(`${accountId} ${clientOrderIdOf({ kind: 'copy', accountId, tradeId })}`);
};
