import type { Account } from '../account/account.ts';
import { UNUSABLE_TODO } from '../account/unusable-codes.ts';
import type { MasterHealth } from '../copying/master-status.ts';
import { text } from '../money/money.ts';
import { whyTripped } from '../protection/runaway.ts';
import { iso } from '../time/clock.ts';
import { type AccountFacts, readValue, type Surroundings } from './account-facts.ts';
import type { AccountView } from './contract/account-answer.ts';
import { isUser } from './pages.ts';

type State = Pick<AccountView, 'state' | 'reason'>;

/** In a word what an account does, and why; none of it stops a SELL. */
export const stateOf = (
  facts: AccountFacts,
  master: MasterHealth | undefined,
  around: Pick<Surroundings, 'halt' | 'breaker'>,
): State => {
  const { profile } = facts;
  if (!profile.readable) return { state: 'failing', reason: profile.why };
  const account = profile.value;
  if (account === undefined)
    return { state: 'failing', reason: `there is no account of this id (given '${facts.accountId}')` };
  return (
    (account.enabled ? undefined : { state: 'disabled', reason: 'disabled by the operator' }) ??
    keyProblem(account, facts) ??
    exitOnly(account, facts) ??
    halted(around) ??
    byRole(account, facts, master)
  );
};

/** Why the account's key serves it no more, or endangers it. */
export const keyProblem = (account: Account, facts: AccountFacts): State | undefined => {
  const keyState = readValue(facts.keyState);
  const { keyOwner } = facts;
  if (keyOwner?.readable && keyOwner.value !== account.accountId)
    return {
      state: 'key-problem',
      reason: `its key belongs to ${keyOwner.value ?? 'no account'}: each account needs a key of its own`,
    };
  if (keyState?.usable === false)
    return {
      state: 'key-problem',
      reason: `${keyState.code} since ${iso(keyState.since)}: ${UNUSABLE_TODO[keyState.code]}`,
    };
  const bad = attestationOf(account, facts)?.findings.find(
    ({ level }) => level === 'danger' || level === 'broken',
  );
  return bad === undefined ? undefined : { state: 'key-problem', reason: bad.says };
};

/** What the exchange said of the key that the account has now; of another one it says nothing. */
export const attestationOf = ({ keyFingerprint }: Account, { attestation }: AccountFacts) => {
  const last = readValue(attestation);
  return last?.keyFingerprint === keyFingerprint ? last : undefined;
};

/** By its switch, or because it has too little to buy. */
const exitOnly = (account: Account, facts: AccountFacts): State | undefined => {
  if (account.exitOnly) return { state: 'exit-only', reason: 'set to exit-only' };
  const equity = readValue(facts.snapshot)?.equity;
  const { minimumEquity } = account.limits;
  return equity?.lt(minimumEquity) === true && isUser(account.accountId)
    ? {
        state: 'exit-only',
        reason: `its last known equity ${text(equity)} is below its minimum of ${text(minimumEquity)}`,
      }
    : undefined;
};

/** That nobody buys. What cannot be read counts as engaged. */
export const halted = ({ halt, breaker }: Pick<Surroundings, 'halt' | 'breaker'>): State | undefined => {
  if (!halt.readable) return { state: 'halted', reason: `the halt switch could not be read: ${halt.why}` };
  if (halt.value.engaged)
    return {
      state: 'halted',
      reason: `all buying was halted by ${halt.value.by} at ${iso(halt.value.since)}: ${halt.value.why}`,
    };
  const tripped = whyTripped(breaker);
  return tripped === undefined ? undefined : { state: 'halted', reason: tripped };
};

const byRole = (account: Account, facts: AccountFacts, master: MasterHealth | undefined): State => {
  if (!isUser(account.accountId)) {
    if (master?.healthy === false) return { state: 'unhealthy', reason: master.reason };
    const mode = account.strategy?.mode ?? 'paper';
    return mode === 'live'
      ? { state: 'trading', reason: 'its strategy trades' }
      : { state: 'paper', reason: 'its strategy decides on paper and sends no order' };
  }
  if (master?.healthy === false) return { state: 'standalone', reason: master.reason };
  if (account.copyPaused) return { state: 'paused', reason: 'copying is paused' };
  if (facts.attestation.readable && attestationOf(account, facts) === undefined)
    return {
      state: 'unattested',
      reason: 'nobody has asked the exchange yet what its key may do: its next check does',
    };
  return account.follows === undefined
    ? { state: 'independent', reason: 'follows no master' }
    : { state: 'following', reason: `follows ${account.follows}` };
};
