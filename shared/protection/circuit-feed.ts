import type { AccountId } from '../account/account.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { ConcurrentChange } from '../order/order.ts';
import type { Log, Meter } from '../telemetry/telemetry.ts';
import type { Clock } from '../time/clock.ts';
import {
  afterFailure,
  afterSuccess,
  type Circuit,
  type CircuitStore,
  exchangeFailureOf,
  type Passage,
} from './circuit.ts';

export interface CircuitPorts {
  readonly circuits: CircuitStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

/** The same exchange; `answered` is called for each balance that it gave. */
export const hearing = (exchange: Exchange, answered: () => void): Exchange => ({
  ...exchange,
  session: (input) => {
    const session = exchange.session(input);
    return {
      ...session,
      balances: async () => {
        const balances = await session.balances();
        answered();
        return balances;
      },
    };
  },
});

/**
 * Of all BUYs of an account that wait for a failing exchange, one tries.
 *
 * @returns why this one may not
 */
export const claimProbe = async (
  passage: Passage,
  { circuits, log }: Pick<CircuitPorts, 'circuits' | 'log'>,
): Promise<string | undefined> => {
  if (passage.may === 'PASS') return undefined;
  if (passage.may === 'WAIT') return passage.why;
  try {
    await circuits.save(passage.claim);
  } catch (error) {
    if (!(error instanceof ConcurrentChange)) throw error;
    return 'another BUY tries at this moment whether its exchange answers again';
  }
  log.info('a BUY tries whether the exchange answers again', { account: passage.claim.accountId });
  return undefined;
};

/** Notes what failed where it was the exchange or the way to it. Never throws: it must not hide that failure. */
export const feedFailure = async (
  accountId: AccountId,
  error: unknown,
  ports: CircuitPorts,
): Promise<void> => {
  const code = exchangeFailureOf(error);
  if (code === undefined) return;
  const now = ports.clock.now();
  const next = await feed(accountId, (before) => afterFailure(before, accountId, code, now), ports);
  if (next?.state !== 'OPEN') return;
  const fields = { account: accountId, code, openings: next.openings, until: next.until };
  ports.log.warn('BUYs of an account pause: its exchange keeps failing', fields);
  ports.meter.count('CircuitOpened', fields);
};

/** Notes that the exchange answers. Costs a read: to be called only where it failed before. Never throws. */
export const feedSuccess = async (accountId: AccountId, ports: CircuitPorts): Promise<void> => {
  const next = await feed(accountId, afterSuccess, ports);
  if (next !== undefined) ports.log.info('the exchange answers an account again', { account: accountId });
};

const ATTEMPTS = 3;

/** @returns what was written, if anything */
const feed = async (
  accountId: AccountId,
  change: (before: Circuit | undefined) => Circuit | undefined,
  { circuits, log }: CircuitPorts,
): Promise<Circuit | undefined> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const next = change(await circuits.get(accountId));
      if (next !== undefined) await circuits.save(next);
      return next;
    } catch (error) {
      if (error instanceof ConcurrentChange && attempt < ATTEMPTS) continue;
      const why = error instanceof Error ? error.message : String(error);
      log.warn('how an exchange answers was not noted', { account: accountId, why });
      return undefined;
    }
  }
};
