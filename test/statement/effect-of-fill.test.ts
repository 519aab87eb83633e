import { describe, expect, it } from 'vitest';
import { marketSymbol } from '../../shared/exchange/market.ts';
import type { RecordedFill } from '../../shared/ledger/ledger.ts';
import { price, quantity, quote, text } from '../../shared/money/money.ts';
import { effectOf } from '../../shared/statement/effect-of-fill.ts';
import { allOf, type Book } from '../../shared/statement/lots.ts';
import type { Method } from '../../shared/statement/statement.ts';
import { NOON } from '../copying/made.ts';

const NO_PRICES = new Map();

const fill = (
  side: 'BUY' | 'SELL',
  amount: string,
  at: string,
  changes: Partial<RecordedFill> = {},
): RecordedFill => ({
  fillId: 'T1',
  exchangeOrderId: 'O1',
  symbol: marketSymbol('BTC/USD'),
  side,
  quantity: quantity(amount),
  price: price(at),
  cost: quote(quantity(amount).times(at)),
  fee: { asset: 'USD', amount: quantity('0') },
  at: NOON,
  recordedAt: NOON,
  ...changes,
});

const bookOf = (fills: readonly RecordedFill[], method: Method): Book =>
  fills.reduce<Book>((book, one) => effectOf(one, book, NO_PRICES, method).book, []);
const figures = (book: Book) => {
  const { quantity: held, cost, fees } = allOf(book);
  return [held, cost, fees].map(text);
};

describe('a sale', () => {
  const bought = [fill('BUY', '1', '100'), fill('BUY', '1', '200')];

  it.each([
    ['fifo', '150', '200'],
    ['average', '100', '150'],
  ] as const)('by %s realises what it brings beyond the cost of what is sold', (method, realised, costLeft) => {
    const effect = effectOf(fill('SELL', '1', '250'), bookOf(bought, method), NO_PRICES, method);

    expect(text(effect.realised)).toBe(realised);
    expect(figures(effect.book)).toEqual(['1', costLeft, '0']);
  });

  it('takes the fees of buying with it, in part where a lot is sold in part', () => {
    const withFee = fill('BUY', '2', '100', { fee: { asset: 'USD', amount: quantity('0.8') } });
    const book = bookOf([withFee], 'fifo');

    const sale = fill('SELL', '0.5', '120', { fee: { asset: 'USD', amount: quantity('0.24') } });
    const { line, book: left, fee } = effectOf(sale, book, NO_PRICES, 'fifo');

    expect(line.profit).toBeDefined();
    expect(
      [line.profit?.beforeFees, line.profit?.fees, line.profit?.afterFees].map((one) => one?.toFixed()),
    ).toEqual(['10', '0.44', '9.56']);
    expect(text(fee)).toBe('0.24');
    expect(figures(left)).toEqual(['1.5', '150', '0.6']);
  });

  it("of more than is managed realises for what is managed alone; the rest is the owner's own", () => {
    const book = bookOf([fill('BUY', '1', '100')], 'fifo');

    const { realised, book: left, own } = effectOf(fill('SELL', '4', '150'), book, NO_PRICES, 'fifo');

    expect(text(realised)).toBe('50');
    expect(figures(left)).toEqual(['0', '0', '0']);
    expect(own).toContainEqual({ asset: 'BTC', units: quantity('3').negated(), value: quote('-450') });
  });

  it('of coins that are not managed is no profit of ours', () => {
    const { realised, line } = effectOf(fill('SELL', '1', '150'), [], NO_PRICES, 'average');

    expect(text(realised)).toBe('0');
    expect(line.profit).toBeUndefined();
  });

  it('with a fee in the base gives the fee at the price of the sale', () => {
    const book = bookOf([fill('BUY', '1', '100')], 'fifo');

    const sale = fill('SELL', '0.9', '200', { fee: { asset: 'BTC', amount: quantity('0.1') } });
    const { realised, fee, book: left } = effectOf(sale, book, NO_PRICES, 'fifo');

    expect([text(realised), text(fee)]).toEqual(['100', '20']);
    expect(figures(left)).toEqual(['0', '0', '0']);
  });
});

describe('a purchase', () => {
  it('with a fee in the base holds less, at the cost of what is held, and the fee at its price', () => {
    const { book, fee } = effectOf(
      fill('BUY', '1', '100', { fee: { asset: 'BTC', amount: quantity('0.004') } }),
      [],
      NO_PRICES,
      'fifo',
    );

    expect(figures(book)).toEqual(['0.996', '99.6', '0.4']);
    expect(text(fee)).toBe('0.4');
  });

  it('that its fee eats whole, and more, leaves nothing managed and takes the rest from the owner', () => {
    const { book, fee, own, realised } = effectOf(
      fill('BUY', '0.001', '100', { fee: { asset: 'BTC', amount: quantity('0.003') } }),
      [],
      NO_PRICES,
      'fifo',
    );

    expect(book).toEqual([]);
    expect([text(fee), text(realised)]).toEqual(['0.3', '0']);
    expect(own).toContainEqual({ asset: 'BTC', units: quantity('0.002').negated(), value: quote('-0.2') });
  });

  it('with a fee in a third asset pays what that is worth, or nothing where it has no price', () => {
    const credited = fill('BUY', '1', '100', { fee: { asset: 'KFEE', amount: quantity('30') } });

    const priced = effectOf(credited, [], new Map([['KFEE', price('0.01')]]), 'fifo');
    const unpriced = effectOf(credited, [], NO_PRICES, 'fifo');

    expect([text(priced.fee), text(unpriced.fee)]).toEqual(['0.3', '0']);
    expect(figures(priced.book)).toEqual(['1', '100', '0.3']);
  });
});

describe('an execution against another coin', () => {
  it('is in no position: both sides at what they are worth', () => {
    const swap = fill('BUY', '10', '0.05', { symbol: marketSymbol('ETH/BTC') });
    const prices = new Map([
      ['ETH', price('2500')],
      ['BTC', price('49000')],
    ]);

    const { book, exchanged } = effectOf(swap, [], prices, 'fifo');

    expect(book).toEqual([]);
    // 10 ETH at 2,500 for 0.5 BTC at 49,000.
    expect(text(exchanged)).toBe('500');
  });
});
