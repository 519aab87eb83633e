import type { Account } from '../../shared/account/account.ts';
import type { Connection } from '../../shared/account/connect.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import { takeSnapshot } from '../../shared/snapshot/take-snapshot.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import type { MasterTickPorts, TickInput } from './master-tick.ts';
import type { Snapshot } from './observe.ts';

/** As often as accounts of users have a point in their curve; each costs the exchange a read of executions. */
const EVERY_MS = 15 * MINUTE;

/**
 * Notes a point of a master's equity curve when one is due: only by it are deposits and withdrawals told from profit
 * and loss. Never throws: a tick guards positions whether or not it can be noted, and where it is long in coming,
 * the loss limits judge by the lower of what they know.
 */
export const noteEquity = async (
  { periodMs }: TickInput,
  account: Account,
  seen: Snapshot,
  connection: Connection,
  ports: MasterTickPorts,
): Promise<void> => {
  const { accountId } = account;
  const noted = await attemptRead(async () => {
    const last = (await ports.ledger.risk.get(accountId))?.measured;
    if (last !== undefined && seen.at - last.at < EVERY_MS) return;
    const every = { checkEveryMs: Math.max(EVERY_MS, periodMs) };
    await takeSnapshot({ ...seen, account, connection }, { ...ports, ...every });
  });
  if (noted.readable) return;
  ports.log.warn("a master's equity was not noted: what comes and leaves may count as profit or loss", {
    account: accountId,
    why: noted.why,
  });
};
