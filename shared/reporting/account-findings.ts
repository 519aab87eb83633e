import type { Account } from '../account/account.ts';
import { UNUSABLE_TODO } from '../account/unusable-codes.ts';
import { owesSale } from '../copying/owed-sale.ts';
import { text } from '../money/money.ts';
import { DAY, type Instant, iso, MINUTE, SECOND } from '../time/clock.ts';
import type { AccountFacts, Unfinished } from './account-facts.ts';
import { readValue } from './account-facts.ts';
import { attestationOf } from './account-state.ts';
import type { AccountView } from './contract/account-answer.ts';
import type { Finding } from './contract/finding.ts';
import { isUser } from './pages.ts';
import { bySeverity } from './severity.ts';

type Found = Omit<Finding, 'accountId'>;

/** Checks that may be missed before one is overdue. */
export const CHECKS_MISSED = 3;
interface Checked {
  readonly lastCheck: AccountView['lastCheck'];
  readonly failing: AccountView['failing'];
  readonly checkEveryMs: number;
}

/** Longer than any order is in doubt by itself: its deadline and the slack for late lists are over. */
const DOUBT_IS_LONG_MS = MINUTE;
/** Longer than a copy waits for its key. */
const COPY_IS_LATE_MS = 2 * MINUTE;
/** Attested daily; a check that was missed is no finding. */
const ATTESTATION_IS_OLD_MS = 2 * DAY;
/** One check may find an order in doubt or no price for a moment. */
const UNJUDGED_CHECKS = 2;

/** What is wrong with one account, and what to do about each; the worst first. */
export const findingsOf = (facts: AccountFacts, checked: Checked): readonly Finding[] => {
  const account = readValue(facts.profile);
  const found = [
    ...checked.failing.map(unreadable),
    ...(account === undefined ? [] : ofProfile(account, facts, checked)),
    ...ofChecks(facts),
    ...ofWork(readValue(facts.unfinished), facts.at),
  ];
  return found.map((one) => ({ ...one, accountId: facts.accountId })).sort(bySeverity);
};

const unreadable = ({ part, why }: AccountView['failing'][number]): Found => ({
  severity: 'critical',
  code: 'UNREADABLE',
  what: `its ${part} cannot be read: ${why}`,
  remedy: `is it this account alone? Then that item is damaged: restore it from a backup of the table. Is it all? Then see whether the table and the permissions of view are there`,
});

const ofProfile = (account: Account, facts: AccountFacts, checked: Checked): readonly Found[] => [
  ...ofSwitches(account),
  ...ofKey(account, facts),
  ...(isUser(account.accountId) ? [...ofCheck(account, facts, checked), ...ofProtection(account)] : []),
];

const ofSwitches = ({ enabled, copyPaused, exitOnly, accountId }: Account): readonly Found[] => [
  ...when(!enabled, {
    severity: 'info',
    code: 'DISABLED',
    what: 'it is disabled and buys nothing; it is still checked, protected and can exit',
    remedy: `if that is not meant: ${switchHint('enable', accountId)}`,
  }),
  ...when(exitOnly, {
    severity: 'warning',
    code: 'EXIT_ONLY',
    what: 'it is set to exit-only and buys nothing',
    remedy: `its events say who set it and why; when that is over: ${switchHint('leave-exit-only', accountId)}`,
  }),
  ...when(copyPaused, {
    severity: 'info',
    code: 'COPYING_PAUSED',
    what: 'copying of purchases is paused',
    remedy: `if that is not meant: ${switchHint('resume-copying', accountId)}`,
  }),
];

const switchHint = (action: string, accountId: string): string =>
  accountId.startsWith('m-')
    ? `register ${accountId} again with the setting`
    : `run control with action ${action} for ${accountId}`;

const ofKey = (account: Account, facts: AccountFacts): readonly Found[] => {
  const keyState = readValue(facts.keyState);
  const attested = attestationOf(account, facts);
  const { keyOwner, at } = facts;
  return [
    ...when(keyOwner?.readable === true && keyOwner.value !== account.accountId, {
      severity: 'critical',
      code: 'KEY_OF_ANOTHER_ACCOUNT',
      what: `its key ${account.keyFingerprint} is that of ${(keyOwner && readValue(keyOwner)) ?? 'no account'} by the ledger`,
      remedy: 'store a key of its own and register it again; no call is made with this one',
    }),
    ...(keyState?.usable === false
      ? [
          {
            severity: 'critical' as const,
            code: 'KEY_UNUSABLE',
            what: `its key cannot be used since ${iso(keyState.since)} (${keyState.code}): it is neither checked nor protected`,
            remedy: UNUSABLE_TODO[keyState.code],
          },
        ]
      : []),
    ...(attested?.findings ?? []).map(({ code, level, says, todo }) => ({
      severity: SEVERITY_OF_KEY[level],
      code: `KEY_${code}`,
      what: says,
      remedy: todo,
    })),
    ...notAskedAbout(account, attested?.attestedAt, at),
  ];
};

/** Of masters nobody asks: their owner is the operator. */
const notAskedAbout = (
  { accountId, registeredAt }: Account,
  attestedAt: Instant | undefined,
  at: Instant,
): readonly Found[] =>
  when(isUser(accountId) && at - (attestedAt ?? registeredAt) > ATTESTATION_IS_OLD_MS, {
    severity: 'warning',
    code: 'KEY_NOT_ASKED_ABOUT',
    what: `the exchange was ${attestedAt === undefined ? 'never asked' : `last asked at ${iso(attestedAt)}`} what its key may do; once a day is due`,
    remedy: 'see in the log of account-check why not: its key may be busy, or the exchange out of reach',
  });

const SEVERITY_OF_KEY = {
  danger: 'critical',
  broken: 'critical',
  warning: 'warning',
  info: 'info',
} as const;

const ofCheck = (
  { registeredAt }: Account,
  { at }: AccountFacts,
  { lastCheck, checkEveryMs }: Checked,
): readonly Found[] =>
  when(lastCheck?.overdue ?? at - registeredAt > CHECKS_MISSED * checkEveryMs, {
    severity: 'critical',
    code: 'CHECK_OVERDUE',
    what: `${lastCheck === undefined ? `it was never checked since it was registered ${ago(at - registeredAt)}` : `its last check that came through was ${ago(lastCheck.ageMs)}`}: nobody looks at its stops`,
    remedy:
      'run account-check for it: the answer names the step that fails. If all accounts are overdue, see whether the schedule of checks is on',
  });

const ofProtection = ({ protection }: Account): readonly Found[] =>
  when(
    !protection.enabled ||
      (protection.stopLoss === null && protection.trailing === null && protection.maxHoldingHours === null),
    {
      severity: 'warning',
      code: 'NOT_PROTECTED',
      what: protection.enabled
        ? 'it has neither a stop loss nor a trailing stop nor a longest holding time: a fall is followed to the end'
        : 'its protection is switched off: nothing is sold by itself',
      remedy: 'if its owner does not want that: run control with action set-protection',
    },
  );

const ofChecks = (facts: AccountFacts): readonly Found[] => {
  const circuit = readValue(facts.circuit);
  const behind = readValue(facts.reconciliation)?.behindSince;
  return [
    ...(readValue(facts.unjudged)?.subjects ?? [])
      .filter(({ checks }) => checks >= UNJUDGED_CHECKS)
      .map(({ of, why, since, checks }) => ({
        severity: 'critical' as const,
        code: 'UNJUDGED',
        what: `${of} is not protected since ${iso(since)}, in ${checks} checks in a row: ${why}`,
        remedy: 'until it is judged again, nothing of it is sold by itself: exit it by hand if need be',
      })),
    ...(readValue(facts.drifts) ?? [])
      .filter(({ closedAt }) => closedAt === undefined)
      .map(({ asset, managed, held, missing, firstSeen, why }) => ({
        severity: 'warning' as const,
        code: 'DRIFT',
        what: `${text(missing)} ${asset} is missing since ${iso(firstSeen)}: its positions say ${text(managed)}, the exchange ${text(held)} (${why})`,
        remedy:
          'ask its owner whether coins were sold or moved by hand; if nobody did, halt buying and compare its orders',
      })),
    ...(circuit !== undefined && circuit.state !== 'CLOSED'
      ? [
          {
            severity: 'warning' as const,
            code: 'EXCHANGE_FAILING',
            what: `its exchange fails (${circuit.lastFailure}): it buys nothing before ${iso(circuit.until)}; sales go on being tried`,
            remedy: 'see the status page of the exchange; it buys again by itself when one call succeeds',
          },
        ]
      : []),
    ...(behind === undefined
      ? []
      : [
          {
            severity: 'warning' as const,
            code: 'RECONCILIATION_BEHIND',
            what: `its executions are not read up to now since ${iso(behind)}: what is missing is not judged`,
            remedy:
              'the next checks go on by themselves; if it lasts for hours, see the log of account-check',
          },
        ]),
  ];
};

const ofWork = (unfinished: Unfinished | undefined, at: Instant): readonly Found[] => {
  if (unfinished === undefined) return [];
  const doubtful = unfinished.orders.filter(({ intendedAt }) => at - intendedAt > DOUBT_IS_LONG_MS);
  const late = unfinished.copies.filter(
    ({ outcome, createdAt }) => outcome === undefined && at - createdAt > COPY_IS_LATE_MS,
  );
  return [
    ...doubtful.map(({ symbol, side, createdAt, clientOrderId }) => ({
      severity: 'warning' as const,
      code: 'ORDER_IN_DOUBT',
      what: `of its ${side} of ${symbol} of ${iso(createdAt)} (order ${clientOrderId}) it is not known how it ended`,
      remedy: 'its next check looks it up; run account-check for it to do so now',
    })),
    ...late.map(({ trade, createdAt }) => ({
      severity: 'warning' as const,
      code: 'COPY_OPEN',
      what: `its copy of the ${trade.side} of ${trade.symbol} (trade ${trade.tradeId}) has no outcome since ${iso(createdAt)}`,
      remedy: 'its check ends it within half an hour; see the log of copy-worker if there are many',
    })),
    ...unfinished.copies.filter(owesSale).map(({ trade, owed }) => ({
      severity: 'critical' as const,
      code: 'SALE_OWED',
      what: `it owes the sale of ${owed.remaining === undefined ? 'its share' : text(owed.remaining)} of ${trade.symbol} since ${iso(owed.since)}, tried ${owed.tries} times: ${owed.lastReason}`,
      remedy: 'each check tries it again; exit it by hand if it must be sold now',
    })),
    ...unfinished.exits.map(({ requestId, requestedAt, scope }) => ({
      severity: 'critical' as const,
      code: 'EXIT_UNFINISHED',
      what: `its exit ${requestId} of ${scope}, asked for at ${iso(requestedAt)}, is not flat`,
      remedy:
        'run exit for it again: it goes on where it stopped, sells nothing twice and says what is in the way',
    })),
  ];
};

const when = (found: boolean, finding: Found): readonly Found[] => (found ? [finding] : []);

const ago = (ms: number): string =>
  ms < 2 * MINUTE ? `${Math.round(ms / SECOND)} s ago` : `${Math.round(ms / MINUTE)} minutes ago`;
