import * as z from 'zod';
import { type Instant, SECOND } from '../../time/clock.ts';
import type { Delivery } from '../courier.ts';
import type { PostAnswer } from './post.ts';

/** Of what the receiver's own state is the cause, and time may mend it. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** Telegram says there how long to wait. */
const zTelegram = z.object({ parameters: z.object({ retry_after: z.number().min(0) }) });

/** Taken, to be tried again, or never. */
export const judgeAnswer = ({ status, retryAfter, body }: PostAnswer, now: Instant): Delivery => {
  if (status >= 200 && status < 300) return { state: 'DELIVERED' };
  const why = `the receiver answered ${status}`;
  if (!PASSING.has(status) && status < 500) return { state: 'REFUSED', why };
  const asked = waitOf(retryAfter, now) ?? waitInBody(body);
  return { state: 'FAILED', why, ...(asked === undefined ? {} : { retryAfterMs: asked }) };
};

/** Retry-After: seconds, or a date. */
const waitOf = (retryAfter: string | undefined, now: Instant): number | undefined => {
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * SECOND;
  const until = Date.parse(retryAfter);
  return Number.isNaN(until) ? undefined : Math.max(0, until - now);
};

const waitInBody = (body: string): number | undefined => {
  try {
    const parsed = zTelegram.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data.parameters.retry_after * SECOND : undefined;
  } catch {
    return undefined;
  }
};
