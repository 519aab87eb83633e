import type { Connection } from '../account/connect.ts';
import { ExchangeError, type PrivateSession } from '../exchange/exchange.ts';
import { type Clock, SECOND } from '../time/clock.ts';

/** Within it Kraken's slowest counter has forgotten what one call costs. */
const PAUSE_MS = 4 * SECOND;
/** Of all pauses of one session together. */
const MOST_MS = 120 * SECOND;

/**
 * The connection's session, but where the exchange says that the key asks too often, it waits and asks again,
 * and keeps the key meanwhile: an exit of many symbols needs more calls than a key has at once. `place` is as
 * it was.
 */
export const patientSession = ({ session, lease }: Connection, clock: Clock): PrivateSession => {
  let waited = 0;
  const patiently = async <T>(call: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        const passes = error instanceof ExchangeError && error.code === 'RATE_LIMITED';
        if (!passes || waited >= MOST_MS) throw error;
        waited += PAUSE_MS;
        await clock.sleep(PAUSE_MS);
        await lease.renew();
      }
    }
  };
  return {
    ...session,
    balances: () => patiently(() => session.balances()),
    findByClientOrderId: (id, since) => patiently(() => session.findByClientOrderId(id, since)),
    order: (id) => patiently(() => session.order(id)),
    orders: (ids) => patiently(() => session.orders(ids)),
    fillsOf: (order) => patiently(() => session.fillsOf(order)),
    openOrders: () => patiently(() => session.openOrders()),
    cancel: (id) => patiently(() => session.cancel(id)),
  };
};
