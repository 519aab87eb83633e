import type { AccountId } from '../../shared/account/account.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { type Clock, iso } from '../../shared/time/clock.ts';

/** What a statement reads; it writes nothing. */
export interface StatementPorts {
  readonly ledger: {
    readonly accounts: Pick<Ledger['accounts'], 'get'>;
    readonly snapshots: Pick<Ledger['snapshots'], 'list' | 'lastUntil' | 'firstFrom'>;
    readonly fills: Pick<Ledger['fills'], 'list'>;
    readonly copies: Pick<Ledger['copies'], 'list'>;
    readonly reconciliation: Pick<Ledger['reconciliation'], 'adjustments'>;
  };
  readonly clock: Clock;
}

/** There is nothing to state, and why. */
export class NothingMeasured extends Error {
  override readonly name = 'NothingMeasured';

  constructor(accountId: AccountId, month: string, first: number | undefined) {
    const since =
      first === undefined
        ? 'no snapshot of it was ever taken: it is taken by each check of the account'
        : `its first snapshot in the ledger is of ${iso(first)}`;
    super(
      `${accountId} has no two snapshots that ${month} could be measured between (${since}). Ask for a later month, or, for the running one, after the next check`,
    );
  }
}
