import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXCHANGE_ERROR_CODES, ExchangeError } from '../../shared/exchange/exchange.ts';
import { OrderNotPlaced } from '../../shared/order/place-once.ts';
import { OrderInDoubt } from '../../shared/order/resume-order.ts';
import {
  afterFailure,
  afterSuccess,
  type Circuit,
  exchangeFailureOf,
  FAILURES_TO_OPEN,
  pauseMs,
} from '../../shared/protection/circuit.ts';
import { passageOf } from '../../shared/protection/circuit-passage.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { NOON } from '../copying/made.ts';

type Event = 'failure' | 'success' | 'buy';
/** What happens, and how long after what happened before. */
const histories = fc.array(
  fc.record({
    event: fc.constantFrom<Event>('failure', 'failure', 'failure', 'success', 'buy'),
    after: fc.integer({ min: 0, max: 20 * MINUTE }),
  }),
  { maxLength: 60 },
);

interface Step {
  readonly event: Event;
  readonly now: number;
  readonly before: Circuit | undefined;
  readonly after: Circuit | undefined;
}

/** Each event changes the circuit as the order path does; a BUY that may try claims it. */
const lived = (history: readonly { readonly event: Event; readonly after: number }[]): readonly Step[] => {
  let circuit: Circuit | undefined;
  let now = NOON;
  return history.map(({ event, after }) => {
    now += after;
    const before = circuit;
    if (event === 'failure') circuit = afterFailure(before, 'u-ann', 'TIMEOUT', now) ?? before;
    else if (event === 'success') circuit = afterSuccess(before) ?? before;
    else {
      const passage = passageOf({ readable: true, value: before }, now);
      if (passage.may === 'PROBE') circuit = passage.claim;
    }
    return { event, now, before, after: circuit };
  });
};

const may = (circuit: Circuit | undefined, now: number) =>
  passageOf({ readable: true, value: circuit }, now).may;

const failing = (times: number, now = NOON): Circuit | undefined =>
  Array.from({ length: times }).reduce<Circuit | undefined>(
    (before) => afterFailure(before, 'u-ann', 'UNAVAILABLE', now) ?? before,
    undefined,
  );

describe('a circuit', () => {
  it('is never open before so many failures in a row, and always with them', () => {
    fc.assert(
      fc.property(histories, (history) => {
        let inARow = 0;
        for (const { event, now, before, after } of lived(history)) {
          if (event === 'failure') inARow += 1;
          if (event === 'success') inARow = 0;
          if (inARow < FAILURES_TO_OPEN) expect(may(after, now)).toBe('PASS');
          else if (event === 'failure' && before?.state !== 'OPEN') expect(may(after, now)).toBe('WAIT');
        }
      }),
    );
  });

  it('is closed by one success, whatever happened before', () => {
    fc.assert(
      fc.property(histories, (history) => {
        for (const { event, now, after } of lived(history))
          if (event === 'success') expect(may(after, now)).toBe('PASS');
      }),
    );
  });

  it('never keeps BUYs waiting for longer than a quarter of an hour at once', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const last = lived(history).at(-1);
        if (last !== undefined) expect(may(last.after, last.now + 15 * MINUTE)).not.toBe('WAIT');
      }),
    );
  });

  it('lets one BUY try after the pause, and those beside it wait', () => {
    const open = failing(FAILURES_TO_OPEN);
    const until = NOON + pauseMs(1);

    expect(may(open, until - 1)).toBe('WAIT');
    const passage = passageOf({ readable: true, value: open }, until);
    expect(passage).toMatchObject({ may: 'PROBE', claim: { state: 'PROBING', version: 6 } });
    expect(passage.may === 'PROBE' && may(passage.claim, until)).toBe('WAIT');
  });

  it('opens for twice as long each time that a BUY tries in vain, up to a quarter of an hour', () => {
    const pauses: number[] = [];
    let circuit = failing(FAILURES_TO_OPEN);
    for (let opening = 0; opening < 6; opening += 1) {
      if (circuit === undefined || circuit.state === 'CLOSED') throw new Error('it closed by itself');
      const passage = passageOf({ readable: true, value: circuit }, circuit.until);
      if (passage.may !== 'PROBE') throw new Error('nobody may try');
      circuit = afterFailure(passage.claim, 'u-ann', 'TIMEOUT', circuit.until);
      if (circuit?.state === 'OPEN') pauses.push((circuit.until - NOON) / MINUTE);
    }

    // One after the other: the first minute, then 2, 4, 8, 15, 15, 15.
    expect(pauses).toEqual([3, 7, 15, 30, 45, 60]);
  });

  it('is not held open by what else fails while nobody tries', () => {
    expect(afterFailure(failing(FAILURES_TO_OPEN), 'u-ann', 'TIMEOUT', NOON + 30_000)).toBeUndefined();
  });

  it('needs no write while all is well', () => {
    expect(afterSuccess(undefined)).toBeUndefined();
    expect(afterSuccess({ accountId: 'u-ann', version: 3, state: 'CLOSED', failures: 0 })).toBeUndefined();
  });

  it('that cannot be read stops a BUY', () => {
    expect(passageOf({ readable: false, why: 'the table timed out' }, NOON)).toEqual({
      may: 'WAIT',
      why: 'how its exchange has been answering could not be read: the table timed out',
    });
  });
});

describe('a failure', () => {
  it('counts where it is the exchange’s or the network’s, and where it is an answer it does not', () => {
    const counting = EXCHANGE_ERROR_CODES.filter(
      (code) => exchangeFailureOf(new ExchangeError('kraken', code, 'said')) !== undefined,
    );

    expect(counting).toEqual(['TIMEOUT', 'UNREACHABLE', 'UNAVAILABLE', 'LOCKED_OUT', 'MALFORMED_ANSWER']);
    expect(exchangeFailureOf(new OrderNotPlaced('UNREACHABLE', 'no connection'))).toBe('UNREACHABLE');
    expect(exchangeFailureOf(new OrderNotPlaced('RATE_LIMITED', 'too many'))).toBeUndefined();
    expect(exchangeFailureOf(new OrderInDoubt('not to be seen yet'))).toBeUndefined();
    expect(exchangeFailureOf(new Error('ours'))).toBeUndefined();
  });
});

describe('a failure of the exchange', () => {
  it.each([undefined, null, 'TIMEOUT', { code: 'TIMEOUT' }])('is not what %j tells', (error) => {
    expect(exchangeFailureOf(error)).toBeUndefined();
  });
});
