import type { Account, AccountId } from '../account/account.ts';
import type { CheckFacts } from '../check/check-facts.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { attemptRead } from '../ledger/read.ts';
import type { Clock } from '../time/clock.ts';
import { asksForEquity, judgeEquity } from './equity-losses.ts';
import { type Looks, looksAtEquity, looksAtPrices } from './looks.ts';
import {
  type Held,
  heldAtExchange,
  type ProtectSymbolPorts,
  protectSymbol,
  type SymbolProtection,
} from './protect-symbol.ts';
import { EQUITY, noteUnjudged, type UnjudgedPorts, type UnjudgedSubject } from './unjudged.ts';
import type { Watch } from './watch.ts';

export interface ProtectPorts extends ProtectSymbolPorts, UnjudgedPorts {
  readonly ledger: ProtectSymbolPorts['ledger'] & Pick<Ledger, 'risk'>;
}

/**
 * By what a pass of a check judges. `prices`: every position by its own price; needs nothing but balances and
 * prices, so it comes first. `equity`: every position by the account's loss of equity, where there is one; needs the
 * snapshot of the same facts, which tells a loss from a withdrawal.
 */
export type ProtectionPass = 'prices' | 'equity';

export interface ProtectionReport {
  readonly symbols: readonly SymbolProtection[];
  /** Where the owner wants an exit for a loss of equity, and it could not be judged. */
  readonly equityNotJudged?: string;
}

/**
 * Judges the positions of an account by its own prices and settings, and sells what its rules say. It asks no
 * switch, no halt, no limit of buying and nothing of a master. One symbol's failure stops no other. What cannot be
 * judged check after check is told.
 *
 * @throws LedgerError where positions, or what is remembered of them, could not be listed
 */
export const protect = async (
  facts: CheckFacts,
  pass: ProtectionPass,
  ports: ProtectPorts,
): Promise<ProtectionReport> =>
  pass === 'prices' ? await protectByPrices(facts, ports) : await protectByEquity(facts, ports);

/**
 * Notes that a check came to none of what a pass judges: what could not even be read is not protected either. Never
 * throws.
 */
export const noteUnreached = async (
  account: Account,
  pass: ProtectionPass,
  why: string,
  ports: UnreachedPorts,
): Promise<void> => {
  const { accountId, protection } = account;
  const subjects = new Map<UnjudgedSubject, string>();
  if (pass === 'equity' && asksForEquity(protection)) subjects.set(EQUITY, why);
  if (pass === 'prices' && protection.enabled) {
    const positions = await attemptRead(() => ports.ledger.positions.list(accountId));
    if (!positions.readable) {
      ports.log.warn('what is not protected is not known', { account: accountId, why: positions.why });
      return;
    }
    for (const { symbol, quantity } of positions.value) if (!quantity.isZero()) subjects.set(symbol, why);
  }
  const concerns = (of: UnjudgedSubject): boolean => (of === EQUITY) === (pass === 'equity');
  await noteUnjudged(account, concerns, subjects, ports.clock.now(), ports);
};

export interface UnreachedPorts extends UnjudgedPorts {
  readonly ledger: UnjudgedPorts['ledger'] & Pick<Ledger, 'positions'>;
  readonly clock: Clock;
}

const protectByPrices = async (facts: CheckFacts, ports: ProtectPorts): Promise<ProtectionReport> => {
  const symbols = await protectAll(facts, looksAtPrices(facts, ports), ports);
  const { account, at } = facts;
  const unjudged = account.protection.enabled ? symbols.flatMap((one) => unjudgedOf(one, facts)) : [];
  await noteUnjudged(account, (of) => of !== EQUITY, new Map(unjudged), at, ports);
  return { symbols };
};

const unjudgedOf = (
  one: SymbolProtection,
  { pricesUnread }: Pick<CheckFacts, 'pricesUnread'>,
): readonly (readonly [UnjudgedSubject, string])[] => {
  if (one.state === 'LEFT' || one.state === 'FAILED') return [[one.symbol, one.why]];
  if (one.state !== 'HELD') return [];
  switch (one.reason) {
    case 'NO_PRICE':
      return [[one.symbol, `NO_PRICE: ${pricesUnread?.message ?? 'the exchange has no bid for it'}`]];
    case 'NO_COST':
      return [[one.symbol, 'NO_COST: its rules go by what it cost, and that is not known']];
    default:
      return [];
  }
};

const protectByEquity = async (facts: CheckFacts, ports: ProtectPorts): Promise<ProtectionReport> => {
  const { account, at } = facts;
  const { accountId, protection } = account;
  const asked = asksForEquity(protection);
  const risk = asked ? await attemptRead(() => ports.ledger.risk.get(accountId)) : undefined;
  const verdict =
    risk === undefined
      ? ({ state: 'JUDGED', losses: [] } as const)
      : risk.readable
        ? judgeEquity(facts, risk.value, protection)
        : ({ state: 'NOT_JUDGED', why: risk.why } as const);
  const why = verdict.state === 'NOT_JUDGED' ? verdict.why : undefined;
  if (why !== undefined) ports.log.warn('a loss of equity could not be judged', { account: accountId, why });
  const unjudged = new Map<UnjudgedSubject, string>(why === undefined ? [] : [[EQUITY, why]]);
  const losses = verdict.state === 'JUDGED' ? verdict.losses : [];
  const stored = risk?.readable ? risk.value : undefined;
  const symbols =
    losses.length === 0 ? [] : await protectAll(facts, looksAtEquity(facts, stored, losses, ports), ports);
  await noteUnjudged(account, (of) => of === EQUITY, unjudged, at, ports);
  return { symbols, ...(why === undefined ? {} : { equityNotJudged: why }) };
};

const protectAll = async (
  facts: CheckFacts,
  looks: Looks,
  ports: ProtectPorts,
): Promise<readonly SymbolProtection[]> => {
  const { accountId } = facts.account;
  const [positions, watches] = await Promise.all([
    ports.ledger.positions.list(accountId),
    ports.ledger.protections.watches(accountId),
  ]);
  // A position may be gone already while its sale is not concluded.
  const running = watches.filter((watch) => watch.running !== undefined);
  const names = new Set([...positions, ...running].map(({ symbol }) => symbol));
  const held = heldAtExchange(facts.balances);
  const symbols: SymbolProtection[] = [];
  for (const symbol of [...names].sort()) {
    const watch = watches.find((known) => known.symbol === symbol);
    symbols.push(await attemptSymbol({ accountId, symbol, watch, held }, facts, looks, ports));
  }
  return symbols;
};

const attemptSymbol = async (
  subject: {
    readonly accountId: AccountId;
    readonly symbol: MarketSymbol;
    readonly watch: Watch | undefined;
    readonly held: Held;
  },
  facts: CheckFacts,
  looks: Looks,
  ports: ProtectPorts,
): Promise<SymbolProtection> => {
  const { accountId, symbol } = subject;
  const doubt = facts.doubtful.get(symbol);
  if (doubt !== undefined) {
    ports.log.warn('a position is left to the next check', { account: accountId, symbol, why: doubt });
    return { symbol, exits: [], state: 'LEFT', why: doubt };
  }
  try {
    return await protectSymbol(subject, facts, looks, ports);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    ports.log.error('a position could not be protected', error, { account: accountId, symbol });
    ports.meter.count('ProtectionFailed', { account: accountId, symbol, why });
    return { symbol, exits: [], state: 'FAILED', why };
  }
};
