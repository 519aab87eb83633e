import { HOUR, type Instant, MINUTE, SECOND } from '../time/clock.ts';
import { ADVICE } from './advice.ts';
import type { ChannelId } from './channel.ts';
import { type Digest, digestOf, withNotice } from './digest.ts';
import { NOTICE_KINDS, type Notice, type NoticeKind } from './notice.ts';

/** Notices that are being gathered, and when they are to be told. */
export interface Gathering {
  readonly digest: Digest;
  readonly dueAt: Instant;
}

/** That a kind was told, and how often in a row: what goes on is told less and less often. */
export interface Told {
  readonly kind: NoticeKind;
  readonly at: Instant;
  readonly streak: number;
}

/** A message that is on its way. There is one at most; what happens meanwhile goes into the next. */
export interface Pending {
  /** The same in each try, so that a receiver can know what it has had already. */
  readonly id: string;
  readonly createdAt: Instant;
  readonly digests: readonly Digest[];
  readonly attempts: number;
  /** Nobody else tries before. */
  readonly nextTryAt: Instant;
  /** Why the last try failed; our own words. */
  readonly lastFailure?: string;
}

/** The CHANNEL item: all that is kept of a channel, so that one conditional write changes it. */
export interface ChannelState {
  readonly channel: ChannelId;
  readonly gathering: readonly Gathering[];
  readonly told: readonly Told[];
  readonly pending?: Pending;
  readonly version: number;
}

/** What comes with it is told with it: one outage, one message. */
const GATHER_MS = 20 * SECOND;
/** A kind that was just told is not told again for so long: after the first time, the second, all others. */
const QUIET_MS = [MINUTE, 5 * MINUTE, 15 * MINUTE] as const;
/** Not told for so long, it is new again. */
const FORGOTTEN_MS = HOUR;
/** Somebody is waiting for these, and they are one by nature. */
const AT_ONCE: ReadonlySet<NoticeKind> = new Set(['runaway-tripped', 'halted', 'resumed', 'test']);

/** Longer than any try takes: who died within it has left the message to the next. */
export const CLAIM_MS = 30 * SECOND;
/** Tries, and the pause after each but the last: given up after an hour, more or less. */
const PAUSES_MS = [
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  4 * MINUTE,
  8 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
] as const;
export const MOST_ATTEMPTS = PAUSES_MS.length + 1;
const LONGEST_ASKED_PAUSE_MS = HOUR;

const fresh = (channel: ChannelId): ChannelState => ({ channel, gathering: [], told: [], version: 0 });

/** With these notices among those that are being gathered. */
export const gathered = (
  before: ChannelState | undefined,
  channel: ChannelId,
  notices: readonly Notice[],
  now: Instant,
): ChannelState => {
  const state = before ?? fresh(channel);
  const gathering = new Map(state.gathering.map((one) => [one.digest.kind, one]));
  for (const notice of notices) {
    const { kind } = notice;
    const known = gathering.get(kind);
    gathering.set(
      kind,
      known === undefined
        ? { digest: digestOf(notice), dueAt: dueAt(state, kind, now) }
        : { ...known, digest: withNotice(known.digest, notice) },
    );
  }
  return { ...state, gathering: [...gathering.values()], version: state.version + 1 };
};

const dueAt = ({ told }: ChannelState, kind: NoticeKind, now: Instant): Instant => {
  // A halt and its end that alternate are told each time: who hears of the end alone thinks that it is over.
  if (AT_ONCE.has(kind)) return now;
  const last = told.find((one) => one.kind === kind);
  const gatheredBy = now + GATHER_MS;
  return last === undefined ? gatheredBy : Math.max(gatheredBy, last.at + quietAfter(last));
};

const quietAfter = ({ streak }: Told): number =>
  QUIET_MS[Math.min(streak, QUIET_MS.length) - 1] ?? QUIET_MS[0];

/**
 * The state in which a message is claimed: the one on its way, once its pause is over, else one of all that is due.
 * Undefined where there is nothing to send now.
 *
 * @param id of a message that begins now
 * @param early also of what is still being gathered
 */
export const claimed = (
  before: ChannelState | undefined,
  now: Instant,
  id: string,
  early = false,
): (ChannelState & { readonly pending: Pending }) | undefined => {
  if (before === undefined) return undefined;
  const version = before.version + 1;
  const claim = { nextTryAt: now + CLAIM_MS };
  const { pending } = before;
  if (pending !== undefined) {
    if (pending.nextTryAt > now) return undefined;
    return { ...before, pending: { ...pending, ...claim, attempts: pending.attempts + 1 }, version };
  }
  const isDue = ({ dueAt: at }: Gathering): boolean => early || at <= now;
  const due = before.gathering.filter(isDue);
  if (due.length === 0) return undefined;
  const digests = due.map(({ digest }) => digest).toSorted((a, b) => rankOf(a.kind) - rankOf(b.kind));
  return {
    ...before,
    gathering: before.gathering.filter((one) => !isDue(one)),
    told: toldAfter(before.told, digests, now),
    pending: { id, createdAt: now, digests, attempts: 1, ...claim },
    version,
  };
};

/** By severity, then in the order of the list. */
const rankOf = (kind: NoticeKind): number => {
  const weight = { urgent: 0, warning: 1, info: 2 }[ADVICE[kind].severity];
  return weight * NOTICE_KINDS.length + NOTICE_KINDS.indexOf(kind);
};

const toldAfter = (told: readonly Told[], digests: readonly Digest[], now: Instant): readonly Told[] => {
  const remembered = told.filter(({ at }) => now - at < FORGOTTEN_MS);
  const kinds = digests.map(({ kind }) => kind);
  const again = kinds.map((kind) => {
    const streak = remembered.find((one) => one.kind === kind)?.streak ?? 0;
    return { kind, at: now, streak: streak + 1 };
  });
  return [...remembered.filter(({ kind }) => !kinds.includes(kind)), ...again];
};

/** Whether this message, in this try, is still the one on its way. */
export const isStill = (state: ChannelState | undefined, { id, attempts }: Pending): boolean =>
  state?.pending?.id === id && state.pending.attempts === attempts;

/** Without the message on its way: it has arrived, or was given up. */
export const withoutPending = ({ pending: _over, ...state }: ChannelState): ChannelState => ({
  ...state,
  version: state.version + 1,
});

/** @param asked how long the receiver asked us to wait */
export const postponed = (
  state: ChannelState,
  pending: Pending,
  why: string,
  now: Instant,
  asked: number | undefined,
): ChannelState => {
  const pause = PAUSES_MS[Math.min(pending.attempts, PAUSES_MS.length) - 1] ?? PAUSES_MS[0];
  const wait = Math.max(pause, Math.min(asked ?? 0, LONGEST_ASKED_PAUSE_MS));
  return {
    ...state,
    pending: { ...pending, nextTryAt: now + wait, lastFailure: why },
    version: state.version + 1,
  };
};
