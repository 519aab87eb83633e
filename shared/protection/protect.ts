import type { AccountId } from '../account/account.ts';
import type { CheckFacts } from '../check/check-facts.ts';
import type { Market, MarketSymbol } from '../exchange/market.ts';
import { type Ledger, LedgerError } from '../ledger/ledger.ts';
import type { Position } from '../ledger/position.ts';
import { attemptRead } from '../ledger/read.ts';
import { ZERO_QUANTITY } from '../money/money.ts';
import { type Carried, type CarryOutPorts, carryOut, giveUpPart, nameOf } from './carry-out.ts';
import { decide, type HoldReason, type ProtectionDecision, type SellDecision, usableBid } from './decide.ts';
import { asksForEquity, type EquityLoss, judgeEquity } from './equity-losses.ts';
import { exitIdOf, type ProtectiveExit } from './protective-exit.ts';
import { type Watch, watchOver } from './watch.ts';

export interface ProtectPorts extends CarryOutPorts {
  readonly ledger: CarryOutPorts['ledger'] & Pick<Ledger, 'risk'>;
}

/**
 * What one check did for one symbol. LEFT: an order of it is in doubt, so nothing was concluded. ENDED: what was
 * to be sold was sold, or there was nothing to sell any more. FAILED: the next check tries again.
 */
export type SymbolProtection = {
  readonly symbol: MarketSymbol;
  /** Begun or gone on with in this check. */
  readonly exits: readonly ProtectiveExit[];
} & (
  | { readonly state: 'HELD'; readonly reason: HoldReason }
  | { readonly state: 'LEFT' | 'FAILED'; readonly why: string }
  | { readonly state: 'ENDED' }
);

export interface ProtectionReport {
  readonly symbols: readonly SymbolProtection[];
  /** Where the owner wants an exit for a loss of equity, and it could not be judged. */
  readonly equityNotJudged?: string;
}

/**
 * Judges every position of an account by its own prices and settings, and sells what its rules say. It asks no
 * switch, no halt, no limit of buying and nothing of a master. One symbol's failure stops no other.
 *
 * @throws LedgerError where positions, or what is remembered of them, could not be listed
 */
export const protect = async (facts: CheckFacts, ports: ProtectPorts): Promise<ProtectionReport> => {
  const { accountId } = facts.account;
  const [positions, watches] = await Promise.all([
    ports.ledger.positions.list(accountId),
    ports.ledger.protections.watches(accountId),
  ]);
  const equity = await judgedEquity(facts, ports);
  // A position may be gone already while its sale is not concluded.
  const running = watches.filter((watch) => watch.running !== undefined);
  const names = new Set([...positions, ...running].map(({ symbol }) => symbol));
  const symbols: SymbolProtection[] = [];
  for (const symbol of [...names].sort()) {
    const watch = watches.find((known) => known.symbol === symbol);
    symbols.push(await attemptSymbol({ accountId, symbol, watch, losses: equity.losses }, facts, ports));
  }
  return { symbols, ...(equity.why === undefined ? {} : { equityNotJudged: equity.why }) };
};

interface Subject {
  readonly accountId: AccountId;
  readonly symbol: MarketSymbol;
  /** As stored. */
  readonly watch: Watch | undefined;
  readonly losses: readonly EquityLoss[];
}

const judgedEquity = async (
  facts: CheckFacts,
  { ledger, log }: ProtectPorts,
): Promise<{ readonly losses: readonly EquityLoss[]; readonly why?: string }> => {
  const { accountId, protection } = facts.account;
  if (!asksForEquity(protection)) return { losses: [] };
  const risk = await attemptRead(() => ledger.risk.get(accountId));
  const verdict = risk.readable
    ? judgeEquity(facts, risk.value, protection)
    : ({ state: 'NOT_JUDGED', why: risk.why } as const);
  if (verdict.state === 'JUDGED') return { losses: verdict.losses };
  log.warn('a loss of equity could not be judged', { account: accountId, why: verdict.why });
  return { losses: [], why: verdict.why };
};

const attemptSymbol = async (
  subject: Subject,
  facts: CheckFacts,
  ports: ProtectPorts,
): Promise<SymbolProtection> => {
  const { accountId, symbol } = subject;
  const doubt = facts.doubtful.get(symbol);
  if (doubt !== undefined) {
    ports.log.warn('a position is left to the next check', { account: accountId, symbol, why: doubt });
    return { symbol, exits: [], state: 'LEFT', why: doubt };
  }
  try {
    return await protectSymbol(subject, facts, ports);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    ports.log.error('a position could not be protected', error, { account: accountId, symbol });
    ports.meter.count('ProtectionFailed', { account: accountId, symbol, why });
    return { symbol, exits: [], state: 'FAILED', why };
  }
};

/** Ends what was begun, then judges, sells and judges again, until nothing fires. */
const protectSymbol = async (
  { accountId, symbol, watch: stored, losses }: Subject,
  facts: CheckFacts,
  ports: ProtectPorts,
): Promise<SymbolProtection> => {
  const { protection: settings } = facts.account;
  const market = marketOf(symbol, facts);
  const exits: ProtectiveExit[] = [];
  let watch = stored;
  for (;;) {
    /** A part that could not be sold: it gives way to the sale of the whole, and to nothing less. */
    let stuck: ProtectiveExit | undefined;
    if (watch?.running !== undefined) {
      const carried = await goOn(watch, facts, ports);
      const { exit } = carried;
      exits.push(exit);
      const isPart = exit.most !== undefined;
      if (exit.state === 'RUNNING') {
        const why = exit.result?.detail ?? 'nothing was tried';
        if (!isPart || (await isInDoubt(accountId, symbol, ports)))
          return { symbol, exits, state: 'FAILED', why };
        stuck = exit;
      } else if (!isPart && exit.state !== 'ABANDONED') return { symbol, exits, state: 'ENDED' };
      watch = carried.watch;
    }
    const position = await ports.ledger.positions.get(accountId, symbol);
    if (position === undefined || position.quantity.isZero()) return { symbol, exits, state: 'ENDED' };
    const seen = seenOf(position, market, facts);
    const witnessed = settings.enabled ? watchOver(watch, seen, settings) : watch;
    const decision = decide({ ...seen, watch: witnessed, settings, losses });
    const fires = decision.action === 'SELL' && (stuck === undefined || decision.most === undefined);
    if (!fires || witnessed === undefined) {
      if (witnessed !== undefined && witnessed !== watch)
        await ports.ledger.protections.save({ ...witnessed, version: witnessed.version + 1 });
      return { symbol, exits, ...heldBy(decision, stuck, position, ports) };
    }
    const free = stuck === undefined ? witnessed : await giveUpPart({ watch: witnessed, exit: stuck }, ports);
    watch = await begin(decision, free, ports);
  }
};

/** Why nothing more is sold of a position in this check. */
const heldBy = (
  decision: ProtectionDecision,
  stuck: ProtectiveExit | undefined,
  { accountId, symbol }: Position,
  { log }: ProtectPorts,
) => {
  const reason = decision.action === 'HOLD' ? decision.reason : 'NO_RULE_FIRES';
  if (reason === 'NO_PRICE' || reason === 'NO_COST')
    log.warn('a position is held without being judged', { account: accountId, symbol, reason });
  return stuck === undefined
    ? ({ state: 'HELD', reason } as const)
    : ({ state: 'FAILED', why: stuck.result?.detail ?? 'a part could not be sold' } as const);
};

const goOn = async (watch: Watch, facts: CheckFacts, ports: ProtectPorts): Promise<Carried> => {
  const exit = await runningExit(watch, ports);
  const position = await ports.ledger.positions.get(watch.accountId, watch.symbol);
  return await carryOut({ watch, exit }, lostReason(watch, position, facts), facts, ports);
};

const marketOf = (symbol: MarketSymbol, { connection }: CheckFacts): Market => {
  const market = connection.markets.find((known) => known.symbol === symbol);
  if (market === undefined)
    throw new Error(`the exchange lists no market ${symbol} any more: sell it by hand, or give it back`);
  return market;
};

const seenOf = (position: Position, market: Market, { balances, tickers, at }: CheckFacts) => ({
  position,
  market,
  held: balances.find(({ asset }) => asset === market.base)?.total ?? ZERO_QUANTITY,
  bid: usableBid(tickers.get(position.symbol)?.bid),
  at,
});

const runningExit = async (watch: Watch, { ledger }: ProtectPorts): Promise<ProtectiveExit> => {
  const { accountId, symbol, running = '' } = watch;
  const exit = await ledger.protections.exit(accountId, running);
  if (exit !== undefined) return exit;
  throw new LedgerError(
    `protective exit ${running} of ${accountId} is gone, while ${symbol} waits for its end: the ledger is damaged. Restore that item`,
  );
};

/** Why an exit that was begun is not gone on with. */
const lostReason = (
  { openedAt }: Watch,
  position: Position | undefined,
  { account }: CheckFacts,
): string | undefined => {
  if (!account.protection.enabled) return 'protection was switched off';
  if (position?.quantity.gt(0) && position.openedAt !== openedAt)
    return 'the position was sold by others, and another one was opened since';
  return undefined;
};

/** Then nobody knows what is held, and nothing else may be sold of it. */
const isInDoubt = async (
  accountId: AccountId,
  symbol: MarketSymbol,
  { ledger }: ProtectPorts,
): Promise<boolean> => (await ledger.orders.inDoubt(accountId)).some((order) => order.symbol === symbol);

/** Stores the decision, before anything is sold for it. */
const begin = async (
  { rule, level, most, because, numbers }: SellDecision,
  watch: Watch,
  { ledger, clock, log, meter }: ProtectPorts,
): Promise<Watch> => {
  const { accountId, symbol, since } = watch;
  const exit: ProtectiveExit = {
    accountId,
    symbol,
    since,
    rule,
    ...(level === undefined ? {} : { level }),
    ...(most === undefined ? {} : { most }),
    because,
    numbers,
    decidedAt: clock.now(),
    state: 'RUNNING',
    version: 1,
  };
  const begun: Watch = {
    ...watch,
    levels: watch.levels.map((known) => (known.at === level ? { ...known, fired: true } : known)),
    running: exitIdOf(exit),
    version: watch.version + 1,
  };
  await ledger.protections.save(begun, exit);
  log.warn('a position is sold for its protection', { ...nameOf(exit), ...numbers, because });
  meter.count('ProtectionFired', nameOf(exit));
  return begun;
};
