import * as z from 'zod';
import { type AccountId, zSymbol } from '../../shared/account/account.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import { type Fraction, text } from '../../shared/money/money.ts';
import { zFraction } from '../../shared/money/schema.ts';
import type { MasterLedger } from '../../shared/strategy/master-ledger.ts';
import type { Log } from '../../shared/telemetry/telemetry.ts';

const ACCOUNT = 'account';
const UNRECORDED = 'unrecorded';
const FEE = 'round-trip-fee';
const zUnrecorded = z.array(zSymbol);

/** What a tick remembers of the account for the next one. */
const zMemory = z.strictObject({
  /** The strategy's own memory of the account; absent before its first. */
  account: z.unknown().optional(),
  /** The opening time of the last closed candle judged, by symbol; epoch milliseconds. */
  lastCandles: z.record(z.string(), z.number()).default({}),
  /**
   * Up to when executions were ingested; epoch milliseconds. Written after them: a tick that dies reads some again,
   * and knows them by their ids.
   */
  cursor: z.number().exactOptional(),
});
export type TickMemory = z.infer<typeof zMemory>;

export interface Memories {
  readonly tick: TickMemory;
  /** False where nothing could be read: then nothing is written either, and nothing bought. */
  readonly readable: boolean;
  /**
   * Where something may have been executed that is not recorded: orders were sent, or executions left unread.
   * Undefined where even that is not known.
   */
  readonly unrecorded: ReadonlySet<MarketSymbol> | undefined;
  /** As last read from the exchange. */
  readonly roundTripFee: Fraction | undefined;
  /** The strategy's plan of an open position, as it was stored. */
  planOf(symbol: MarketSymbol): unknown;
  /** Of which there is one. */
  readonly plans: readonly MarketSymbol[];
}

/**
 * What cannot be read counts as none, loudly: a failed tick would miss sales, and a strategy plans anew from
 * the position itself.
 */
export const readMemories = async (
  accountId: AccountId,
  ledger: MasterLedger,
  log: Log,
): Promise<Memories> => {
  const stored = await attemptRead(() => ledger.strategyStates.all(accountId));
  if (!stored.readable) {
    log.warn('what a strategy remembers could not be read: this tick only sells', {
      account: accountId,
      why: stored.why,
    });
    return {
      tick: { lastCandles: {} },
      readable: false,
      unrecorded: undefined,
      roundTripFee: undefined,
      planOf: () => undefined,
      plans: [],
    };
  }
  const memoryOf = (key: string): unknown => {
    const read = stored.value.get(key);
    if (read === undefined || read.readable) return read?.value;
    log.warn('a memory is damaged and begins anew', { account: accountId, memory: key, why: read.why });
    return undefined;
  };
  const parsed = zMemory.safeParse(memoryOf(ACCOUNT) ?? {});
  if (!parsed.success)
    log.error('the memory of a tick is damaged and begins anew', parsed.error, { account: accountId });
  const unrecorded = zUnrecorded.safeParse(stored.value.has(UNRECORDED) ? memoryOf(UNRECORDED) : []);
  const fee = zFraction.safeParse(memoryOf(FEE));
  return {
    tick: parsed.data ?? { lastCandles: {} },
    readable: true,
    unrecorded: unrecorded.success ? new Set(unrecorded.data) : undefined,
    roundTripFee: fee.data,
    planOf: memoryOf,
    plans: [...stored.value.keys()].flatMap((key) => zSymbol.safeParse(key).data ?? []),
  };
};

/**
 * Before orders are sent, and where executions are left unread: both may stay unknown for long, and a position that
 * does not show a sale must not be sold again.
 */
export const noteUnrecorded = async (
  accountId: AccountId,
  symbols: ReadonlySet<MarketSymbol>,
  { strategyStates }: MasterLedger,
): Promise<void> => await strategyStates.put(accountId, UNRECORDED, [...symbols]);

/** At the end of a tick: `symbols` are those where something may be unrecorded still; none: nothing is stored any more. */
export const storeUnrecorded = async (
  accountId: AccountId,
  symbols: ReadonlySet<MarketSymbol>,
  isStored: boolean,
  ledger: MasterLedger,
): Promise<void> => {
  if (symbols.size > 0) await noteUnrecorded(accountId, symbols, ledger);
  else if (isStored) await ledger.strategyStates.remove(accountId, UNRECORDED);
};

/** For a tick that cannot read it. Apart from the rest, which versions that do not know it must still understand. */
export const writeFee = async (
  accountId: AccountId,
  fee: Fraction,
  { roundTripFee, readable }: Memories,
  { strategyStates }: MasterLedger,
): Promise<void> => {
  if (readable && !roundTripFee?.eq(fee)) await strategyStates.put(accountId, FEE, text(fee));
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
