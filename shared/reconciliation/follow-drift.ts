import type { AccountId } from '../account/account.ts';
import type { Drift } from '../ledger/drift.ts';
import { least, plus } from '../money/money.ts';
import { HOUR, type Instant, MINUTE } from '../time/clock.ts';
import type { Holding } from './holdings.ts';

/** Coins that are gone must be found so for this long: no balance lags as far. */
const CONFIRM_MS = 10 * MINUTE;
/** By then every trade is listed that could explain a drift. */
export const LISTED_MS = HOUR;
/** How long reading the owner's trades rests after it failed: twice as long with each failure in a row. */
const REST_MS = 15 * MINUTE;
const LONGEST_REST_MS = 6 * HOUR;

export const openDrift = (drift: Drift | undefined): Drift | undefined =>
  drift?.closedAt === undefined ? drift : undefined;

export const goneBefore = (drift: Drift | undefined, at: Instant): boolean =>
  openDrift(drift)?.goneSince !== undefined && at - (drift?.goneSince ?? at) >= CONFIRM_MS;

/** Whether the owner's trades must be read (again): a history of weeks is not read at every check. */
export const needsJudging = (holding: Holding, drift: Drift | undefined, at: Instant): boolean => {
  const open = openDrift(drift);
  if (open === undefined || !sameFigures(open, holding)) return true;
  if (holding.gone && goneBefore(open, at)) return true;
  return open.judgedAt === undefined || open.judgedAt - open.figuresSince < LISTED_MS;
};

/** Whether it failed so lately, or so often, that it is not tried now. */
export const isResting = (drift: Drift | undefined, at: Instant): boolean => {
  const { failedAt, failures = 0 } = openDrift(drift) ?? {};
  if (failedAt === undefined) return false;
  return at - failedAt < Math.min(REST_MS * 2 ** (failures - 1), LONGEST_REST_MS);
};

/** What became of reading the owner's trades. LEFT: it was not tried, or goes on with the next check. */
export type Reading = 'JUDGED' | 'FAILED' | 'LEFT';

const sameFigures = (drift: Drift, { managed, held, missing }: Holding): boolean =>
  drift.managed.eq(managed) && drift.held.eq(held) && drift.missing.eq(missing);

export interface FollowedDrift {
  readonly drift: Drift;
  /** It is new, or has grown by more than a step since it was told. */
  readonly tell: boolean;
}

/** The drift as it is now; with the version it had where nothing of it is new. */
export const followDrift = (
  accountId: AccountId,
  holding: Holding,
  before: Drift | undefined,
  seen: { readonly why: string; readonly reading: Reading; readonly at: Instant },
): FollowedDrift => {
  const { asset, managed, held, missing, gone, step } = holding;
  const open = openDrift(before);
  const { why, reading, at } = seen;
  const tell = open === undefined || missing.gt(plus(open.told, step));
  const judgedAt = reading === 'JUDGED' ? at : open?.judgedAt;
  const failed = failuresAfter(open, reading, at);
  const drift: Drift = {
    accountId,
    asset,
    symbols: holding.positions.map(({ symbol }) => symbol).sort(),
    managed,
    held,
    missing,
    why,
    told: tell ? missing : least(open.told, missing),
    firstSeen: open?.firstSeen ?? at,
    lastSeen: at,
    figuresSince: open !== undefined && sameFigures(open, holding) ? open.figuresSince : at,
    ...(judgedAt === undefined ? {} : { judgedAt }),
    ...failed,
    ...(gone ? { goneSince: open?.goneSince ?? at } : {}),
    version: (before?.version ?? 0) + 1,
  };
  const unchanged =
    open !== undefined && open.lastSeen === at && open.why === why && sameFigures(open, holding);
  return unchanged ? { drift: open, tell: false } : { drift, tell };
};

const failuresAfter = (
  open: Drift | undefined,
  reading: Reading,
  at: Instant,
): Pick<Drift, 'failedAt' | 'failures'> => {
  if (reading === 'JUDGED') return {};
  if (reading === 'FAILED') return { failedAt: at, failures: (open?.failures ?? 0) + 1 };
  const { failedAt, failures } = open ?? {};
  return failedAt === undefined || failures === undefined ? {} : { failedAt, failures };
};

export const closedDrift = (drift: Drift, at: Instant): Drift => ({
  ...drift,
  lastSeen: at,
  closedAt: at,
  version: drift.version + 1,
});
