import type { AccountStore } from '../../shared/account/stores.ts';
import type { CopyStore } from '../../shared/copying/copy.ts';
import type { CopyMessageQueue } from '../../shared/copying/copy-message.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import type { Log, Meter } from '../../shared/telemetry/telemetry.ts';
import type { Clock } from '../../shared/time/clock.ts';

export interface TradeCopierPorts {
  readonly accounts: Pick<AccountStore, 'followersOf'>;
  readonly copies: Pick<CopyStore, 'create'>;
  readonly queue: CopyMessageQueue;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

/** Rows written at once. */
const WRITES_AT_ONCE = 32;

/**
 * Writes one COPY row for each follower of a trade, then sends its message. A second delivery of the same
 * trade finds the rows and sends the messages again: a crash between the two loses nothing, and a worker
 * leaves a finished copy alone.
 *
 * @throws LedgerError, QueueError: deliver the trade again, and no later one before it
 */
export const fanOut = async (
  trade: Trade,
  ports: TradeCopierPorts,
): Promise<{ readonly followers: number; readonly created: number }> => {
  let followers = 0;
  let created = 0;
  for await (const page of ports.accounts.followersOf(trade.masterId)) {
    for (let from = 0; from < page.length; from += WRITES_AT_ONCE) {
      const slice = page.slice(from, from + WRITES_AT_ONCE);
      const at = ports.clock.now();
      const written = await Promise.all(
        slice.map((accountId) => ports.copies.create({ accountId, trade, createdAt: at })),
      );
      created += written.filter(Boolean).length;
    }
    await ports.queue.send(
      page.map((accountId) => ({ accountId, masterId: trade.masterId, tradeId: trade.tradeId })),
    );
    followers += page.length;
  }
  ports.log.info('trade fanned out', {
    trade: trade.tradeId,
    master: trade.masterId,
    symbol: trade.symbol,
    side: trade.side,
    followers,
    created,
  });
  ports.meter.count('TradePublished', { trade: trade.tradeId });
  return { followers, created };
};
