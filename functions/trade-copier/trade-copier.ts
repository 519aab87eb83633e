import type { AccountId } from '../../shared/account/account.ts';
import type { AccountStore } from '../../shared/account/stores.ts';
import type { CopyStore } from '../../shared/copying/copy.ts';
import type { CopyMessageQueue } from '../../shared/copying/copy-message.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import type { Log } from '../../shared/telemetry/telemetry.ts';
import type { Clock } from '../../shared/time/clock.ts';

export interface TradeCopierPorts {
  readonly accounts: Pick<AccountStore, 'followersOf'>;
  readonly copies: Pick<CopyStore, 'create' | 'progress'>;
  readonly queue: CopyMessageQueue;
  readonly clock: Clock;
  readonly log: Log;
}

/** What became of a trade's followers. */
export interface FanOut {
  /** Who followed the master when it traded. */
  readonly followers: number;
  /** Rows that were not there; they are now, unless it was only looked. */
  readonly missing: number;
  /** Rows that were there, without an outcome. */
  readonly unfinished: number;
  /** Messages: to those whose copy has not ended. */
  readonly sent: number;
}

/** Time ran out. Followers served so far have their rows and messages; the next try goes past them quickly. */
export class FanOutUnfinished extends Error {
  override readonly name = 'FanOutUnfinished';
}

/** Followers served at once: the first are served while the last still wait, and a batch read takes as many. */
const SLICE = 100;

/**
 * Writes one COPY row for each follower of a trade, then sends its message; who began to follow after the
 * trade is left out. Doing it again finds the rows and sends again what has not ended: a crash between row
 * and message loses nothing, and a worker leaves a finished copy alone.
 *
 * @param mayGoOn asked before every hundred followers
 * @throws LedgerError, QueueError, FanOutUnfinished: deliver the trade again, and no later one before it
 */
export const fanOut = async (
  trade: Trade,
  ports: TradeCopierPorts,
  mayGoOn: () => boolean = () => true,
): Promise<FanOut> => {
  const total = await overFollowers(trade, ports, mayGoOn, async (slice) => await serve(slice, trade, ports));
  ports.log.info('trade fanned out', {
    trade: trade.tradeId,
    master: trade.masterId,
    symbol: trade.symbol,
    side: trade.side,
    ...total,
  });
  return total;
};

/** What `fanOut` would find; writes and sends nothing. @throws LedgerError, FanOutUnfinished */
export const lookAtFanOut = async (
  trade: Trade,
  ports: TradeCopierPorts,
  mayGoOn: () => boolean,
): Promise<FanOut> =>
  await overFollowers(trade, ports, mayGoOn, async (slice) => {
    const { missing, unfinished } = await standing(slice, trade, ports);
    return { followers: slice.length, missing: missing.length, unfinished: unfinished.length, sent: 0 };
  });

const overFollowers = async (
  trade: Trade,
  { accounts }: TradeCopierPorts,
  mayGoOn: () => boolean,
  each: (slice: readonly AccountId[]) => Promise<FanOut>,
): Promise<FanOut> => {
  let total: FanOut = { followers: 0, missing: 0, unfinished: 0, sent: 0 };
  for await (const page of accounts.followersOf(trade.masterId, trade.at)) {
    for (let from = 0; from < page.length; from += SLICE) {
      if (!mayGoOn()) {
        throw new FanOutUnfinished(
          `the time for trade ${trade.tradeId} of ${trade.masterId} ended after ${total.followers} followers; the next try goes on behind them`,
        );
      }
      const part = await each(page.slice(from, from + SLICE));
      total = {
        followers: total.followers + part.followers,
        missing: total.missing + part.missing,
        unfinished: total.unfinished + part.unfinished,
        sent: total.sent + part.sent,
      };
    }
  }
  return total;
};

const serve = async (slice: readonly AccountId[], trade: Trade, ports: TradeCopierPorts): Promise<FanOut> => {
  const createdAt = ports.clock.now();
  const create = async (accountId: AccountId): Promise<boolean> =>
    await ports.copies.create({ accountId, trade, createdAt });
  // A row that is there tells that the trade comes again; then one read saves up to a hundred writes.
  const [first, ...others] = slice;
  const again = first !== undefined && !(await create(first));
  const { missing, unfinished } = again
    ? await standing(slice, trade, ports)
    : { missing: others, unfinished: [] };
  await Promise.all(missing.map(create));
  const open = again ? [...missing, ...unfinished] : slice;
  await ports.queue.send(
    open.map((accountId) => ({ accountId, masterId: trade.masterId, tradeId: trade.tradeId })),
  );
  return {
    followers: slice.length,
    missing: again ? missing.length : slice.length,
    unfinished: unfinished.length,
    sent: open.length,
  };
};

const standing = async (
  slice: readonly AccountId[],
  { tradeId }: Trade,
  { copies }: TradeCopierPorts,
): Promise<{ readonly missing: readonly AccountId[]; readonly unfinished: readonly AccountId[] }> => {
  const progress = await copies.progress(tradeId, slice);
  return {
    missing: slice.filter((accountId) => !progress.has(accountId)),
    unfinished: slice.filter((accountId) => progress.get(accountId) === 'OPEN'),
  };
};
