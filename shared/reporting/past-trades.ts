import type { AccountId } from '../account/account.ts';
import { attemptRead, type Read } from '../ledger/read.ts';
import type { Instant } from '../time/clock.ts';
import { eachOf } from './at-once.ts';
import type { PastTrade, ReportingPorts, TradePlace } from './ports.ts';

export interface MastersTrade extends PastTrade {
  readonly masterId: AccountId;
}

export interface TradesAsked {
  readonly from: Instant;
  readonly to: Instant;
  readonly before?: TradePlace;
  readonly limit: number;
}

export interface TradesFound {
  /** Newest first. */
  readonly trades: readonly MastersTrade[];
  /** Whether there are older ones within what was asked for. */
  readonly more: boolean;
  readonly failing: readonly { readonly accountId: AccountId; readonly why: string }[];
}

/** Trades of some masters together, newest first. Never throws: a master that cannot be read is named. */
export const pastTrades = async (
  masterIds: readonly AccountId[],
  { limit, ...range }: TradesAsked,
  { ledger }: Pick<ReportingPorts, 'ledger'>,
): Promise<TradesFound> => {
  const reads = await eachOf(masterIds, async (masterId) => ({
    masterId,
    // One more than is shown: whether there are older ones is known then.
    read: await attemptRead(() => ledger.history.trades(masterId, range, limit + 1)),
  }));
  const all = reads
    .flatMap(({ masterId, read }) => tradesIn(read).map((trade) => ({ ...trade, masterId })))
    .sort((a, b) => b.at - a.at || compare(b.tradeId, a.tradeId));
  const failing = reads.flatMap(({ masterId, read }) =>
    read.readable ? [] : [{ accountId: masterId, why: read.why }],
  );
  return { trades: all.slice(0, limit), more: all.length > limit, failing };
};

const tradesIn = (read: Read<readonly PastTrade[]>): readonly PastTrade[] =>
  read.readable ? read.value : [];

/** As the table sorts: by bytes, not by language. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
