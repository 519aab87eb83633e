import * as z from 'zod';
import type { AccountId } from '../../shared/account/account.ts';
import type { MasterLedger } from '../../shared/strategy/master-ledger.ts';

/** What a tick remembers for the next one, beside the plans of positions. */
const zMemory = z.strictObject({
  /** The strategy's own memory of the account. */
  account: z.unknown(),
  /** The opening time of the last closed candle judged, by symbol; epoch milliseconds. */
  lastCandles: z.record(z.string(), z.number()).default({}),
});
export type TickMemory = z.infer<typeof zMemory>;

export const readMemory = async (accountId: AccountId, ledger: MasterLedger): Promise<TickMemory> =>
  zMemory.parse((await ledger.strategyStates.get(accountId, 'account')) ?? { lastCandles: {} });

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
