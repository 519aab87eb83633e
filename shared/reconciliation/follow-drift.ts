import type { AccountId } from '../account/account.ts';
import type { Drift } from '../ledger/drift.ts';
import { least, plus } from '../money/money.ts';
import { HOUR, type Instant, MINUTE } from '../time/clock.ts';
import type { Holding } from './holdings.ts';

/** Coins that are gone must be found so for this long: no balance lags as far. */
const CONFIRM_MS = 10 * MINUTE;
/** By then every trade is listed that could explain a drift. */
const LISTED_MS = HOUR;

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
  seen: { readonly why: string; readonly judged: boolean; readonly at: Instant },
): FollowedDrift => {
  const { asset, managed, held, missing, gone, step } = holding;
  const open = openDrift(before);
  const { why, judged, at } = seen;
  const tell = open === undefined || missing.gt(plus(open.told, step));
  const judgedAt = judged ? at : open?.judgedAt;
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
    ...(gone ? { goneSince: open?.goneSince ?? at } : {}),
    version: (before?.version ?? 0) + 1,
  };
  const unchanged =
    open !== undefined && open.lastSeen === at && open.why === why && sameFigures(open, holding);
  return unchanged ? { drift: open, tell: false } : { drift, tell };
};

export const closedDrift = (drift: Drift, at: Instant): Drift => ({
  ...drift,
  lastSeen: at,
  closedAt: at,
  version: drift.version + 1,
});
