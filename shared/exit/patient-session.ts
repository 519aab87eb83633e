import type { Connection } from '../account/connect.ts';
import { ExchangeError, type Patience, type PrivateSession } from '../exchange/exchange.ts';
import { type Clock, SECOND } from '../time/clock.ts';

/** Within it Kraken's slowest counter has forgotten what one call costs. */
const PAUSE_MS = 4 * SECOND;
/** Of all pauses of what goes on by itself: the next check or tick tries again. */
export const UNATTENDED_MS = 20 * SECOND;

/**
 * Where the exchange says that it is asked too often, waits and asks again. The key is kept before each call and
 * through each pause: LeaseLost comes through, also where an exit waits for it.
 *
 * @param mostMs of all pauses together
 */
export const patience = (
  { lease, keep }: Pick<Connection, 'lease' | 'keep'>,
  clock: Clock,
  mostMs: number,
): Patience => {
  let left = mostMs;
  return async (call) => {
    for (;;) {
      await keep();
      try {
        return await call();
      } catch (error) {
        const passes = error instanceof ExchangeError && error.code === 'RATE_LIMITED';
        if (!passes || left < PAUSE_MS) throw error;
        left -= PAUSE_MS;
        // Before, too: the call itself may have taken most of what the lease had left.
        await lease.renew();
        await clock.sleep(PAUSE_MS);
        await lease.renew();
      }
    }
  };
};

/**
 * A session whose calls are made with patience: many symbols need more calls than a key has at once. `place` is as
 * it was.
 */
export const withPatience = (session: PrivateSession, patiently: Patience): PrivateSession => ({
  ...session,
  balances: () => patiently(() => session.balances()),
  findByClientOrderId: (id, since) => session.findByClientOrderId(id, since, patiently),
  order: (id) => patiently(() => session.order(id)),
  orders: (ids) => session.orders(ids, patiently),
  fillsOf: (order) => session.fillsOf(order, patiently),
  fillsSince: (since, reading) => session.fillsSince(since, { ...reading, patiently }),
  openOrders: () => patiently(() => session.openOrders()),
  cancel: (id) => patiently(() => session.cancel(id)),
  takerFee: (market) => patiently(() => session.takerFee(market)),
  keyInfo: () => patiently(() => session.keyInfo()),
});

/** The same connection; its session has so much patience for all its calls together. */
export const patientConnection = (connection: Connection, clock: Clock, mostMs: number): Connection => ({
  ...connection,
  session: withPatience(connection.session, patience(connection, clock, mostMs)),
});
