import * as z from 'zod';
import { type Instant, MINUTE, SECOND } from '../../shared/time/clock.ts';
import type { Told } from '../world/world.ts';
import { guarantee } from './guarantee.ts';

type Halt = Extract<Told, { what: 'halt' | 'resume' }>;

/** Who had read the switches right before may still send, and an order may be on its way. */
const STOPPED_WITHIN_MS = 20 * SECOND;
/** A resume that was asked for before the halt may come about after it. */
const RESUMES_WITHIN_MS = 5 * MINUTE;

/** What stops buying, and what lets it go on: neither lifts another. */
const LIFTED_BY = {
  halt: 'resume',
  disable: 'enable',
  'pause-copying': 'resume-copying',
  'exit-only': 'leave-exit-only',
} as const;

const zAsked = z.looseObject({ action: z.string(), accountId: z.string().optional() });

interface Asked {
  readonly action: string;
  readonly scope: string;
  readonly at: Instant;
}

const liftedBy = (action: string | undefined): string | undefined =>
  Object.entries(LIFTED_BY).find(([stops]) => stops === action)?.[1];

/** What an operator was told is halted buys no more, whatever the table says, until somebody asks for a resume. */
export const haltsHold = guarantee('8 what was halted stays halted', (evidence, broken) => {
  const { told } = evidence.world;
  const halts: Halt[] = [];
  const asked: Asked[] = [];
  let read = 0;
  const follow = (): void => {
    for (; read < told.length; read += 1) {
      const one = told[read];
      if (one?.what === 'halt' && one.end.state === 'SUCCEEDED') halts.push(one);
    }
  };
  evidence.onSeen((seen, at) => {
    if (seen.kind !== 'invocation' || seen.fn !== 'control') return;
    const event = zAsked.safeParse(seen.event).data;
    if (event !== undefined) asked.push({ action: event.action, scope: event.accountId ?? 'all', at });
  });
  const isLifted = ({ scope, beganAt, endedAt }: Halt): boolean => {
    const ofScope = asked.filter((one) => one.scope === scope);
    const halt = ofScope.findLast(
      ({ action, at }) => liftedBy(action) !== undefined && at >= beganAt && at <= endedAt,
    );
    const lifts = liftedBy(halt?.action);
    return ofScope.some(({ action, at }) => action === lifts && at >= beganAt - RESUMES_WITHIN_MS);
  };
  evidence.onOrder(({ order: { side, accountId, orderId, symbol, openedAt } }) => {
    if (side !== 'BUY') return;
    follow();
    for (const halt of halts) {
      const { scope, endedAt } = halt;
      if ((scope !== 'all' && scope !== accountId) || openedAt - endedAt <= STOPPED_WITHIN_MS) continue;
      if (isLifted(halt)) continue;
      broken(
        `BUY ${orderId} of ${accountId} (${symbol}) was taken ${(openedAt - endedAt) / SECOND} s after a halt of ${scope} was answered with success`,
      );
    }
  });
  return undefined;
});
