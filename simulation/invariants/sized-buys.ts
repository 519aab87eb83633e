import * as z from 'zod';
import type { BookedBalance } from '../../infra/local/kraken/books.ts';
import { Decimal, ZERO } from '../../infra/local/kraken/decimal.ts';
import { isCash } from '../../shared/exchange/market.ts';
import { publishedTrade } from './evidence/copies.ts';
import type { Evidence, OurOrder } from './evidence/evidence.ts';
import type { BalanceRead } from './evidence/invocations.ts';
import { guarantee } from './guarantee.ts';

/** What a coin was worth when it was looked at, against what it is worth now: prices jump by that much at most. */
const PRICE_SLACK = '1.4';

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

/** Why so much must not be bought. */
const tooMuch = (
  { order, cause }: OurOrder,
  terms: z.infer<typeof zTerms>,
  { balances }: BalanceRead,
  evidence: Evidence,
): string | undefined => {
  const cost = new Decimal(order.quantity).times(order.limitPrice ?? 0);
  const equity = equityAtMost(balances, evidence);
  const free = new Decimal(balances[order.symbol.slice(order.symbol.indexOf('/') + 1)]?.free ?? 0);
  if (cost.gt(free)) return `${free.toFixed()} were free when it looked`;
  if (cause?.kind !== 'copy') return undefined;
  const most = equity.times(terms.limits.maxTradeFraction);
  if (cost.gt(most))
    return `one trade may take ${terms.limits.maxTradeFraction} of the equity, which was ${equity.toFixed(2)} at most`;
  const item = evidence.tradeItem(cause.tradeId);
  if (item === undefined) return `trade ${cause.tradeId} was never published`;
  const trade = publishedTrade(item);
  const wanted = wantedAtMost(terms.sizing, trade, equity, order.limitPrice ?? '0');
  return cost.gt(wanted)
    ? `by its sizing (${terms.sizing.mode}) ${wanted.toFixed(2)} were wanted at most`
    : undefined;
};

const wantedAtMost = (
  sizing: z.infer<typeof zTerms>['sizing'],
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

/** A BUY takes no more than its trade, the account's limits and its free cash allow, as these truly were. */
export const buysWithinBounds = guarantee('6 a BUY stays within limits and free cash', (evidence, broken) => {
  evidence.onOrder((ours) => {
    const { side, accountId, orderId, symbol, quantity, limitPrice, clientOrderId } = ours.order;
    if (side !== 'BUY') return;
    const what = `BUY ${orderId} of ${accountId} is for ${quantity} ${symbol} at ${limitPrice ?? 'any price'}`;
    if (limitPrice === undefined) return broken(`${what}: a BUY has a limit`);
    const sender = evidence.invocations.writerOf(accountId, `ORDER#${clientOrderId ?? ''}`);
    const profile = sender?.switches.profile?.item;
    if (sender?.balanceRead === undefined || profile === undefined)
      return broken(`${what}: balances and limits were not read before it`);
    // Sized on what the exchange has shown: nobody could know better.
    if (sender.balanceRead.old) return;
    const why = tooMuch(ours, zTerms.parse(profile), sender.balanceRead, evidence);
    if (why !== undefined)
      broken(`${what}, which is ${new Decimal(quantity).times(limitPrice).toFixed(2)}: ${why}`);
  });
  return undefined;
});
