import type { AccountId } from '../account/account.ts';
import type { Connection } from '../account/connect.ts';
import type { CheckFacts } from '../check/check-facts.ts';
import type { Executions, Fill } from '../exchange/exchange.ts';
import type { Asset } from '../exchange/market.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Position } from '../ledger/position.ts';
import { lessAtMost, plus, type Quantity, quantity, ZERO_QUANTITY } from '../money/money.ts';
import type { Instant } from '../time/clock.ts';
import { LISTED_MS } from './follow-drift.ts';
import { assetsOf, type Holding } from './holdings.ts';
import type { OwnTrades, ReconciliationStore } from './reconciliation-store.ts';

/** What executions took of an asset, and what they brought, fees included. */
export interface Flow {
  readonly out: Quantity;
  readonly in: Quantity;
}

export const flowOf = (asset: Asset, fills: readonly Fill[]): Flow => {
  let out = ZERO_QUANTITY;
  let inward = ZERO_QUANTITY;
  const move = (amount: Quantity, toOwner: boolean): void => {
    if (toOwner) inward = plus(inward, amount);
    else out = plus(out, amount);
  };
  for (const { symbol, side, quantity: amount, cost, fee } of fills) {
    const { base, quote } = assetsOf(symbol);
    if (base === asset) move(amount, side === 'BUY');
    if (quote === asset) move(quantity(cost), side === 'SELL');
    if (fee.asset === asset) move(fee.amount, false);
  }
  return { out, in: inward };
};

/** What may still be read of an account's history in a check, and what was: a key may ask little of it. */
export interface HistoryBudget {
  pages: number;
  /** Why nothing is to be read: executions of ours are not all known, so whose one is cannot be told. */
  readonly unreadable?: string;
  /** Complete from this moment on; serves every asset that needs no more. */
  read?: { readonly since: Instant; readonly executions: Executions };
}

/** With less than that nothing is read. */
const LEAST_PAGES = 2;

export type OwnSalesReading =
  | { readonly complete: true; readonly sold: Quantity }
  /** There is more to read than a check may: the next one goes on from here. */
  | { readonly complete: false; readonly readTo: Instant };

/**
 * What the owner has sold of an asset since its positions were opened, past Nija: sales less purchases, less
 * what earlier adjustments account for already. To be asked after all executions of ours are recorded: what is
 * recorded is ours, the rest is the owner's. What is old enough to be listed in full is read once and remembered.
 *
 * @throws ExchangeError, LeaseLost, LedgerError
 */
export const ownSalesOf = async (
  { asset, positions }: Pick<Holding, 'asset' | 'positions'>,
  budget: HistoryBudget,
  { account: { accountId }, connection, at }: CheckFacts,
  { fills, reconciliation }: Pick<Ledger, 'fills' | 'reconciliation'>,
): Promise<OwnSalesReading> => {
  const since = Math.min(...positions.map(({ openedAt }) => openedAt));
  const stored = await reconciliation.ownTrades(accountId, asset);
  const known: OwnTrades =
    stored?.since === since
      ? stored
      : { accountId, asset, since, readTo: since, out: ZERO_QUANTITY, in: ZERO_QUANTITY };
  const read = await executionsSince(known.readTo, budget, connection);
  if (read === undefined) return { complete: false, readTo: known.readTo };
  const touching = [...read.fills, ...read.unlisted.flatMap((one) => one.read ?? [])].filter((fill) => {
    const { base, quote } = assetsOf(fill.symbol);
    return fill.at >= known.readTo && [base, quote, fill.fee.asset].includes(asset);
  });
  const ours = await fills.recorded(
    accountId,
    touching.map(({ fillId }) => fillId),
  );
  const own = touching.filter(({ fillId }) => !ours.has(fillId));
  const settledTo = Math.min(read.readTo ?? at, at - LISTED_MS);
  if (settledTo > known.readTo) {
    const settled = own.filter((fill) => fill.at < settledTo);
    await reconciliation.saveOwnTrades({ ...grown(known, settled), readTo: settledTo });
  }
  if (read.readTo !== undefined) return { complete: false, readTo: read.readTo };
  const all = grown(known, own);
  const accounted = await accountedFor(accountId, positions, reconciliation);
  return { complete: true, sold: lessAtMost(lessAtMost(all.out, all.in), accounted) };
};

/** Undefined where no more may be read in this check. */
const executionsSince = async (
  since: Instant,
  budget: HistoryBudget,
  { session, keep }: Connection,
): Promise<Executions | undefined> => {
  if (budget.read !== undefined && budget.read.since <= since) return budget.read.executions;
  if (budget.pages < LEAST_PAGES) return undefined;
  const mostPages = budget.pages;
  budget.pages -= 1;
  const executions = await session.fillsSince(since, {
    mostPages,
    keep: async () => {
      budget.pages -= 1;
      await keep();
    },
  });
  if (executions.readTo === undefined) budget.read = { since, executions };
  return executions;
};

const grown = (known: OwnTrades, more: readonly Fill[]): OwnTrades => {
  const flow = flowOf(known.asset, more);
  return { ...known, out: plus(known.out, flow.out), in: plus(known.in, flow.in) };
};

const accountedFor = async (
  accountId: AccountId,
  positions: readonly Position[],
  reconciliation: Pick<ReconciliationStore, 'adjustmentsSince'>,
): Promise<Quantity> => {
  const changes = await Promise.all(
    positions.map(({ symbol, openedAt }) => reconciliation.adjustmentsSince(accountId, symbol, openedAt)),
  );
  return changes
    .flat()
    .filter(({ reason }) => reason === 'OWN_SALE')
    .reduce(
      (sum, change) => plus(sum, lessAtMost(change.quantityBefore, change.quantityAfter)),
      ZERO_QUANTITY,
    );
};
