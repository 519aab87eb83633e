import type { Account } from '../../shared/account/account.ts';
import { UnknownAccount } from '../../shared/account/errors.ts';
import { type Adjustment, askedId } from '../../shared/ledger/adjustment.ts';
import { text } from '../../shared/money/money.ts';
import {
  type AdoptInput,
  type Adoption,
  AdoptionRefused,
  type AdoptPorts,
  type AdoptReport,
  type Release,
} from './adopt-contract.ts';
import { release } from './release.ts';
import { showHoldings } from './show-holdings.ts';
import { takeOver } from './take-over.ts';

/**
 * At its owner's command takes coins of an account into management, or gives a position back to the owner. No
 * order is sent by either. Each is kept with who, when and why, in the transaction that changes the position.
 *
 * @throws UnknownAccount, AdoptionRefused: nothing was changed
 * @throws VaultError, LeaseUnavailable, ExchangeError: nothing was changed
 * @throws ConcurrentChange, LedgerError: ask again with the same request id
 */
export const runAdopt = async (input: AdoptInput, ports: AdoptPorts): Promise<AdoptReport> => {
  const { accountId } = input;
  const account = await ports.ledger.accounts.get(accountId);
  if (account === undefined) throw new UnknownAccount(accountId);
  if (input.action === 'status') return await showHoldings(account, ports);
  const id = askedId(input.requestId);
  const known = await ports.ledger.reconciliation.adjustment(accountId, id);
  if (known !== undefined) return repeated(input, known);
  const adjustment = await change(input, account, ports);
  const { symbol, reason, quantityBefore, quantityAfter, by, why } = adjustment;
  ports.log.warn('a position was changed at its owner’s command', {
    account: accountId,
    symbol,
    reason,
    position: text(quantityBefore),
    after: text(quantityAfter),
    by,
    why,
  });
  return { accountId, summary: summaryOf(adjustment), adjustment, repeated: false };
};

const change = async (
  input: Adoption | Release,
  account: Account,
  ports: AdoptPorts,
): Promise<Adjustment> => {
  switch (input.action) {
    case 'adopt':
      return await takeOver(input, account, ports);
    case 'release':
      return await release(input, account, ports);
  }
};

const repeated = (input: Adoption | Release, known: Adjustment): AdoptReport => {
  const { accountId, requestId, symbol } = input;
  const same =
    known.symbol === symbol &&
    (input.action === 'adopt'
      ? known.reason === 'ADOPTED' &&
        known.quantityAfter.minus(known.quantityBefore).eq(input.quantity) &&
        known.costAfter.minus(known.costBefore).eq(input.quantity.times(input.costPerUnit))
      : known.reason === 'RELEASED');
  if (same) {
    const summary = `This was done before, and nothing more is done now. ${summaryOf(known)}`;
    return { accountId, summary, adjustment: known, repeated: true };
  }
  throw new AdoptionRefused(
    `request id '${requestId}' of ${accountId} belongs to another change (${summaryOf(known)}): use a new id`,
  );
};

const summaryOf = ({ accountId, symbol, reason, ...change }: Adjustment): string => {
  const now = `${text(change.quantityAfter)} for ${text(change.costAfter)}`;
  return reason === 'ADOPTED'
    ? `The position ${symbol} of ${accountId} was ${text(change.quantityBefore)} for ${text(change.costBefore)} and is now ${now}.`
    : `${text(change.quantityBefore)} of ${symbol} are ${accountId}'s own again: Nija neither sells nor protects them.`;
};
