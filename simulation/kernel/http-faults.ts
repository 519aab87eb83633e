import { TransportFailure, type TransportFailureKind } from '../../shared/exchange/kraken/transport.ts';
import { type Fault, killedAfter, killedBefore, type Profile, slow } from './faults.ts';

/** How often what befalls requests to an exchange, on the way; what the exchange itself does wrong is its own. */
export interface HttpRates {
  readonly neverOpened: number;
  /** Each: reset before the exchange acts, reset after. */
  readonly reset: number;
  /** Each: the exchange never gets it, or its answer never comes. The caller gives up by its own time limit. */
  readonly silent: number;
  readonly slow: number;
  readonly killed: number;
}

const failure = (kind: TransportFailureKind, message: string) => (): Error =>
  new TransportFailure(kind, message);
const broke = failure('BROKEN', 'the connection broke (ECONNRESET)');
const stale = failure('STALE', 'the connection broke (ECONNRESET)');

/** Longer than any caller waits. */
const FOREVER_MS = { from: 3_600_000, to: 3_600_000 };

export const httpProfile = (rates: HttpRates): Profile => ({
  latencyMs: { from: 15, to: 90 },
  faults: [
    fault('never opened', rates.neverOpened, {
      acts: 0,
      ends: failure('NEVER_OPENED', 'the connection failed (ECONNREFUSED)'),
    }),
    fault('reset before', rates.reset / 2, { acts: 0, ends: broke }),
    fault('stale before', rates.reset / 2, { acts: 0, ends: stale }),
    fault('reset after', rates.reset / 2, { acts: 1, ends: broke }),
    fault('stale after', rates.reset / 2, { acts: 1, ends: stale }),
    fault('lost request', rates.silent, { acts: 0, ends: 'answer' }),
    fault('lost answer', rates.silent, { acts: 1, ends: 'answer', afterMs: FOREVER_MS }),
    slow(rates.slow, { from: 500, to: 12_000 }),
    killedBefore(rates.killed),
    killedAfter(rates.killed),
  ],
});

const fault = (name: string, probability: number, does: Omit<Fault, 'name' | 'probability'>): Fault => ({
  name,
  probability,
  ...does,
});
