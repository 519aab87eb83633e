import type { Account } from '../../shared/account/account.ts';
import { type Adjustment, askedId, figuresOf, reducedTo } from '../../shared/ledger/adjustment.ts';
import { ZERO_QUANTITY } from '../../shared/money/money.ts';
import { SECOND } from '../../shared/time/clock.ts';
import { AdoptionRefused, type AdoptPorts, type Release } from './adopt-contract.ts';

const LEASE_WAIT_MS = 25 * SECOND;

/**
 * Gives a position back to its owner. It waits until nobody works with the account's key: what a sale that is being
 * sent right now sells belongs to the position, and is not the owner's to keep. It asks neither exchange nor secret,
 * so it works where these do not.
 */
export const release = async (input: Release, account: Account, ports: AdoptPorts): Promise<Adjustment> => {
  const { accountId, keyFingerprint: fingerprint } = account;
  const terms = { holder: 'adopt', priority: 'normal', waitMs: LEASE_WAIT_MS } as const;
  const lease = await ports.leases.acquire({ accountId, fingerprint, ...terms });
  try {
    return await giveBack(input, ports);
  } finally {
    // It must not hide the result or the first error.
    await lease.release().catch((error: unknown) => {
      ports.log.error('a lease was not given back and runs out by itself', error, { account: accountId });
    });
  }
};

/** An order in doubt comes first: what it sold or bought belongs to the position. */
const giveBack = async (
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
