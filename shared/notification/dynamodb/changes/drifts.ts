import * as z from 'zod';
import { zAccountId } from '../../../account/account.ts';
import { text } from '../../../money/money.ts';
import { zQuantity } from '../../../money/schema.ts';
import { causeOf, reading } from './reader.ts';

const zDrift = z.object({
  accountId: zAccountId,
  asset: z.string(),
  managed: zQuantity,
  held: zQuantity,
  missing: zQuantity,
  told: zQuantity,
  why: z.string(),
  lastSeen: z.number(),
  closedAt: z.number().optional(),
  version: z.number(),
});

/** DRIFT: a difference that appeared, grew, or is gone. */
export const driftNotices = reading(zDrift, (now, before) => {
  const { accountId, asset, version, closedAt, lastSeen } = now;
  const head = { cause: causeOf('drift', accountId, asset, version), concerns: accountId, reason: asset };
  const wasOpen = before !== undefined && before.closedAt === undefined;
  if (closedAt !== undefined) {
    const says = `${asset} of ${accountId}: ledger and exchange agree again`;
    return wasOpen ? [{ ...head, kind: 'drift-closed', at: closedAt, says }] : [];
  }
  if (wasOpen && now.told.lte(before.told)) return [];
  return [
    {
      ...head,
      kind: 'drift-found',
      at: lastSeen,
      says: `${asset} of ${accountId}: the ledger says ${text(now.managed)}, the exchange holds ${text(now.held)}, ${text(now.missing)} are missing. ${now.why}`,
    },
  ];
});
