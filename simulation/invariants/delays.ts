import { COPY_HIDDEN_MS } from '../../infra/functions/specs.ts';
import { type Instant, SECOND } from '../../shared/time/clock.ts';
import type { Deviation } from '../kernel/choices.ts';
import type { Evidence } from './evidence/evidence.ts';
import { guarantee } from './guarantee.ts';

/** Of a copy that nothing of its own befalls: queue, cold start, a dozen calls and the order, with room. */
const MOST_MS = 30 * SECOND;

interface Stretch {
  readonly process: string;
  readonly from: Instant;
  until: Instant | undefined;
}

/** Who worked for each account, and when. */
class Work {
  readonly #byAccount = new Map<string, Stretch[]>();
  readonly #byProcess = new Map<string, Stretch>();
  readonly #accounts = new Map<string, readonly string[]>();

  begin(process: string, accountIds: readonly string[], at: Instant): void {
    this.end(process, at);
    const stretch: Stretch = { process, from: at, until: undefined };
    this.#byProcess.set(process, stretch);
    this.#accounts.set(process, accountIds);
    for (const accountId of accountIds)
      this.#byAccount.set(accountId, [...(this.#byAccount.get(accountId) ?? []), stretch]);
  }

  end(process: string, at: Instant): void {
    const stretch = this.#byProcess.get(process);
    if (stretch !== undefined) stretch.until ??= at;
  }

  /** The account that a process works for now; undefined for nobody or for several. */
  accountOf(process: string): string | undefined {
    const accountIds = this.#accounts.get(process) ?? [];
    return accountIds.length === 1 ? accountIds[0] : undefined;
  }

  /** Who worked for the account at some time from then on. */
  since(accountId: string, from: Instant): readonly Stretch[] {
    return (this.#byAccount.get(accountId) ?? []).filter(({ until }) => until === undefined || until >= from);
  }
}

/** `exit@v1.3#17 store Put: lost answer` befell `exit@v1.3`. */
const processOf = ({ id }: Deviation): string | undefined => /^(\S+@\S+?)[#\s]/.exec(id)?.[1];

/**
 * While faults, kills and hanging exchanges befall other accounts, a copy that none of it befalls ends as if
 * there were none.
 */
export const nobodyDelaysOthers = guarantee('13 no account delays another', (evidence, broken) => {
  const { sim } = evidence.world;
  const work = new Work();
  /** When something last happened that may concern everybody, and each account. */
  let everybodyAt: Instant = Number.NEGATIVE_INFINITY;
  const befellAt = new Map<string, Instant>();
  let taken = 0;
  const follow = (): void => {
    for (; taken < sim.choices.taken.length; taken += 1) {
      const deviation = sim.choices.taken[taken];
      if (deviation === undefined) continue;
      const process = processOf(deviation);
      const accountId = process === undefined ? undefined : work.accountOf(process);
      if (accountId === undefined) everybodyAt = deviation.at;
      else befellAt.set(accountId, deviation.at);
    }
  };
  evidence.onSeen((seen, at) => {
    follow();
    if (seen.kind === 'invocation')
      work.begin(seen.process, evidence.invocations.of(seen.process)?.accountIds ?? [], at);
    else if (seen.kind === 'answer') work.end(seen.process, at);
  });
  /** When each copy was written, by no process's own clock: what befell it in the same moment counts. */
  const writtenAt = new Map<string, Instant>();
  /** Those without an end, by account. */
  const open = new Map<string, Set<string>>();
  evidence.onChange(({ pk, sk, before, after, at }) => {
    if (!sk.startsWith('COPY#') || after === undefined) return;
    const ofAccount = open.get(pk) ?? new Set();
    open.set(pk, ofAccount);
    if (before === undefined) writtenAt.set(`${pk} ${sk}`, at);
    if (after['outcome'] === undefined) ofAccount.add(sk);
    else ofAccount.delete(sk);
    if (after['outcome'] === undefined || before?.['outcome'] !== undefined) return;
    follow();
    const from = writtenAt.get(`${pk} ${sk}`) ?? at;
    if (at - from <= MOST_MS || isExcused(evidence, pk, from, at)) return;
    broken(
      `the copy ${sk} of ${pk} took ${(at - from) / SECOND} s, and nothing befell ${pk} meanwhile but what befell others`,
    );
  });
  /** Its own copy before, which could not be ended, is hidden for so long: the next waits behind it, by its account's key. */
  const waitsForItsOwn = (accountId: string, from: Instant): boolean =>
    [...(open.get(accountId) ?? [])].some((sk) => (writtenAt.get(`${accountId} ${sk}`) ?? from) < from) &&
    work.since(accountId, from - COPY_HIDDEN_MS).length > 1;
  /** Other work for the same account, its own faults, and what concerns everybody. */
  const isExcused = ({ world }: Evidence, accountId: string, from: Instant, until: Instant): boolean =>
    everybodyAt >= from ||
    (befellAt.get(accountId) ?? 0) >= from ||
    work.since(accountId, from).length > 1 ||
    waitsForItsOwn(accountId, from) ||
    world.told.some(
      (told) =>
        told.what === 'outage' &&
        (told.scope === 'all' || told.scope === accountId) &&
        told.endedAt >= from &&
        told.beganAt <= until,
    );
  return undefined;
});
