import { Decimal } from 'decimal.js';
import { text } from '../../../shared/money/money.ts';
import type { BookedTrade } from '../kraken/books.ts';
import { LEAVER } from './cast.ts';
import type { LedgerView } from './collect.ts';
import type { Evidence } from './evidence.ts';
import { type Guarantee, guarantee } from './guarantee.ts';

/** The exchange's own sums add up, and nobody ever held less than nothing. */
export const nothingOversold = ({ books, registered }: Evidence): Guarantee => {
  const problems = [...books.audit()];
  for (const { accountId } of registered.accounts) {
    for (const [asset, { total, free }] of Object.entries(books.balances(accountId))) {
      if (total.startsWith('-') || free.startsWith('-'))
        problems.push(`${accountId} holds ${total} ${asset}, ${free} free`);
    }
  }
  return guarantee(
    'nothingOversold',
    problems,
    `the exchange's books of ${registered.accounts.length} accounts add up, none below zero`,
  );
};

/** Fill by fill and to the last digit, the ledger says what the exchange says. */
export const moneyIsExact = (evidence: Evidence): Guarantee => {
  const trades = evidence.books.trades();
  const problems = evidence.collected.accounts.flatMap((view) => [
    ...fillDifferences(view, trades),
    ...positionDifferences(view, trades, evidence),
  ]);
  const fills = evidence.collected.accounts.reduce((sum, view) => sum + view.fills.length, 0);
  return guarantee(
    'ledgerEqualsExchange',
    problems,
    `${fills} fills and all positions equal the exchange's books to the last digit`,
  );
};

const fillDifferences = (view: LedgerView, trades: readonly BookedTrade[]): readonly string[] => {
  const booked = new Map(
    trades.filter(({ accountId }) => accountId === view.accountId).map((trade) => [trade.tradeId, trade]),
  );
  const problems: string[] = [];
  for (const fill of view.fills) {
    const trade = booked.get(fill.fillId);
    if (trade === undefined) {
      problems.push(`the ledger of ${view.accountId} has a fill ${fill.fillId} that the exchange has not`);
      continue;
    }
    const pairs: readonly (readonly [string, string, string])[] = [
      ['quantity', text(fill.quantity), trade.quantity],
      ['price', text(fill.price), trade.price],
      ['cost', text(fill.cost), trade.cost],
      ['fee', text(fill.fee.amount), trade.fee],
    ];
    for (const [what, ours, theirs] of pairs) {
      if (!new Decimal(ours).eq(theirs))
        problems.push(
          `the ${what} of fill ${fill.fillId} is ${ours} in the ledger and ${theirs} at the exchange`,
        );
    }
  }
  for (const [id, { accountId }] of booked) {
    if (!view.fills.some(({ fillId }) => fillId === id))
      problems.push(`the exchange has a fill ${id} of ${accountId} that the ledger has not`);
  }
  return problems;
};

/** Bought less sold at the exchange; who sold everything may have sold what was its own, too. */
const positionDifferences = (
  view: LedgerView,
  trades: readonly BookedTrade[],
  evidence: Evidence,
): readonly string[] => {
  const net = new Map<string, Decimal>();
  for (const trade of trades.filter(({ accountId }) => accountId === view.accountId)) {
    const signed = new Decimal(trade.quantity).times(trade.side === 'BUY' ? 1 : -1);
    net.set(trade.symbol, (net.get(trade.symbol) ?? new Decimal(0)).plus(signed));
  }
  const own =
    evidence.registered.accounts.find(({ accountId }) => accountId === view.accountId)?.balances ?? {};
  return [...net].flatMap(([symbol, quantity]) => {
    const position = view.positions.find((candidate) => candidate.symbol === symbol);
    const ours = new Decimal(position === undefined ? 0 : text(position.quantity));
    const soldOwn = view.accountId === LEAVER && own[symbol.split('/')[0] ?? ''] !== undefined;
    return soldOwn || ours.eq(quantity)
      ? []
      : [
          `${view.accountId} has ${ours.toFixed()} ${symbol} in the ledger and ${quantity.toFixed()} at the exchange`,
        ];
  });
};
