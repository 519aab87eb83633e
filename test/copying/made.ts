import fc from 'fast-check';
import { type Account, type AccountRecord, zAccount } from '../../shared/account/account.ts';
import { type Limits, zLimits } from '../../shared/account/limits.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import type { AssetBalance, Ticker } from '../../shared/exchange/exchange.ts';
import { type Market, type MarketSymbol, marketSymbol } from '../../shared/exchange/market.ts';
import { fraction, type Price, price, quantity, quote } from '../../shared/money/money.ts';

/** Friday noon, UTC. */
export const NOON = Date.UTC(2026, 10, 20, 12);
export const BTC = marketSymbol('BTC/USD');

export const limits: Limits = zLimits.parse({});

export const market = (symbol: string, rules: Partial<Market> = {}): Market => {
  const [base = '', quoted = ''] = symbol.split('/');
  return {
    exchange: 'kraken',
    symbol: marketSymbol(symbol),
    base,
    quote: quoted,
    exchangeId: `X${base}Z${quoted}`,
    altname: `${base}${quoted}`,
    baseId: `X${base}`,
    quoteId: `Z${quoted}`,
    quantityStep: quantity('0.00000001'),
    priceTick: price('0.1'),
    minimumQuantity: quantity('0.0001'),
    minimumCost: quote('0.5'),
    status: 'online',
    ...rules,
  };
};

export const account = (settings: Partial<AccountRecord> = {}): Account =>
  zAccount.parse({
    accountId: 'u-ann',
    role: 'user',
    exchange: 'kraken',
    follows: 'm-apex',
    keyFingerprint: '0123456789abcdef',
    registeredAt: NOON,
    ...settings,
  });

/** A BUY of 0.1 BTC at 50,000 with 5 % of the master's 100,000. */
export const trade = (facts: Partial<Trade> = {}): Trade => ({
  tradeId: 't-1',
  masterId: 'm-apex',
  exchange: 'kraken',
  symbol: BTC,
  side: 'BUY',
  quantity: quantity('0.1'),
  price: price('50000'),
  notional: quote('5000'),
  masterEquityBefore: quote('100000'),
  soldFraction: fraction('1'),
  at: NOON,
  exchangeOrderId: 'OMASTER-1',
  ...facts,
});

export const ticker = (symbol: MarketSymbol, last: string, ask = last, bid = last): Ticker => ({
  symbol,
  bid: price(bid),
  ask: price(ask),
  last: price(last),
});

export const balance = (asset: string, total: string, free = total): AssetBalance => ({
  asset,
  total: quantity(total),
  free: quantity(free),
  held: quantity(quantity(total).minus(free)),
});

/** Decimal texts with `decimals` places, from `least` to `most`, both in the last place. */
export const decimals = (least: bigint, most: bigint, places: number): fc.Arbitrary<string> =>
  fc.bigInt({ min: least, max: most }).map((digits) => {
    const shown = digits.toString().padStart(places + 1, '0');
    return places === 0 ? shown : `${shown.slice(0, -places)}.${shown.slice(-places)}`;
  });

export const prices: fc.Arbitrary<Price> = decimals(1n, 100_000_00000n, 5).map(price);

/** Markets with all kinds of steps and minimums. */
export const markets: fc.Arbitrary<Market> = fc
  .record({
    step: fc.constantFrom('1', '0.5', '0.1', '0.025', '0.001', '0.00000001'),
    minimumSteps: fc.integer({ min: 1, max: 5_000 }),
    minimumCost: fc.constantFrom('0', '0.5', '5', '10'),
  })
  .map(({ step, minimumSteps, minimumCost }) =>
    market('BTC/USD', {
      quantityStep: quantity(step),
      minimumQuantity: quantity(quantity(step).times(minimumSteps)),
      minimumCost: quote(minimumCost),
    }),
  );
