import type { Account } from '../account/account.ts';
import { attemptRead } from '../ledger/read.ts';
import type { Clock } from '../time/clock.ts';
import { type MasterStatusReader, type MasterView, viewOf } from './master-status.ts';

/** following: copies its master's BUYs. standalone: its master is not healthy; everything but BUY copies works. */
export type AccountStatus = 'following' | 'standalone' | 'independent' | 'exit-only' | 'paused' | 'disabled';

/** What an account does, as its owner sees it; none of it stops a SELL. */
export interface AccountStanding {
  readonly status: AccountStatus;
  readonly statusReason: string;
  /** The master it follows, whatever the account's own switches say; absent where it follows none. */
  readonly master?: MasterView;
}

export interface StandingPorts {
  readonly ledger: { readonly masterStatus: MasterStatusReader };
  readonly clock: Clock;
}

/** Never throws: a status of the master that cannot be read is one that is not healthy. */
export const standingOf = async (
  account: Account,
  { ledger, clock }: StandingPorts,
): Promise<AccountStanding> => {
  const { follows } = account;
  const master =
    follows === undefined
      ? undefined
      : viewOf(follows, await attemptRead(() => ledger.masterStatus.read(follows)), clock.now());
  return { ...judge(account, master), ...(master === undefined ? {} : { master }) };
};

const judge = (account: Account, master: MasterView | undefined): Omit<AccountStanding, 'master'> => {
  if (!account.enabled) return { status: 'disabled', statusReason: 'disabled by the operator' };
  if (account.exitOnly) return { status: 'exit-only', statusReason: 'set to exit-only' };
  if (master === undefined) return { status: 'independent', statusReason: 'follows no master' };
  if (!master.healthy) return { status: 'standalone', statusReason: master.reason };
  if (account.copyPaused) return { status: 'paused', statusReason: 'copying is paused' };
  return { status: 'following', statusReason: `follows ${master.masterId}` };
};
