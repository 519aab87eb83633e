import { type Adjustment, askedId, figuresOf, reducedTo } from '../../shared/ledger/adjustment.ts';
import { ZERO_QUANTITY } from '../../shared/money/money.ts';
import { AdoptionRefused, type AdoptPorts, type Release } from './adopt-contract.ts';

/**
 * Gives a position back to its owner. It asks neither exchange nor key, so it works where these do not; an order
 * in doubt comes first, for what it sold or bought belongs to the position.
 */
export const release = async (
  { accountId, symbol, requestId, by, why }: Release,
  { ledger, clock }: AdoptPorts,
): Promise<Adjustment> => {
  const before = await ledger.positions.get(accountId, symbol);
  if (before === undefined || before.quantity.isZero())
    throw new AdoptionRefused(`${accountId} has no position in ${symbol} to release (given '${symbol}')`);
  const doubtful = (await ledger.orders.inDoubt(accountId)).find((order) => order.symbol === symbol);
  if (doubtful !== undefined)
    throw new AdoptionRefused(
      `${symbol} of ${accountId} was not released: how its ${doubtful.side} order ${doubtful.clientOrderId} ended is not known yet. The next check finds out; ask again then`,
    );
  const after = reducedTo(before, ZERO_QUANTITY);
  const adjustment: Adjustment = {
    ...figuresOf(before, after),
    id: askedId(requestId),
    reason: 'RELEASED',
    by,
    why,
    at: clock.now(),
  };
  await ledger.reconciliation.adjust({ before, after, adjustment });
  return adjustment;
};
