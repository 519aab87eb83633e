import type { Fill, PrivateSession } from '../exchange/exchange.ts';
import type { Asset } from '../exchange/market.ts';
import type { Adjustment } from '../ledger/adjustment.ts';
import type { FillStore } from '../ledger/ledger.ts';
import { lessAtMost, plus, type Quantity, quantity, ZERO_QUANTITY } from '../money/money.ts';
import { assetsOf, type Holding } from './holdings.ts';

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

/**
 * What the owner has sold of an asset since its positions were opened, past Nija: sales less purchases, less
 * what earlier adjustments account for already. To be asked after all executions of ours are recorded: what is
 * recorded is ours, the rest is the owner's.
 *
 * @throws ExchangeError, LedgerError
 */
export const ownSalesOf = async (
  { asset, positions }: Pick<Holding, 'asset' | 'positions'>,
  accountId: string,
  adjustments: readonly Adjustment[],
  { session, fills }: { readonly session: PrivateSession; readonly fills: FillStore },
): Promise<Quantity> => {
  const openedAt = Math.min(...positions.map((position) => position.openedAt));
  const touching = (await session.fillsSince(openedAt)).filter((fill) => {
    const { base, quote } = assetsOf(fill.symbol);
    return [base, quote, fill.fee.asset].includes(asset);
  });
  const ours = await fills.recorded(
    accountId,
    touching.map(({ fillId }) => fillId),
  );
  const flow = flowOf(
    asset,
    touching.filter(({ fillId }) => !ours.has(fillId)),
  );
  const accounted = adjustments
    .filter(
      ({ reason, symbol, at }) =>
        reason === 'OWN_SALE' && positions.some((open) => open.symbol === symbol && at >= open.openedAt),
    )
    .reduce(
      (sum, change) => plus(sum, lessAtMost(change.quantityBefore, change.quantityAfter)),
      ZERO_QUANTITY,
    );
  return lessAtMost(lessAtMost(flow.out, flow.in), accounted);
};
