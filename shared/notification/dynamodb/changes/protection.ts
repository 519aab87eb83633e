import * as z from 'zod';
import { zAccountId } from '../../../account/account.ts';
import { type Instant, iso } from '../../../time/clock.ts';
import type { Notice } from '../../notice.ts';
import { causeOf, reading } from './reader.ts';

const zProtection = z.object({
  accountId: zAccountId,
  symbol: z.string(),
  since: z.number(),
  rule: z.string(),
  level: z.string().optional(),
  because: z.string(),
  decidedAt: z.number(),
  state: z.string(),
  endedAt: z.number().optional(),
  result: z
    .object({ state: z.string(), quantity: z.string(), proceeds: z.string(), detail: z.string() })
    .optional(),
  version: z.number(),
});
type ProtectionImage = z.infer<typeof zProtection>;

/** PROTECTION: a rule that fired, how its sale ended, and that it failed. */
export const protectionNotices = reading(zProtection, (now, before, at) => [
  before === undefined ? fired(now) : undefined,
  now.state !== 'RUNNING' && before?.state !== now.state ? ended(now) : undefined,
  isStuck(now, before) ? stuck(now, at) : undefined,
]);

const headOf = ({ accountId, symbol, since, rule, level }: ProtectionImage, what: string | number) => ({
  cause: causeOf('protection', accountId, symbol, since, rule, level ?? '', what),
  concerns: accountId,
  reason: `${rule} ${symbol}`,
});

const fired = (exit: ProtectionImage): Notice => ({
  ...headOf(exit, 'fired'),
  kind: 'protection-fired',
  at: exit.decidedAt,
  says: `${exit.rule} sells ${exit.symbol} of ${exit.accountId}: ${exit.because}`,
});

const ended = (exit: ProtectionImage): Notice => ({
  ...headOf(exit, 'ended'),
  kind: 'protection-ended',
  at: exit.endedAt ?? exit.decidedAt,
  says: `${exit.rule} of ${exit.symbol} of ${exit.accountId} ended ${exit.state}${soldOf(exit)}`,
});

const soldOf = ({ result }: ProtectionImage): string =>
  result === undefined ? '' : `: ${result.quantity} sold for ${result.proceeds}. ${result.detail}`;

const isStuck = (now: ProtectionImage, before: ProtectionImage | undefined): boolean =>
  now.state === 'RUNNING' &&
  now.result?.state === 'FAILED' &&
  (before?.result?.state !== 'FAILED' || before.result.detail !== now.result.detail);

const stuck = (exit: ProtectionImage, at: Instant): Notice => ({
  ...headOf(exit, exit.version),
  kind: 'protection-stuck',
  at,
  says: `${exit.rule} could not sell ${exit.symbol} of ${exit.accountId}: ${exit.result?.detail ?? ''}`,
});

const zUnjudged = z.object({
  accountId: zAccountId,
  subjects: z.array(z.object({ of: z.string(), why: z.string(), since: z.number(), checks: z.number() })),
});

/** One check may meet an order in doubt, or a price that is missing for a moment. */
const TOLD_FROM = 2;

/** UNJUDGED: what was not judged in two checks in a row. */
export const unjudgedNotices = reading(zUnjudged, ({ accountId, subjects }, before) =>
  subjects
    .filter(({ of, since, checks }) => {
      const earlier = before?.subjects.find((subject) => subject.of === of && subject.since === since);
      return checks >= TOLD_FROM && (earlier === undefined || earlier.checks < TOLD_FROM);
    })
    .map(
      ({ of, why, since }): Notice => ({
        cause: causeOf('unjudged', accountId, of, since),
        kind: 'positions-unjudged',
        concerns: accountId,
        at: since,
        reason: of,
        says: `${of} of ${accountId} is not judged since ${iso(since)}: ${why}`,
      }),
    ),
);
