import type { Account } from '../../shared/account/account.ts';
import { withConnection } from '../../shared/account/connect.ts';
import { text } from '../../shared/money/money.ts';
import { holdingsOf } from '../../shared/reconciliation/holdings.ts';
import { SECOND } from '../../shared/time/clock.ts';
import type { AdoptPorts, AdoptReport } from './adopt-contract.ts';

const LEASE_WAIT_MS = 25 * SECOND;
const SHOWN = 20;

/** What is managed and what is the owner's own, as the exchange shows it now; it changes nothing. */
export const showHoldings = async (account: Account, ports: AdoptPorts): Promise<AdoptReport> => {
  const { accountId } = account;
  const { positions, reconciliation } = ports.ledger;
  const terms = { holder: 'adopt', priority: 'normal', waitMs: LEASE_WAIT_MS } as const;
  const { managed, holdings } = await withConnection(account, terms, ports, async (connection) => {
    const balances = await connection.session.balances();
    const open = await positions.list(accountId);
    return { managed: open, holdings: holdingsOf(open, balances, connection.markets) };
  });
  const unmanaged = holdings
    .filter((holding) => !holding.unmanaged.isZero())
    .map((holding) => ({ asset: holding.asset, unmanaged: holding.unmanaged }));
  const drifts = (await reconciliation.drifts(accountId)).filter(({ closedAt }) => closedAt === undefined);
  const own = unmanaged.map(({ asset, unmanaged: amount }) => `${text(amount)} ${asset}`).join(', ');
  return {
    accountId,
    summary: `${accountId} has ${managed.length} managed positions; ${own === '' ? 'nothing' : own} is the owner's own, and the ledger differs from the exchange in ${drifts.length} assets.`,
    positions: managed,
    unmanaged,
    drifts,
    lastChanges: (await reconciliation.adjustments(accountId)).slice(-SHOWN).reverse(),
  };
};
