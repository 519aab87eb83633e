import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type ChannelState,
  CLAIM_MS,
  claimed,
  gathered,
  MOST_ATTEMPTS,
  postponed,
  withoutPending,
} from '../../shared/notification/channel-state.ts';
import { NOTICE_KINDS, type Notice } from '../../shared/notification/notice.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { START } from '../ledger/examples.ts';

const step = fc.oneof(
  fc.record({
    does: fc.constant('tell' as const),
    kind: fc.constantFrom(...NOTICE_KINDS),
    count: fc.integer({ min: 1, max: 30 }),
  }),
  fc.record({ does: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40 * MINUTE }) }),
  fc.record({
    does: fc.constant('send' as const),
    end: fc.constantFrom('arrives', 'fails', 'dies', 'is-given-up'),
  }),
);

/** Plays a channel through and returns what was sent, when, and what is left. */
const played = (steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]) => {
  let state: ChannelState | undefined;
  let now = START;
  let told = 0;
  const sent: {
    readonly id: string;
    readonly at: number;
    readonly attempts: number;
    readonly kinds: readonly string[];
  }[] = [];
  const ended = new Map<string, number>();
  steps.forEach((one, index) => {
    if (one.does === 'wait') now += one.ms;
    else if (one.does === 'tell') {
      const notices = Array.from({ length: one.count }, (_, at): Notice => {
        const cause = `${index} ${at}`;
        return { cause, kind: one.kind, concerns: 'u-ann', at: now, reason: 'r', says: 's' };
      });
      state = gathered(state, 'ops', notices, now);
      told += one.count;
    } else {
      const next = claimed(state, now, `message ${index}`);
      if (next === undefined) return;
      const { pending } = next;
      sent.push({
        id: pending.id,
        at: now,
        attempts: pending.attempts,
        kinds: pending.digests.map(({ kind }) => kind),
      });
      const size = pending.digests.reduce((sum, { count }) => sum + count, 0);
      if (one.end === 'dies') state = next;
      else if (one.end === 'fails' && pending.attempts < MOST_ATTEMPTS)
        state = postponed(next, pending, 'it failed', now, undefined);
      else {
        state = withoutPending(next);
        ended.set(pending.id, size);
      }
    }
  });
  const left = [...(state?.gathering.map(({ digest }) => digest) ?? []), ...(state?.pending?.digests ?? [])];
  return { told, sent, ended, left: left.reduce((sum, { count }) => sum + count, 0) };
};

test('whatever happens, each notice is in exactly one message or still to be told', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { told, ended, left } = played(steps);

      expect([...ended.values()].reduce((sum, size) => sum + size, 0) + left).toBe(told);
    }),
  );
});

test('a message is never tried twice at the same time, nor with less than its pause between', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { sent } = played(steps);

      sent.forEach((one, index) => {
        const before = sent.slice(0, index).findLast(({ id }) => id === one.id);
        if (before === undefined) expect(one.attempts).toBe(1);
        else {
          expect(one.attempts).toBe(before.attempts + 1);
          expect(one.at - before.at).toBeGreaterThanOrEqual(CLAIM_MS);
        }
      });
    }),
  );
});

/** One by nature, and somebody waits for them. */
const AT_ONCE: readonly string[] = ['runaway-tripped', 'halted', 'resumed', 'test'];

test('any other kind is told again after a minute at the earliest', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const first = new Map<string, { at: number; kinds: readonly string[] }>();
      for (const { id, at, kinds } of played(steps).sent) if (!first.has(id)) first.set(id, { at, kinds });
      const messages = [...first.values()];

      messages.forEach(({ at, kinds }, index) => {
        for (const kind of kinds.filter((one) => !AT_ONCE.includes(one))) {
          const before = messages.slice(0, index).findLast((one) => one.kinds.includes(kind));
          if (before !== undefined) expect(at - before.at).toBeGreaterThanOrEqual(MINUTE);
        }
      });
    }),
  );
});

test('each halt and each end of one is told at once, however often they alternate', () => {
  let state: ChannelState | undefined;
  const told = Array.from({ length: 6 }, (_, index) => {
    const now = START + index * 5_000;
    const kind = index % 2 === 0 ? 'halted' : 'resumed';
    const notice: Notice = { cause: `${index}`, kind, concerns: 'everyone', at: now, reason: 'r', says: 's' };
    const next = claimed(gathered(state, 'ops', [notice], now), now, `message ${index}`);
    state = next === undefined ? state : withoutPending(next);
    return next?.pending.digests.map((digest) => digest.kind);
  });

  expect(told).toEqual([0, 1, 2].flatMap(() => [['halted'], ['resumed']]));
});

test('what endangers money stands before what went well', () => {
  const of = (kind: Notice['kind']): Notice => ({
    cause: kind,
    kind,
    concerns: 'u-ann',
    at: START,
    reason: 'r',
    says: 's',
  });
  const state = gathered(
    undefined,
    'ops',
    [of('exit-ended'), of('buy-failed'), of('key-can-withdraw')],
    START,
  );

  const next = claimed(state, START + MINUTE, 'id-1');

  expect(next?.pending.digests.map(({ kind }) => kind)).toEqual([
    'key-can-withdraw',
    'buy-failed',
    'exit-ended',
  ]);
});
