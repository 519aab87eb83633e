import * as z from 'zod';
import { type Instant, MINUTE, SECOND } from '../../shared/time/clock.ts';
import type { Told } from '../world/world.ts';
import { guarantee } from './guarantee.ts';

type Halt = Extract<Told, { what: 'halt' | 'resume' }>;

/** Who had read the switches right before may still send, and an order may be on its way. */
const STOPPED_WITHIN_MS = 20 * SECOND;
/** A resume that was asked for before the halt may come about after it. */
const RESUMES_WITHIN_MS = 5 * MINUTE;

const zResume = z.looseObject({
  action: z.enum(['resume', 'enable', 'resume-copying', 'leave-exit-only']),
  accountId: z.string().optional(),
});

/** What an operator was told is halted buys no more, whatever the table says, until somebody asks for a resume. */
export const haltsHold = guarantee('8 what was halted stays halted', (evidence, broken) => {
  const { told } = evidence.world;
  const halts: Halt[] = [];
  const resumes: { readonly scope: string; readonly at: Instant }[] = [];
  let read = 0;
  const follow = (): void => {
    for (; read < told.length; read += 1) {
      const one = told[read];
      if (one?.what === 'halt' && one.end.state === 'SUCCEEDED') halts.push(one);
    }
  };
  evidence.onSeen((seen, at) => {
    if (seen.kind !== 'invocation' || seen.fn !== 'control') return;
    const resume = zResume.safeParse(seen.event).data;
    if (resume !== undefined) resumes.push({ scope: resume.accountId ?? 'all', at });
  });
  evidence.onOrder(({ order: { side, accountId, orderId, symbol, openedAt } }) => {
    if (side !== 'BUY') return;
    follow();
    for (const halt of halts) {
      const { scope, beganAt, endedAt } = halt;
      if ((scope !== 'all' && scope !== accountId) || openedAt - endedAt <= STOPPED_WITHIN_MS) continue;
      if (resumes.some((resume) => resume.scope === scope && resume.at >= beganAt - RESUMES_WITHIN_MS))
        continue;
      broken(
        `BUY ${orderId} of ${accountId} (${symbol}) was taken ${(openedAt - endedAt) / SECOND} s after a halt of ${scope} was answered with success`,
      );
    }
  });
  return undefined;
});
