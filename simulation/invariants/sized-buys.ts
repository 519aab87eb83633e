import * as z from 'zod';
import type { BookedBalance } from '../../infra/local/kraken/books.ts';
import { Decimal, ZERO } from '../../infra/local/kraken/decimal.ts';
import { DEFAULT_FEES } from '../../infra/local/kraken/fees.ts';
import { isCash } from '../../shared/exchange/market.ts';
import { causeOf, type OrderCause } from './evidence/causes.ts';
import { publishedTrade } from './evidence/copies.ts';
import type { Evidence } from './evidence/evidence.ts';
import type { BalanceRead } from './evidence/invocations.ts';
import { guarantee } from './guarantee.ts';

/** What a coin was worth when it was looked at, against what it is worth now: prices jump by that much at most. */
const PRICE_SLACK = '1.4';

type Terms = z.infer<typeof zTerms>;

const zTerms = z.looseObject({
  limits: z.looseObject({ maxTradeFraction: z.string(), cashReserve: z.string() }),
  sizing: z.discriminatedUnion('mode', [
    z.looseObject({ mode: z.literal('proportional'), multiplier: z.string() }),
    z.looseObject({ mode: z.literal('fixed-amount'), amount: z.string() }),
    z.looseObject({ mode: z.literal('fixed-ratio'), ratio: z.string() }),
  ]),
});

/** At most; exact as far as it is cash. */
const equityAtMost = (balances: Readonly<Record<string, BookedBalance>>, { world }: Evidence): Decimal =>
  Object.entries(balances).reduce((sum, [code, { total }]) => {
    const asset = code.split('.')[0] ?? code;
    const price = isCash(asset)
      ? '1'
      : new Decimal(world.exchange.price(`${asset}/USD`)?.last ?? 0).times(PRICE_SLACK);
    return sum.plus(new Decimal(total).times(price));
  }, ZERO);

/** Of the cost, in percent: nobody pays less. */
const LEAST_FEE = DEFAULT_FEES.at(-1)?.taker ?? '0';

/** What cash pays, at most: after the fee, and the share of the equity that is to stay in cash. */
const paidByCash = (
  symbol: string,
  { limits }: Terms,
  balances: BalanceRead['balances'],
): { readonly free: Decimal; readonly pays: Decimal } => {
  const cash = balances[symbol.slice(symbol.indexOf('/') + 1)];
  const free = new Decimal(cash?.free ?? 0);
  const reserve = new Decimal(cash?.total ?? 0).times(limits.cashReserve);
  const fee = new Decimal(LEAST_FEE).div(100).plus(1);
  return { free, pays: Decimal.max(0, free.minus(reserve)).div(fee) };
};

/** Why so much must not be bought. */
const tooMuch = (
  { order, cause }: SizedBuy,
  terms: Terms,
  { balances }: BalanceRead,
  evidence: Evidence,
): string | undefined => {
  const cost = new Decimal(order.quantity).times(order.limitPrice);
  const equity = equityAtMost(balances, evidence);
  if (cause?.kind === 'copy') {
    const { free, pays } = paidByCash(order.symbol, terms, balances);
    if (cost.gt(pays))
      return `${free.toFixed()} were free when it looked, of which ${pays.toFixed(2)} can be spent on it at most`;
  }
  if (cause?.kind !== 'copy') return undefined;
  const most = equity.times(terms.limits.maxTradeFraction);
  if (cost.gt(most))
    return `one trade may take ${terms.limits.maxTradeFraction} of the equity, which was ${equity.toFixed(2)} at most`;
  const item = evidence.tradeItem(cause.tradeId);
  if (item === undefined) return `trade ${cause.tradeId} was never published`;
  const trade = publishedTrade(item);
  const wanted = wantedAtMost(terms.sizing, trade, equity, order.limitPrice);
  return cost.gt(wanted)
    ? `by its sizing (${terms.sizing.mode}) ${wanted.toFixed(2)} were wanted at most`
    : undefined;
};

const wantedAtMost = (
  sizing: Terms['sizing'],
  trade: ReturnType<typeof publishedTrade>,
  equity: Decimal,
  limitPrice: string,
): Decimal => {
  switch (sizing.mode) {
    case 'proportional':
      return equity
        .times(trade.notional)
        .div(trade.masterEquityBefore)
        .times(sizing.multiplier)
        .times('1.000001');
    case 'fixed-amount':
      return new Decimal(sizing.amount);
    case 'fixed-ratio':
      return new Decimal(trade.quantity).times(sizing.ratio).times(limitPrice);
  }
};

/** As it was meant, whether or not the exchange took it. */
interface SizedBuy {
  readonly order: {
    readonly accountId: string;
    readonly symbol: string;
    readonly quantity: string;
    readonly limitPrice: string;
  };
  readonly cause: OrderCause | undefined;
}

/** @returns why the one that decided on it must not have bought so much, or must not have decided */
const judge = (buy: SizedBuy, clientOrderId: string, evidence: Evidence): string | undefined => {
  const sender = evidence.invocations.writerOf(buy.order.accountId, `ORDER#${clientOrderId}`);
  const profile = sender?.switches.profile?.item;
  if (sender?.balanceRead === undefined || profile === undefined)
    return 'balances and limits were not read before it';
  // Sized on what the exchange has shown: nobody could know better.
  if (sender.balanceRead.old) return undefined;
  const why = tooMuch(buy, zTerms.parse(profile), sender.balanceRead, evidence);
  const cost = new Decimal(buy.order.quantity).times(buy.order.limitPrice);
  return why === undefined ? undefined : `it costs ${cost.toFixed(2)}, and ${why}`;
};

/** One that the exchange refused for want of money: it is in no book, and only its item tells what it was for. */
const zUnpaid = z.looseObject({
  state: z.literal('REJECTED'),
  reason: z.literal('INSUFFICIENT_FUNDS'),
  side: z.literal('BUY'),
  accountId: z.string(),
  clientOrderId: z.string(),
  symbol: z.string(),
  quantity: z.string(),
  limitPrice: z.string(),
});

/** A BUY takes no more than its trade, the account's limits and its free cash allow, as these truly were. */
export const buysWithinBounds = guarantee('6 a BUY stays within limits and free cash', (evidence, broken) => {
  evidence.onOrder(({ order, cause }) => {
    const { side, accountId, orderId, symbol, quantity, limitPrice, clientOrderId } = order;
    if (side !== 'BUY') return;
    const what = `BUY ${orderId} of ${accountId} is for ${quantity} ${symbol} at ${limitPrice ?? 'any price'}`;
    if (limitPrice === undefined) return broken(`${what}: a BUY has a limit`);
    const sized = { order: { accountId, symbol, quantity, limitPrice }, cause };
    const why = judge(sized, clientOrderId ?? '', evidence);
    if (why !== undefined) broken(`${what}: ${why}`);
  });
  evidence.onChange(({ pk, sk, before, after }) => {
    if (!sk.startsWith('ORDER#') || pk.startsWith('m-') || before?.['state'] === 'REJECTED') return;
    const unpaid = zUnpaid.safeParse(after).data;
    if (unpaid === undefined) return;
    const { accountId, clientOrderId, symbol, quantity, limitPrice } = unpaid;
    const why = judge({ order: unpaid, cause: causeOf(after) }, clientOrderId, evidence);
    if (why !== undefined)
      broken(
        `the BUY of ${quantity} ${symbol} at ${limitPrice} that the exchange refused ${accountId} for want of money: ${why}`,
      );
  });
  return undefined;
});
