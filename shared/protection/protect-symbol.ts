import type { AccountId } from '../account/account.ts';
import type { CheckFacts } from '../check/check-facts.ts';
import type { AssetBalance } from '../exchange/exchange.ts';
import type { Asset, Market, MarketSymbol } from '../exchange/market.ts';
import { type Ledger, LedgerError } from '../ledger/ledger.ts';
import type { Position } from '../ledger/position.ts';
import { lessAtMost, type Quantity, ZERO_QUANTITY } from '../money/money.ts';
import { begin } from './begin.ts';
import { type Carried, type CarryOutPorts, carryOut, giveUpPart } from './carry-out.ts';
import { decide, type HoldReason, type ProtectionDecision, type SellDecision, usableBid } from './decide.ts';
import type { Look, LookPorts, Looks } from './looks.ts';
import type { ProtectiveExit } from './protective-exit.ts';
import { type Seen, type Watch, watchOver } from './watch.ts';

export interface ProtectSymbolPorts extends CarryOutPorts, LookPorts {
  readonly ledger: CarryOutPorts['ledger'] & Pick<Ledger, 'accounts'>;
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

/** What the exchange holds, less what was sold since it was read: no position is judged by coins that are gone. */
export interface Held {
  of(asset: Asset): Quantity;
  sold(asset: Asset, amount: Quantity): void;
}

export const heldAtExchange = (balances: readonly AssetBalance[]): Held => {
  const totals = new Map(balances.map(({ asset, total }) => [asset, total]));
  const of = (asset: Asset): Quantity => totals.get(asset) ?? ZERO_QUANTITY;
  return { of, sold: (asset, amount) => totals.set(asset, lessAtMost(of(asset), amount)) };
};

interface Subject {
  readonly accountId: AccountId;
  readonly symbol: MarketSymbol;
  /** As stored. */
  readonly watch: Watch | undefined;
  readonly held: Held;
}

/**
 * Ends what was begun, then judges, sells and judges again, until nothing fires. Before anything is sold it is
 * looked at once more, and only what is seen then counts.
 *
 * @throws LedgerError, ConcurrentChange: the next check goes on from what is stored
 */
export const protectSymbol = async (
  { accountId, symbol, watch: stored, held }: Subject,
  facts: CheckFacts,
  looks: Looks,
  ports: ProtectSymbolPorts,
): Promise<SymbolProtection> => {
  const { ledger } = ports;
  const market = marketOf(symbol, facts);
  const exits: ProtectiveExit[] = [];
  let watch = stored;
  let look = looks.first;
  for (;;) {
    /** A part that could not be sold: it gives way to the sale of the whole, and to nothing less. */
    let stuck: ProtectiveExit | undefined;
    if (watch?.running !== undefined) {
      if (watch === stored) look = await looks.again(symbol);
      const carried = await goOn(watch, look, facts, ports);
      const { exit } = carried;
      exits.push(exit);
      held.sold(market.base, carried.sold);
      const isPart = exit.most !== undefined;
      if (exit.state === 'RUNNING') {
        const why = exit.result?.detail ?? 'nothing was tried';
        if (!isPart || (await isInDoubt(accountId, symbol, ports)))
          return { symbol, exits, state: 'FAILED', why };
        stuck = exit;
      } else if (!isPart && exit.state !== 'ABANDONED') return { symbol, exits, state: 'ENDED' };
      watch = carried.watch;
    }
    const position = await ledger.positions.get(accountId, symbol);
    if (position === undefined || position.quantity.isZero()) return { symbol, exits, state: 'ENDED' };
    const seen = { position, market, held: held.of(market.base), at: facts.at };
    let judged = judge(look, seen, watch, stuck);
    if (judged.sale !== undefined) {
      look = await looks.again(symbol);
      judged = confirmed(judged.sale, judge(look, seen, watch, stuck), ports);
    }
    const { sale, witnessed } = judged;
    if (sale === undefined) {
      if (witnessed !== undefined && witnessed !== watch)
        await ledger.protections.save({ ...witnessed, version: witnessed.version + 1 });
      return { symbol, exits, ...heldBy(judged.decision, stuck, position, ports) };
    }
    const free =
      stuck === undefined ? sale.watch : await giveUpPart({ watch: sale.watch, exit: stuck }, ports);
    watch = await begin(sale.decision, free, ports);
  }
};

interface Judgement {
  readonly decision: ProtectionDecision;
  /** What is watched, after it was seen. */
  readonly witnessed: Watch | undefined;
  /** What is to be sold, if anything is. */
  readonly sale?: { readonly decision: SellDecision; readonly watch: Watch };
}

const judge = (
  { account: { protection: settings }, tickers, losses }: Look,
  position: Omit<Seen, 'bid'>,
  watch: Watch | undefined,
  stuck: ProtectiveExit | undefined,
): Judgement => {
  const seen = { ...position, bid: usableBid(tickers.get(position.position.symbol)?.bid) };
  const witnessed = settings.enabled ? watchOver(watch, seen, settings) : watch;
  const decision = decide({ ...seen, watch: witnessed, settings, losses });
  const fires = decision.action === 'SELL' && (stuck === undefined || decision.most === undefined);
  return {
    decision,
    witnessed,
    ...(fires && witnessed !== undefined ? { sale: { decision, watch: witnessed } } : {}),
  };
};

/** Only what is seen right before a sale counts; what was seen at first is told, where it is not so any more. */
const confirmed = (
  { decision, watch: { accountId, symbol } }: NonNullable<Judgement['sale']>,
  again: Judgement,
  { log }: Pick<ProtectSymbolPorts, 'log'>,
): Judgement => {
  if (again.sale === undefined) {
    const { rule, because } = decision;
    log.warn('a rule fired that does not a moment later', { account: accountId, symbol, rule, because });
  }
  return again;
};

/** Why nothing more is sold of a position in this check. */
const heldBy = (
  decision: ProtectionDecision,
  stuck: ProtectiveExit | undefined,
  { accountId, symbol }: Position,
  { log }: Pick<ProtectSymbolPorts, 'log'>,
) => {
  const reason = decision.action === 'HOLD' ? decision.reason : 'NO_RULE_FIRES';
  if (reason === 'NO_PRICE' || reason === 'NO_COST')
    log.warn('a position is held without being judged', { account: accountId, symbol, reason });
  return stuck === undefined
    ? ({ state: 'HELD', reason } as const)
    : ({ state: 'FAILED', why: stuck.result?.detail ?? 'a part could not be sold' } as const);
};

/**
 * @returns besides, what was sold by this: an order of an earlier check, of which is only learnt how it ended, is
 * missing in the position already, and in the balances of this one
 */
const goOn = async (
  watch: Watch,
  { account, tickers }: Look,
  { connection }: CheckFacts,
  ports: ProtectSymbolPorts,
): Promise<Carried & { readonly sold: Quantity }> => {
  const exit = await runningExit(watch, ports);
  const position = await ports.ledger.positions.get(watch.accountId, watch.symbol);
  const lost = lostReason(watch, position, account);
  const carried = await carryOut({ watch, exit }, lost, { connection, tickers }, ports);
  const after = await ports.ledger.positions.get(watch.accountId, watch.symbol);
  return { ...carried, sold: lessAtMost(quantityOf(position), quantityOf(after)) };
};

const quantityOf = (position: Position | undefined): Quantity => position?.quantity ?? ZERO_QUANTITY;

/** Also one that the exchange lists no more: it has no price, so its position is held, and said to be. */
const marketOf = (symbol: MarketSymbol, { connection }: CheckFacts): Market => {
  const market = connection.everListed.find((known) => known.symbol === symbol);
  if (market === undefined)
    throw new Error(`the rules of the market ${symbol} are not known: sell it by hand, or give it back`);
  return market;
};

const runningExit = async (watch: Watch, { ledger }: ProtectSymbolPorts): Promise<ProtectiveExit> => {
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
  { protection }: Look['account'],
): string | undefined => {
  if (!protection.enabled) return 'protection was switched off';
  if (position?.quantity.gt(0) && position.openedAt !== openedAt)
    return 'the position was sold by others, and another one was opened since';
  return undefined;
};

/** Then nobody knows what is held, and nothing else may be sold of it. */
const isInDoubt = async (
  accountId: AccountId,
  symbol: MarketSymbol,
  { ledger }: ProtectSymbolPorts,
): Promise<boolean> => (await ledger.orders.inDoubt(accountId)).some((order) => order.symbol === symbol);
