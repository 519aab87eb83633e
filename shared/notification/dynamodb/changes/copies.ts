import * as z from 'zod';
import { zAccountId } from '../../../account/account.ts';
import type { Notice } from '../../notice.ts';
import { causeOf, reading } from './reader.ts';

const zCopy = z.object({
  accountId: zAccountId,
  trade: z.object({ tradeId: z.string(), symbol: z.string(), side: z.enum(['BUY', 'SELL']) }),
  finishedAt: z.number().optional(),
  outcome: z
    .object({ state: z.string(), reason: z.string().optional(), detail: z.string().optional() })
    .optional(),
  owed: z
    .object({
      since: z.number(),
      remaining: z.string().optional(),
      lastReason: z.string(),
      madeGood: z.object({ at: z.number(), by: z.string(), detail: z.string() }).optional(),
    })
    .optional(),
});
type CopyImage = z.infer<typeof zCopy>;

/** COPY: one that failed, one that owes a sale, and a sale that is owed no more. */
export const copyNotices = reading(zCopy, (now, before) => [
  now.outcome !== undefined && before?.outcome === undefined ? ended(now) : undefined,
  now.owed?.madeGood !== undefined && before?.owed?.madeGood === undefined ? madeGood(now) : undefined,
]);

const ended = (copy: CopyImage): Notice | undefined => {
  const { accountId, trade, outcome, owed, finishedAt = 0 } = copy;
  const about = `the copied ${trade.side} of ${trade.symbol} of ${accountId}`;
  const head = {
    cause: causeOf('copy', accountId, trade.tradeId, 'ended'),
    concerns: accountId,
    at: finishedAt,
  };
  if (outcome?.state === 'FAILED') {
    const { reason = 'FAILED', detail = '' } = outcome;
    return {
      ...head,
      kind: trade.side === 'SELL' ? 'sale-failed' : 'buy-failed',
      reason,
      says: `${about} (trade ${trade.tradeId}) failed, ${reason}: ${detail}`,
    };
  }
  if (owed === undefined) return undefined;
  const rest = owed.remaining === undefined ? 'the rest' : owed.remaining;
  return {
    ...head,
    kind: 'sale-owed',
    reason: trade.symbol,
    says: `${about} (trade ${trade.tradeId}) left ${rest} unsold: ${owed.lastReason}`,
  };
};

const madeGood = ({ accountId, trade, owed }: CopyImage): Notice | undefined =>
  owed?.madeGood === undefined
    ? undefined
    : {
        cause: causeOf('copy', accountId, trade.tradeId, 'made-good'),
        kind: 'sale-made-good',
        concerns: accountId,
        at: owed.madeGood.at,
        reason: owed.madeGood.by,
        says: `the sale of ${trade.symbol} that ${accountId} owed for trade ${trade.tradeId} is over, ${owed.madeGood.by}: ${owed.madeGood.detail}`,
      };
