import * as z from 'zod';
import { zAccountId } from '../../../account/account.ts';
import type { Instant } from '../../../time/clock.ts';
import type { Notice } from '../../notice.ts';
import { causeOf, reading } from './reader.ts';

const zResult = z.object({
  symbol: z.string(),
  state: z.string(),
  quantity: z.string(),
  proceeds: z.string(),
  left: z.string(),
  detail: z.string(),
});
type Result = z.infer<typeof zResult>;

const zExit = z.object({
  accountId: zAccountId,
  requestId: z.string(),
  scope: z.string(),
  symbols: z.array(z.string()).optional(),
  state: z.enum(['RUNNING', 'FLAT']),
  results: z.array(zResult),
  requestedAt: z.number(),
  finishedAt: z.number().optional(),
  version: z.number(),
});
type ExitImage = z.infer<typeof zExit>;

/** EXIT: one that began, one that is flat, and a symbol of one that could not be sold. */
export const exitNotices = reading(zExit, (now, before, at) => [
  before === undefined ? begun(now) : undefined,
  now.state === 'FLAT' && before?.state !== 'FLAT' ? ended(now) : undefined,
  ...now.results.map((result) => stuck(now, result, before, at)),
]);

const nameOf = ({ requestId, accountId }: ExitImage): string => `exit ${requestId} of ${accountId}`;

const begun = (exit: ExitImage): Notice => ({
  cause: causeOf('exit', exit.accountId, exit.requestId, 'begun'),
  kind: 'exit-begun',
  concerns: exit.accountId,
  at: exit.requestedAt,
  reason: exit.scope,
  says: `${nameOf(exit)} has begun (${exit.scope}): ${exit.symbols?.join(', ') ?? 'all symbols'}`,
});

/** No order can sell what is left of these: only the owner can do something about it. */
const LEFT_OVER: ReadonlySet<string> = new Set(['STAKED', 'DELISTED']);

const ended = (exit: ExitImage): Notice => ({
  cause: causeOf('exit', exit.accountId, exit.requestId, 'ended'),
  kind: exit.results.some(({ state }) => LEFT_OVER.has(state)) ? 'exit-left' : 'exit-ended',
  concerns: exit.accountId,
  at: exit.finishedAt ?? exit.requestedAt,
  reason: exit.scope,
  says: `${nameOf(exit)} has ended: ${exit.results.map(endOf).join('; ') || 'there was nothing to sell'}`,
});

const endOf = ({ symbol, state, quantity, proceeds, left, detail }: Result): string => {
  if (state === 'SOLD') return `${symbol} ${quantity} sold for ${proceeds}`;
  return state === 'FLAT' ? `${symbol} flat` : `${symbol} ${state}, ${left} left: ${detail}`;
};

/**
 * A symbol that is named for the first time counts as failed until its sale was tried, and each check tries it
 * again: told is a failure that is another one than before.
 */
const stuck = (
  exit: ExitImage,
  result: Result,
  before: ExitImage | undefined,
  at: Instant,
): Notice | undefined => {
  const earlier = before?.results.find(({ symbol }) => symbol === result.symbol);
  if (result.state !== 'FAILED' || earlier === undefined) return undefined;
  if (earlier.state === 'FAILED' && earlier.detail === result.detail) return undefined;
  return {
    cause: causeOf('exit', exit.accountId, exit.requestId, 'stuck', result.symbol, exit.version),
    kind: 'exit-stuck',
    concerns: exit.accountId,
    at,
    reason: result.symbol,
    says: `${nameOf(exit)} could not sell ${result.symbol} (${result.left} left): ${result.detail}`,
  };
};
