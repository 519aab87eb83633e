import type { Account, AccountId } from '../account/account.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import { attemptRead } from '../ledger/read.ts';
import type { Log, Meter } from '../telemetry/telemetry.ts';
import { type Instant, iso } from '../time/clock.ts';

/** Of what no rule could be judged: a position, or the equity where a loss of it is to be answered by an exit. */
export type UnjudgedSubject = MarketSymbol | typeof EQUITY;
export const EQUITY = 'equity';

/** The UNJUDGED item of an account: what its last checks could not judge. Absent where there never was anything. */
export interface Unjudged {
  readonly accountId: AccountId;
  readonly subjects: readonly {
    readonly of: UnjudgedSubject;
    readonly why: string;
    /** The first of the checks in a row. */
    readonly since: Instant;
    readonly checks: number;
  }[];
  readonly version: number;
}

export interface UnjudgedStore {
  get(accountId: AccountId): Promise<Unjudged | undefined>;
  /**
   * Writes version 1 if absent, else the version after the stored one.
   * @returns false where another check was faster: nothing was written
   */
  save(unjudged: Unjudged): Promise<boolean>;
}

export interface UnjudgedPorts {
  readonly ledger: { readonly protections: { readonly unjudged: UnjudgedStore } };
  readonly log: Log;
  readonly meter: Meter;
}

/** One check in a row may be an order in doubt or a price that is missing for a moment. */
const TOLD_FROM = 2;

/**
 * Notes what a check could not judge, and tells it from the second check in a row on: what nobody judges is not
 * protected, whatever the owner has set. What is judged again is forgotten. Never throws: what cannot be noted is
 * told at once.
 *
 * @param concerns of what this part of the check has judged, or should have; the rest stays as it is noted
 */
export const noteUnjudged = async (
  { accountId }: Pick<Account, 'accountId'>,
  concerns: (of: UnjudgedSubject) => boolean,
  now: ReadonlyMap<UnjudgedSubject, string>,
  at: Instant,
  { ledger, log, meter }: UnjudgedPorts,
): Promise<void> => {
  const { unjudged } = ledger.protections;
  const stored = await attemptRead(() => unjudged.get(accountId));
  const before = stored.readable ? (stored.value?.subjects ?? []) : [];
  const subjects = [...now].map(([of, why]) => {
    const last = before.find((subject) => subject.of === of);
    return { of, why, since: last?.since ?? at, checks: (last?.checks ?? 0) + 1 };
  });
  // Told before it is kept: who dies in between tells it twice, not never.
  for (const { of, why, since, checks } of subjects) {
    if (stored.readable && checks < TOLD_FROM) continue;
    const fields = { account: accountId, symbol: of, why };
    const error = new Unprotected(
      `${of} of ${accountId} is not judged since ${iso(since)}, in ${checks} checks in a row: ${why}. Until it is, nothing of it is sold by itself; exit it by hand if need be`,
    );
    log.error('a position is not protected', error, { ...fields, checks });
    meter.count('PositionUnjudged', fields);
  }
  if (!stored.readable) {
    log.warn('what was not judged before is not known', { account: accountId, why: stored.why });
    return;
  }
  const rest = before.filter(({ of }) => !concerns(of));
  if (subjects.length === 0 && rest.length === before.length) return;
  const version = (stored.value?.version ?? 0) + 1;
  const noted = await attemptRead(() =>
    unjudged.save({ accountId, subjects: [...rest, ...subjects], version }),
  );
  if (!noted.readable)
    log.warn('what could not be judged was not noted', { account: accountId, why: noted.why });
};

/** What the owner wants protected and nobody judges. */
class Unprotected extends Error {
  override readonly name = 'Unprotected';
}
