import { Decimal, ZERO } from '../../infra/local/kraken/decimal.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import type { Instant } from '../../shared/time/clock.ts';
import type { Evidence } from './evidence/evidence.ts';
import { baseMoved, unreadable } from './evidence/holdings.ts';
import { stepOf } from './evidence/sellable.ts';
import { type AtEnd, type Broken, guarantee } from './guarantee.ts';

/** The figures of a FILL item that differ from the execution of that id. */
const FIGURES = ['quantity', 'price', 'cost'] as const;

/** Every execution that the ledger records is one of the exchange's, to the last digit, and recorded once. */
const watchFills = (evidence: Evidence, broken: Broken): void => {
  const trades = new Map<string, Parameters<typeof baseMoved>[0]>();
  evidence.onTrade((trade) => trades.set(trade.tradeId, trade));
  evidence.onChange(({ pk, sk, before, after }) => {
    if (!sk.startsWith('FILL#')) return;
    if (before !== undefined || after === undefined)
      return broken(`${pk} / ${sk} was changed after it was written`);
    const trade = trades.get(sk.slice('FILL#'.length));
    if (trade?.accountId !== pk)
      return broken(`${pk} has ${sk}, and the exchange has no such execution of it`);
    const wrong = FIGURES.find((name) => !new Decimal(String(after[name])).eq(trade[name]));
    if (wrong !== undefined)
      broken(
        `the ${wrong} of ${sk} of ${pk} is ${String(after[wrong])}, and ${trade[wrong]} at the exchange`,
      );
    const { fee } = after;
    const amount = typeof fee === 'object' && fee !== null && 'amount' in fee ? fee['amount'] : undefined;
    if (new Decimal(String(amount)).minus(trade.fee).abs().gt(unreadable(trade)))
      broken(`the fee of ${sk} of ${pk} is ${String(amount)}, and ${trade.fee} at the exchange`);
    if (!pk.startsWith('m-') && evidence.ourOrder(trade.orderId) === undefined)
      broken(`${pk} has ${sk}, which the owner traded by hand`);
  });
};

const accountAsset = (accountId: unknown, symbol: unknown): string =>
  `${String(accountId)} ${String(symbol).split('/')[0] ?? ''}`;

interface Movement {
  readonly at: Instant;
  readonly moved: Decimal;
  readonly slack: Decimal;
}

/** Ends at zero where more is taken than there is. */
const comesTo = (
  movements: readonly Movement[],
): Pick<Movement, 'slack'> & { readonly quantity: Decimal } => {
  const inTime = movements.toSorted((one, other) => one.at - other.at);
  return {
    quantity: inTime.reduce((sum, { moved }) => Decimal.max(0, sum.plus(moved)), ZERO),
    slack: inTime.reduce((sum, { slack }) => sum.plus(slack), ZERO),
  };
};

/**
 * A position is what its recorded executions and adjustments come to, each counted once and in its time, whenever the
 * ledger learnt of it.
 */
const watchPositions = (evidence: Evidence, broken: Broken): void => {
  const trades = new Map<string, Movement>();
  const positions = new Map<string, Movement[]>();
  evidence.onTrade((trade) =>
    trades.set(trade.tradeId, { at: trade.at, moved: baseMoved(trade), slack: unreadable(trade) }),
  );
  const move = (pk: string, symbol: unknown, movement: Movement): void => {
    const key = `${pk} ${String(symbol)}`;
    positions.set(key, [...(positions.get(key) ?? []), movement]);
  };
  /** Written in one transaction with what moves it, before or after. */
  const pending = new Map<string, string>();
  evidence.onChange(({ pk, sk, before, after, at }) => {
    if (after === undefined) return;
    if (sk.startsWith('FILL#') && before === undefined) {
      const trade = trades.get(sk.slice('FILL#'.length));
      if (trade !== undefined) move(pk, after['symbol'], trade);
    } else if (sk.startsWith('ADJUSTMENT#') && before === undefined)
      move(pk, after['symbol'], {
        at,
        moved: new Decimal(String(after['quantityAfter'])).minus(String(after['quantityBefore'])),
        slack: ZERO,
      });
    else if (sk.startsWith('POSITION#'))
      pending.set(`${pk} ${sk.slice('POSITION#'.length)}`, String(after['quantity']));
  });
  evidence.onRest(() => {
    for (const [key, quantity] of pending) {
      const expected = comesTo(positions.get(key) ?? []);
      if (expected.quantity.minus(quantity).abs().gt(expected.slack))
        broken(
          `the position ${key} is ${quantity}, and its executions and adjustments come to ${expected.quantity.toFixed()}`,
        );
    }
    pending.clear();
  });
};

/** All executions of ours are in the ledger. */
const missing = (evidence: Evidence): string | undefined => {
  for (const { order } of evidence.ours()) {
    if (order.accountId.startsWith('m-') || !evidence.keyWorks(order.accountId)) continue;
    const now = evidence.world.exchange.books.order(order.orderId);
    for (const id of now?.tradeIds ?? [])
      if (evidence.item(order.accountId, `FILL#${id}`) === undefined)
        return `execution ${id} of ${order.side} ${order.orderId} of ${order.accountId} (${order.symbol}) is not in the ledger`;
  }
  return undefined;
};

/** What an owner took out of an asset past Nija: own sales and withdrawals, however much came back. */
const takenByOwner = (evidence: Evidence, accountId: string, asset: string): Decimal => {
  const { books } = evidence.world.exchange;
  const moved = books
    .trades()
    .filter((trade) => trade.accountId === accountId && trade.symbol.startsWith(`${asset}/`))
    .filter(({ orderId }) => evidence.ourOrder(orderId) === undefined)
    .map(baseMoved);
  const transferred = books
    .transfers(accountId)
    .filter((transfer) => transfer.asset.split('.')[0] === asset)
    .map(({ amount }) => new Decimal(amount));
  return [...moved, ...transferred].reduce((sum, one) => (one.lt(0) ? sum.minus(one) : sum), ZERO);
};

/** Balances are shown with eight decimals, and kept with more. */
const SHOWN = '0.00000002';

/** Nothing was written off that its owner did not take. */
const unexplained = (evidence: Evidence): string | undefined => {
  const lost = new Map<string, Decimal>();
  for (const item of evidence.items()) {
    if (item['kind'] !== 'ADJUSTMENT' || (item['reason'] !== 'PHANTOM' && item['reason'] !== 'OWN_SALE'))
      continue;
    const key = accountAsset(item['accountId'], item['symbol']);
    // A rest that is too little to be sold may be closed with it: that is there still, and the owner's own.
    const left = Decimal.max(String(item['quantityAfter']), String(item['held'] ?? '0'));
    const less = Decimal.max(0, new Decimal(String(item['quantityBefore'])).minus(left));
    lost.set(key, (lost.get(key) ?? ZERO).plus(less));
  }
  for (const [key, quantity] of lost) {
    const [accountId = '', asset = ''] = key.split(' ');
    const taken = takenByOwner(evidence, accountId, asset);
    if (quantity.gt(taken.plus(SHOWN)))
      return `${quantity.toFixed()} ${asset} of ${accountId} were written off, and its owner took ${taken.toFixed()}`;
  }
  return undefined;
};

/** What is managed is held, or the difference is told and explained. */
const notHeld = (evidence: Evidence): string | undefined => {
  const { books } = evidence.world.exchange;
  const managed = new Map<string, { quantity: Decimal; step: Decimal }>();
  for (const item of evidence.items()) {
    if (item['kind'] !== 'POSITION' || String(item['accountId']).startsWith('m-')) continue;
    const symbol = marketSymbol(String(item['symbol']));
    const key = accountAsset(item['accountId'], symbol);
    const sum = managed.get(key) ?? { quantity: ZERO, step: stepOf(symbol) };
    managed.set(key, { ...sum, quantity: sum.quantity.plus(String(item['quantity'])) });
  }
  for (const [key, { quantity, step }] of managed) {
    const [accountId = '', asset = ''] = key.split(' ');
    if (!evidence.keyWorks(accountId)) continue;
    const held = Object.entries(books.balances(accountId)).reduce(
      (sum, [code, { total }]) => (code.split('.')[0] === asset ? sum.plus(total) : sum),
      ZERO,
    );
    const gap = quantity.minus(held);
    if (gap.lte(step)) continue;
    const drift = evidence.item(accountId, `DRIFT#${asset}`);
    const what = `${accountId} manages ${quantity.toFixed()} ${asset} and holds ${held.toFixed()}`;
    if (drift === undefined || drift['closedAt'] !== undefined) return `${what}, and no drift is open`;
    const taken = takenByOwner(evidence, accountId, asset);
    if (gap.gt(taken.plus(step)))
      return `${what}: its owner took ${taken.toFixed()}, which does not explain it`;
  }
  return undefined;
};

/** Execution by execution, and position by position, the ledger is what the exchange's books say. */
export const ledgerIsExchange = guarantee('10 the ledger is what the exchange says', (evidence, broken) => {
  watchFills(evidence, broken);
  watchPositions(evidence, broken);
  const { books } = evidence.world.exchange;
  const atEnd: AtEnd = () =>
    books.audit()[0] ?? missing(evidence) ?? unexplained(evidence) ?? notHeld(evidence);
  return atEnd;
});
