import * as z from 'zod';
import type { AccountStore } from '../../shared/account/stores.ts';
import { type CheckQueue, type Unsent, zCheckSlot } from '../../shared/check/check-message.ts';
import type { Log, Meter } from '../../shared/telemetry/telemetry.ts';
import { type Clock, iso } from '../../shared/time/clock.ts';

/** What the schedule sends; by hand without a slot, which then is now. */
export const zDispatchInput = z.strictObject({ slot: zCheckSlot.optional() });
export type DispatchInput = z.infer<typeof zDispatchInput>;

export interface CheckDispatcherPorts {
  readonly accounts: Pick<AccountStore, 'list'>;
  readonly queue: CheckQueue;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

export interface Dispatch {
  readonly slot: string;
  readonly accounts: number;
}

/** Some accounts got no message, or time ran out. Running the same slot again sends nothing twice. */
export class DispatchFailed extends Error {
  override readonly name = 'DispatchFailed';
}

/** Accounts handed to the queue before the time is looked at again. */
const SLICE = 500;
/** Accounts named in an error. */
const NAMED = 5;

/**
 * Sends one message for each user's account, so that each is checked by itself.
 *
 * @param mayGoOn asked before every five hundred accounts
 * @throws DispatchFailed after all were tried; LedgerError when the accounts could not be listed
 */
export const dispatchChecks = async (
  input: DispatchInput,
  ports: CheckDispatcherPorts,
  mayGoOn: () => boolean,
): Promise<Dispatch> => {
  const { accounts, queue, clock, log, meter } = ports;
  const slot = input.slot ?? iso(clock.now());
  const unsent: Unsent[] = [];
  let tried = 0;
  for await (const page of accounts.list('user')) {
    for (let from = 0; from < page.length; from += SLICE) {
      if (!mayGoOn())
        throw new DispatchFailed(
          `the time for the checks of ${slot} ended after ${tried} accounts; the others are checked with the next slot`,
        );
      const slice = page.slice(from, from + SLICE);
      unsent.push(...(await queue.send(slice.map((accountId) => ({ accountId, slot })))));
      tried += slice.length;
    }
  }
  if (unsent.length > 0) throw new DispatchFailed(refusal(slot, tried, unsent));
  if (tried === 0) meter.count('NoAccountToCheck', { slot });
  log.info('checks dispatched', { slot, accounts: tried });
  return { slot, accounts: tried };
};

const refusal = (slot: string, tried: number, unsent: readonly Unsent[]): string => {
  const named = unsent.slice(0, NAMED).map(({ accountId, why }) => `${accountId}: ${why}`);
  const more = unsent.length > NAMED ? `, and ${unsent.length - NAMED} more` : '';
  return `the queue did not take the checks of ${unsent.length} of ${tried} accounts (${named.join(', ')}${more}); they are sent again with this slot's next run, or checked with the next slot (given slot '${slot}')`;
};
