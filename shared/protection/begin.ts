import { type CarryOutPorts, nameOf } from './carry-out.ts';
import type { SellDecision } from './decide.ts';
import { exitIdOf, type ProtectiveExit } from './protective-exit.ts';
import type { Watch } from './watch.ts';

/**
 * Stores a decision with its numbers, before anything is sold for it, and tells it.
 *
 * @returns the watch that waits for its end, as stored
 * @throws LedgerError, ConcurrentChange
 */
export const begin = async (
  { rule, level, most, because, numbers }: SellDecision,
  watch: Watch,
  { ledger, clock, log, meter }: CarryOutPorts,
): Promise<Watch> => {
  const { accountId, symbol, since } = watch;
  const exit: ProtectiveExit = {
    accountId,
    symbol,
    since,
    rule,
    ...(level === undefined ? {} : { level }),
    ...(most === undefined ? {} : { most }),
    because,
    numbers,
    decidedAt: clock.now(),
    state: 'RUNNING',
    version: 1,
  };
  const begun: Watch = {
    ...watch,
    levels: watch.levels.map((known) => (known.at === level ? { ...known, fired: true } : known)),
    running: exitIdOf(exit),
    version: watch.version + 1,
  };
  await ledger.protections.save(begun, exit);
  log.warn('a position is sold for its protection', { ...nameOf(exit), ...numbers, because });
  meter.count('ProtectionFired', nameOf(exit));
  return begun;
};
