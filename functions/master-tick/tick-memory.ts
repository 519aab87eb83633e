import * as z from 'zod';
import type { AccountId } from '../../shared/account/account.ts';
import type { MasterLedger } from '../../shared/strategy/master-ledger.ts';
import type { Log } from '../../shared/telemetry/telemetry.ts';

/** What a tick remembers for the next one, beside the plans of positions. */
const zMemory = z.strictObject({
  /** The strategy's own memory of the account; absent before its first. */
  account: z.unknown().optional(),
  /** The opening time of the last closed candle judged, by symbol; epoch milliseconds. */
  lastCandles: z.record(z.string(), z.number()).default({}),
});
export type TickMemory = z.infer<typeof zMemory>;

/** A damaged memory counts as none, loudly: what it holds is worth less than the sales a failed tick would miss. */
export const readMemory = async (
  accountId: AccountId,
  ledger: MasterLedger,
  log: Log,
): Promise<TickMemory> => {
  const stored = await ledger.strategyStates.get(accountId, 'account');
  const parsed = zMemory.safeParse(stored ?? {});
  if (parsed.success) return parsed.data;
  log.error('the strategy memory of an account is damaged and begins anew', parsed.error, {
    account: accountId,
  });
  return { lastCandles: {} };
};

/** Writes only what changed. */
export const writeMemory = async (
  accountId: AccountId,
  next: TickMemory,
  before: TickMemory,
  ledger: MasterLedger,
): Promise<void> => {
  const plain: unknown = JSON.parse(JSON.stringify(next));
  if (JSON.stringify(plain) === JSON.stringify(before)) return;
  await ledger.strategyStates.put(accountId, 'account', plain);
};
