import type { AccountId } from '../account/account.ts';
import { attemptRead } from '../ledger/read.ts';
import { ConcurrentChange } from '../order/order.ts';
import type { Log, Meter } from '../telemetry/telemetry.ts';
import { type Clock, iso } from '../time/clock.ts';
import { afterFailure, afterSuccess, type Circuit, type CircuitStore } from './circuit.ts';
import { ANSWERS, type Heard } from './hearing.ts';

export interface CircuitPorts {
  readonly ledger: { readonly circuits: CircuitStore };
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

/**
 * Notes how a connection of an account with its exchange ended. Never throws: it must hide neither a result nor a
 * failure. Costs a read, and a write only where it changes something.
 *
 * @param heard the failure of the exchange, or that it answers
 */
export const noteHeard = async (
  accountId: AccountId,
  heard: Heard,
  { ledger, ...ports }: CircuitPorts,
): Promise<void> => {
  const { clock, log, meter } = ports;
  const now = clock.now();
  const change = (before: Circuit | undefined): Circuit | undefined =>
    heard === ANSWERS ? afterSuccess(before) : afterFailure(before, accountId, heard, now);
  const noted = await attemptRead(() => feed(accountId, change, ledger.circuits));
  if (!noted.readable) {
    log.warn('how an exchange answers was not noted', { account: accountId, why: noted.why });
    return;
  }
  const { before, after } = noted.value;
  if (heard === ANSWERS) {
    if (after !== before) log.info('the exchange answers an account again', { account: accountId });
    return;
  }
  if (after?.state !== 'OPEN') return;
  const { openings, until } = after;
  const fields = { account: accountId, code: heard, openings, until: iso(until) };
  if (before === undefined || before.state === 'CLOSED') {
    log.warn('BUYs of an account pause: its exchange keeps failing', fields);
    meter.count('CircuitOpened', fields);
  } else {
    log.warn('BUYs of an account still pause: its exchange goes on failing', fields);
    meter.count('CircuitStaysOpen', fields);
  }
};

const ATTEMPTS = 3;

interface Fed {
  readonly before: Circuit | undefined;
  /** The same where nothing was to be changed, and nothing was written. */
  readonly after: Circuit | undefined;
}

const feed = async (
  accountId: AccountId,
  change: (before: Circuit | undefined) => Circuit | undefined,
  circuits: CircuitStore,
): Promise<Fed> => {
  for (let attempt = 1; ; attempt += 1) {
    const before = await circuits.get(accountId);
    const next = change(before);
    if (next === undefined) return { before, after: before };
    try {
      await circuits.save(next);
      return { before, after: next };
    } catch (error) {
      if (!(error instanceof ConcurrentChange) || attempt === ATTEMPTS) throw error;
    }
  }
};
