import { type Account, roleOf } from '../account/account.ts';
import { UNUSABLE_TODO } from '../account/unusable-codes.ts';
import { HEARTBEAT_PERIODS, type MasterStatus } from '../copying/master-status.ts';
import type { Read } from '../ledger/read.ts';
import { minus, text } from '../money/money.ts';
import type { Protection } from '../protection/protection-settings.ts';
import type { EquitySnapshot } from '../snapshot/snapshot.ts';
import type { Instant } from '../time/clock.ts';
import { type AccountFacts, masterHealthFor, readValue, type Surroundings } from './account-facts.ts';
import { CHECKS_MISSED, findingsOf } from './account-findings.ts';
import { stateOf } from './account-state.ts';
import type { AccountView } from './contract/account-answer.ts';
import { isUser } from './pages.ts';

/** One account as operators see it; what of it cannot be read says so. */
export const accountView = async (facts: AccountFacts, around: Surroundings): Promise<AccountView> => {
  const { accountId, at } = facts;
  const account = readValue(facts.profile);
  const master = await masterHealthFor(facts, around);
  const lastCheck = isUser(accountId)
    ? lastCheckOf(facts, around.checkEveryMs)
    : lastTickOf(master?.status, at);
  const failing = failingParts(facts);
  return {
    accountId,
    role: roleOf(accountId),
    ...stateOf(facts, master?.health, around),
    ...(account === undefined ? {} : { profile: profileView(account) }),
    worth: worthOf(facts.snapshot, at),
    key: keyView(account, facts),
    ...(lastCheck === undefined ? {} : { lastCheck }),
    findings: [...findingsOf(facts, { lastCheck, failing, checkEveryMs: around.checkEveryMs })],
    failing,
  };
};

const PARTS = {
  profile: 'profile',
  keyState: 'key state',
  attestation: 'key attestation',
  circuit: 'circuit breaker',
  following: 'note of its master',
  unjudged: 'list of what is not judged',
  reconciliation: 'reconciliation',
  snapshot: 'last snapshot',
  unfinished: 'unfinished work',
  drifts: 'drifts',
} as const satisfies Partial<Record<keyof AccountFacts, string>>;

const failingParts = (facts: AccountFacts): AccountView['failing'] => {
  const failing: AccountView['failing'] = [];
  for (const [name, part] of Object.entries(PARTS)) {
    const read: Read<unknown> = facts[name as keyof typeof PARTS];
    if (!read.readable) failing.push({ part, why: read.why });
  }
  if (facts.keyOwner?.readable === false) failing.push({ part: 'key owner', why: facts.keyOwner.why });
  return failing;
};

/** When a check last came through: its executions were read up to it, or it measured the account. */
const lastCheckOf = (
  { reconciliation, snapshot, at }: AccountFacts,
  checkEveryMs: number,
): AccountView['lastCheck'] => {
  const progress = readValue(reconciliation);
  const moments = [
    progress === undefined || progress.behindSince !== undefined ? undefined : progress.cursor,
    readValue(snapshot)?.at,
  ].filter((moment): moment is Instant => moment !== undefined);
  if (moments.length === 0) return undefined;
  const last = Math.max(...moments);
  const ageMs = Math.max(0, at - last);
  return { at: last, ageMs, overdue: ageMs > CHECKS_MISSED * checkEveryMs };
};

const lastTickOf = (status: MasterStatus | undefined, at: Instant): AccountView['lastCheck'] => {
  if (status === undefined) return undefined;
  const ageMs = Math.max(0, at - status.at);
  return { at: status.at, ageMs, overdue: ageMs > HEARTBEAT_PERIODS * status.periodMs };
};

const worthOf = (read: Read<EquitySnapshot | undefined>, at: Instant): AccountView['worth'] => {
  if (!read.readable) return { known: false, why: `its last snapshot cannot be read: ${read.why}` };
  const { value: snapshot } = read;
  if (snapshot === undefined)
    return { known: false, why: 'it was not measured yet: its first check, or tick, does it' };
  return {
    known: true,
    cash: text(snapshot.cash),
    held: text(snapshot.held),
    equity: text(snapshot.equity),
    profit: text(minus(snapshot.equity, snapshot.paidIn)),
    paidIn: text(snapshot.paidIn),
    at: snapshot.at,
    ageMs: Math.max(0, at - snapshot.at),
  };
};

const keyView = (account: Account | undefined, facts: AccountFacts): AccountView['key'] => {
  const keyState = readValue(facts.keyState);
  const attestation = readValue(facts.attestation);
  return {
    ...(account === undefined ? {} : { fingerprint: account.keyFingerprint }),
    ...(facts.keyState.readable ? { usable: keyState?.usable !== false } : {}),
    ...(keyState?.usable === false
      ? {
          problem: {
            since: keyState.since,
            code: keyState.code,
            remedy: UNUSABLE_TODO[keyState.code],
          },
        }
      : {}),
    ...(attestation === undefined || attestation.keyFingerprint !== account?.keyFingerprint
      ? {}
      : {
          attested: {
            at: attestation.attestedAt,
            permissions: [...attestation.permissions],
            findings: attestation.findings.map((finding) => ({ ...finding })),
          },
        }),
  };
};

const profileView = (account: Account): NonNullable<AccountView['profile']> => {
  const { follows, followsSince, limits, allowedSymbols, strategy, protection, accountId } = account;
  return {
    exchange: account.exchange,
    quoteCurrency: account.quoteCurrency,
    registeredAt: account.registeredAt,
    ...(follows === undefined ? {} : { follows, followsSince: followsSince ?? account.registeredAt }),
    enabled: account.enabled,
    copyPaused: account.copyPaused,
    exitOnly: account.exitOnly,
    limits: {
      maxTradeFraction: text(limits.maxTradeFraction),
      maxOpenPositions: limits.maxOpenPositions,
      maxSlippageBps: text(limits.maxSlippageBps),
      maxTradeAgeSeconds: limits.maxTradeAgeSeconds,
      maxDailyLoss: text(limits.maxDailyLoss),
      maxDrawdown: text(limits.maxDrawdown),
      cashReserve: text(limits.cashReserve),
      minimumEquity: text(limits.minimumEquity),
      maxOrdersPerHour: limits.maxOrdersPerHour,
      maxHourlyTurnover: text(limits.maxHourlyTurnover),
    },
    sizing: sizingView(account),
    ...(isUser(accountId) ? { protection: protectionView(protection) } : {}),
    deniedSymbols: [...account.deniedSymbols],
    ...(allowedSymbols === undefined ? {} : { allowedSymbols: [...allowedSymbols] }),
    ...(strategy === undefined
      ? {}
      : { strategy: { name: strategy.name, mode: strategy.mode, symbols: [...strategy.symbols] } }),
  };
};

const sizingView = ({ sizing }: Account): NonNullable<AccountView['profile']>['sizing'] => {
  switch (sizing.mode) {
    case 'proportional':
      return { mode: sizing.mode, multiplier: text(sizing.multiplier) };
    case 'fixed-amount':
      return { mode: sizing.mode, amount: text(sizing.amount) };
    case 'fixed-ratio':
      return { mode: sizing.mode, ratio: text(sizing.ratio) };
  }
};

const protectionView = ({ stopLoss, takeProfit, trailing, ...rest }: Protection) => ({
  ...rest,
  stopLoss: stopLoss === null ? null : text(stopLoss),
  takeProfit: takeProfit.map(({ at, sell }) => ({ at: text(at), sell: text(sell) })),
  trailing:
    trailing === null ? null : { activateAt: text(trailing.activateAt), distance: text(trailing.distance) },
});
