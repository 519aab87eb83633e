import type { Read } from '../ledger/read.ts';
import { ConcurrentChange } from '../order/order.ts';
import { type Instant, iso } from '../time/clock.ts';
import { type Circuit, FAILURES_TO_OPEN, pauseMs, versionAfter } from './circuit.ts';
import type { CircuitPorts } from './circuit-feed.ts';

/** What a BUY may do. PROBE: it is the one that tries, once it has saved `claim`. */
export type Passage =
  | { readonly may: 'PASS' }
  | { readonly may: 'PROBE'; readonly claim: Circuit }
  | { readonly may: 'WAIT'; readonly why: string };

/** Never asked for a SELL. @param read what cannot be read stops a BUY */
export const passageOf = (read: Read<Circuit | undefined>, now: Instant): Passage => {
  if (!read.readable)
    return { may: 'WAIT', why: `how its exchange has been answering could not be read: ${read.why}` };
  const circuit = read.value;
  if (circuit === undefined || circuit.state === 'CLOSED') return { may: 'PASS' };
  if (now < circuit.until) {
    return {
      may: 'WAIT',
      why: `the exchange failed ${FAILURES_TO_OPEN} times in a row or more, last with ${circuit.lastFailure}; the next BUY after ${iso(circuit.until)} tries again`,
    };
  }
  const until = now + pauseMs(circuit.openings);
  return {
    may: 'PROBE',
    claim: { ...circuit, state: 'PROBING', until, version: versionAfter(circuit) },
  };
};

/**
 * Of all BUYs of an account that wait for a failing exchange, one tries.
 *
 * @returns why this one may not
 */
export const claimProbe = async (
  passage: Passage,
  { ledger, log }: Pick<CircuitPorts, 'ledger' | 'log'>,
): Promise<string | undefined> => {
  if (passage.may === 'PASS') return undefined;
  if (passage.may === 'WAIT') return passage.why;
  try {
    await ledger.circuits.save(passage.claim);
  } catch (error) {
    if (!(error instanceof ConcurrentChange)) throw error;
    return 'another BUY tries at this moment whether its exchange answers again';
  }
  log.info('a BUY tries whether the exchange answers again', { account: passage.claim.accountId });
  return undefined;
};
