import { type Account, type AccountRecord, zAccount } from '../../shared/account/account.ts';
import type { Copy } from '../../shared/copying/copy.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import type { Fill } from '../../shared/exchange/exchange.ts';
import { type Market, marketSymbol } from '../../shared/exchange/market.ts';
import type { Position } from '../../shared/ledger/position.ts';
import { fraction, notional, price, quantity, quote } from '../../shared/money/money.ts';
import type { OrderRecord } from '../../shared/order/order.ts';

export const START = Date.parse('2026-11-20T12:00:00Z');
export const BTC = marketSymbol('BTC/USD');
export const ETH = marketSymbol('ETH/USD');

export const anAccount = (changes: Partial<AccountRecord> = {}): Account =>
  zAccount.parse({
    accountId: 'u-ann',
    role: 'user',
    exchange: 'kraken',
    follows: 'm-apex',
    keyFingerprint: '00112233aabbccdd',
    registeredAt: START,
    ...changes,
  });

export const aFill = (changes: Partial<Fill> = {}): Fill => ({
  fillId: 'T1',
  exchangeOrderId: 'O1',
  symbol: BTC,
  side: 'BUY',
  quantity: quantity('0.00000001'),
  price: price('64123.1'),
  cost: quote('0.000641231'),
  fee: { asset: 'USD', amount: quantity('0.0000000026') },
  at: START,
  ...changes,
});

export const aPosition = (changes: Partial<Position> = {}): Position => ({
  accountId: 'u-ann',
  symbol: BTC,
  quantity: quantity('1'),
  costBasis: quote('100'),
  openedAt: START,
  version: 1,
  ...changes,
});

export const anOrder = (changes: Partial<OrderRecord> = {}): OrderRecord => ({
  accountId: 'u-ann',
  clientOrderId: '0123456789abcdef0123456789abcdef',
  cause: '["copy","u-ann","t-1"]',
  symbol: BTC,
  side: 'BUY',
  type: 'LIMIT_IOC',
  quantity: quantity('0.5'),
  limitPrice: price('64000.1'),
  state: 'INTENT',
  attempt: 1,
  createdAt: START,
  intendedAt: START,
  deadline: START + 5_000,
  ...changes,
});

export const aTrade = (changes: Partial<Trade> = {}): Trade => ({
  tradeId: 't-1',
  masterId: 'm-apex',
  exchange: 'kraken',
  symbol: BTC,
  side: 'BUY',
  quantity: quantity('0.25'),
  price: price('64000'),
  notional: notional(quantity('0.25'), price('64000')),
  masterEquityBefore: quote('100000.00000001'),
  soldFraction: fraction('0'),
  at: START,
  exchangeOrderId: 'O1',
  ...changes,
});

export const aCopy = (changes: Partial<Copy> = {}): Copy => ({
  accountId: 'u-ann',
  trade: aTrade(),
  createdAt: START,
  ...changes,
});

export const aMarket = (changes: Partial<Market> = {}): Market => ({
  exchange: 'kraken',
  symbol: BTC,
  base: 'BTC',
  quote: 'USD',
  exchangeId: 'XXBTZUSD',
  altname: 'XBTUSD',
  baseId: 'XXBT',
  quoteId: 'ZUSD',
  quantityStep: quantity('0.00000001'),
  priceTick: price('0.1'),
  minimumQuantity: quantity('0.00005'),
  minimumCost: quote('0.5'),
  status: 'online',
  ...changes,
});

/** The error that a promise ends with. */
export const refusalOf = async (promise: Promise<unknown>): Promise<Error> => {
  const result = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (result instanceof Error) return result;
  throw new Error('nothing was refused');
};
