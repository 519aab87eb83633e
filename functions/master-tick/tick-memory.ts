import * as z from 'zod';
import type { AccountId } from '../../shared/account/account.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import type { MasterLedger } from '../../shared/strategy/master-ledger.ts';
import type { Log } from '../../shared/telemetry/telemetry.ts';

const ACCOUNT = 'account';

/** What a tick remembers of the account for the next one. */
const zMemory = z.strictObject({
  /** The strategy's own memory of the account; absent before its first. */
  account: z.unknown().optional(),
  /** The opening time of the last closed candle judged, by symbol; epoch milliseconds. */
  lastCandles: z.record(z.string(), z.number()).default({}),
  /**
   * Up to when executions were ingested; epoch milliseconds. Written last: a tick that dies reads some again,
   * and knows them by their ids.
   */
  cursor: z.number().exactOptional(),
});
export type TickMemory = z.infer<typeof zMemory>;

export interface Memories {
  readonly tick: TickMemory;
  /** The strategy's plan of an open position, as it was stored. */
  planOf(symbol: MarketSymbol): unknown;
}

/** A damaged memory counts as none, loudly: what it holds is worth less than the sales that a failed tick would miss. */
export const readMemories = async (
  accountId: AccountId,
  ledger: MasterLedger,
  log: Log,
): Promise<Memories> => {
  const stored = await attemptRead(() => ledger.strategyStates.all(accountId));
  if (!stored.readable)
    log.warn('what a strategy remembers could not be read and begins anew', {
      account: accountId,
      why: stored.why,
    });
  const all = stored.readable ? stored.value : new Map<string, unknown>();
  const parsed = zMemory.safeParse(all.get(ACCOUNT) ?? {});
  if (!parsed.success)
    log.error('the memory of a tick is damaged and begins anew', parsed.error, { account: accountId });
  return { tick: parsed.data ?? { lastCandles: {} }, planOf: (symbol) => all.get(symbol) };
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
  await ledger.strategyStates.put(accountId, ACCOUNT, plain);
};
