import { MINUTE } from '../../../shared/time/clock.ts';
import { HANGING, TICK_MS } from './cast.ts';
import type { CheckRun } from './check-record.ts';
import { type Evidence, followersOf } from './evidence.ts';
import { type Guarantee, guarantee } from './guarantee.ts';
import { percentile } from './percentile.ts';

const EVERY_IN_OUTAGE_MS = 15 * MINUTE;
const LEAST_IN_OUTAGE = 3;

/** Milliseconds, sorted; those that were left hanging not among them. */
export const checkDurations = ({
  checks,
  outage,
}: Pick<Evidence, 'checks' | 'outage'>): readonly number[] => {
  const hung = outage.protection.hanging.ended.find(({ accountId }) => accountId === HANGING);
  return checks.runs
    .filter((run) => run !== hung)
    .map(({ from, until }) => until - from)
    .sort((a, b) => a - b);
};

/** Each user was checked in each round, and no round was left out, whether or not the master lived. */
export const everyUserIsChecked = (evidence: Evidence): Guarantee => {
  const { checks, outage } = evidence;
  const users = followersOf(evidence);
  const rounds = [...checks.rounds].sort((a, b) => a.at - b.at);
  const problems: string[] = [];
  for (const { at, accounts } of rounds) {
    if (accounts !== users.length)
      problems.push(
        `the round of ${new Date(at).toISOString()} reached ${accounts ?? 'none'} of ${users.length}`,
      );
  }
  for (const [index, { at }] of rounds.entries()) {
    const next = rounds[index + 1]?.at ?? at;
    const every = at >= outage.from ? EVERY_IN_OUTAGE_MS : checks.everyMs;
    if (next - at > every + TICK_MS)
      problems.push(`no round of checks for ${Math.round((next - at) / MINUTE)} minutes`);
  }
  const inOutage = rounds.filter(({ at }) => at >= outage.from).length;
  if (inOutage < LEAST_IN_OUTAGE || inOutage === rounds.length)
    problems.push(`${inOutage} of ${rounds.length} rounds were made with the master gone`);
  for (const { accountId } of users) {
    const completed = checks.runs.filter((run) => run.accountId === accountId && run.completed).length;
    // The check that was left hanging is made again, or by the next round.
    const due = accountId === HANGING ? rounds.length - 1 : rounds.length;
    if (completed < due)
      problems.push(`${accountId} was checked ${completed} times in ${rounds.length} rounds`);
  }
  const durations = checkDurations(evidence);
  return guarantee(
    'everyUserIsChecked',
    problems,
    `${rounds.length} rounds × ${users.length} users, ${inOutage} of them with the master gone; one check took ${percentile(durations, 0.5) ?? '–'} ms (median), ${durations.at(-1) ?? '–'} ms at most`,
  );
};

/** While one account's exchange answered nothing, the checks of all others of that round began and ended. */
export const hangingAccountDelaysNoOther = (evidence: Evidence): Guarantee => {
  const { unanswered, ended } = evidence.outage.protection.hanging;
  const users = followersOf(evidence).filter(({ accountId }) => accountId !== HANGING);
  const index = ended.findIndex(({ accountId }) => accountId === HANGING);
  const hung = ended[index];
  const problems: string[] = [];
  if (unanswered === 0) problems.push(`the exchange answered ${HANGING} all the time, so nothing was shown`);
  if (hung === undefined) problems.push(`the check of ${HANGING} never ended`);
  const meanwhile = ended.slice(0, Math.max(0, index)).filter((run) => run.completed && isWithin(run, hung));
  for (const { accountId } of users) {
    if (!meanwhile.some((run) => run.accountId === accountId))
      problems.push(`the check of ${accountId} did not end while ${HANGING} hung`);
  }
  const durations = meanwhile.map(({ from, until }) => until - from).sort((a, b) => a - b);
  return guarantee(
    'hangingAccountDelaysNoOther',
    problems,
    `the exchange left ${HANGING} without an answer until all others had ended (${hung === undefined ? '–' : hung.until - hung.from} ms): ${meanwhile.length} of ${users.length} checks, which took ${percentile(durations, 0.5) ?? '–'} ms (median), ${durations.at(-1) ?? '–'} ms at most`,
  );
};

/** By order: it ended before the hanging one did, and that had begun by then. */
const isWithin = (run: CheckRun, hung: CheckRun | undefined): boolean =>
  hung !== undefined && hung.from <= run.until && run.until <= hung.until;
