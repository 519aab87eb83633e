import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cashMarketOf, symbolsToPrice, valueAccount, whyIncomplete } from '../../shared/account/equity.ts';
import type { AssetBalance, Ticker } from '../../shared/exchange/exchange.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { quantity, quote, text } from '../../shared/money/money.ts';
import { balance, decimals, market, ticker } from '../copying/made.ts';

const markets = [market('BTC/USDT'), market('BTC/USD'), market('SOL/USDC'), market('ETH/BTC')];
const tickers = (...known: readonly Ticker[]) => new Map(known.map((one) => [one.symbol, one]));
const BTC_AT_50000 = ticker(marketSymbol('BTC/USD'), '50000', '50010', '49990');

const valued = (balances: readonly AssetBalance[], known = tickers(BTC_AT_50000)) => {
  const { cash, held, equity, assets, unpriced } = valueAccount(balances, known, markets);
  return {
    cash: text(cash),
    held: text(held),
    equity: text(equity),
    values: assets.map(({ asset, value }) => [asset, value === undefined ? undefined : text(value)]),
    unpriced,
  };
};

describe('what an account is worth', () => {
  it('counts USD, USDT and USDC at par, and no other money', () => {
    const worth = valued([
      balance('USD', '100.5'),
      balance('USDT', '20'),
      balance('USDC', '3'),
      balance('EUR', '7'),
    ]);
    expect(worth).toMatchObject({ cash: '123.5', equity: '123.5', unpriced: ['EUR'] });
  });

  it('tells free cash from cash that open orders hold, and counts both', () => {
    expect(valued([balance('USD', '100', '60'), balance('USDT', '10', '0')])).toMatchObject({
      cash: '60',
      held: '50',
      equity: '110',
    });
  });

  it('values an asset at the last price, also what of it open orders hold', () => {
    expect(valued([balance('USD', '1'), balance('BTC', '0.5', '0.1')])).toMatchObject({
      equity: '25001',
      values: [['BTC', '25000']],
    });
  });

  it('names what has no price, shows it without a value, and leaves it out of equity', () => {
    expect(valued([balance('USD', '1'), balance('SOL', '4'), balance('XYZ', '9')])).toEqual({
      cash: '1',
      held: '0',
      equity: '1',
      values: [
        ['SOL', undefined],
        ['XYZ', undefined],
      ],
      unpriced: ['SOL', 'XYZ'],
    });
  });

  it('does not name an asset of which nothing is held', () => {
    expect(valued([balance('XYZ', '0')]).unpriced).toEqual([]);
  });

  it('is not known where something is owed, and says of what', () => {
    const owing = { ...balance('USD', '0'), owed: quantity('0.37') };

    const valuation = valueAccount([owing, balance('BTC', '0.5')], tickers(BTC_AT_50000), markets);

    expect(valuation).toMatchObject({ complete: false, owed: ['USD'], equity: quote('25000') });
    expect(whyIncomplete(valuation)).toContain('less than nothing of USD');
  });

  it('is nothing for an account that holds nothing', () => {
    expect(valued([])).toMatchObject({ cash: '0', held: '0', equity: '0' });
  });

  it('is always cash, held and the values of the priced assets together', () => {
    const amount = decimals(0n, 10n ** 12n, 8);
    const balances = fc.array(
      fc.record({ asset: fc.constantFrom('USD', 'USDT', 'BTC', 'SOL', 'XYZ'), total: amount, free: amount }),
    );
    fc.assert(
      fc.property(balances, (all) => {
        const valuation = valueAccount(
          all.map(({ asset, total, free }) => {
            const whole = balance(asset, total);
            return balance(asset, total, whole.total.lt(free) ? total : free);
          }),
          tickers(BTC_AT_50000),
          markets,
        );
        const sum = valuation.assets.reduce(
          (total, { value }) => (value === undefined ? total : total.plus(value)),
          valuation.cash.plus(valuation.held),
        );
        expect(valuation.equity.eq(sum)).toBe(true);
      }),
    );
  });
});

describe('the market that prices an asset', () => {
  it('is the one against USD before those against USDT and USDC, in whatever order they are listed', () => {
    expect(cashMarketOf('BTC', markets)?.symbol).toBe('BTC/USD');
    expect(cashMarketOf('SOL', markets)?.symbol).toBe('SOL/USDC');
  });

  it('is never one against something else than cash', () => {
    expect(cashMarketOf('ETH', markets)).toBeUndefined();
  });

  it('is asked for each asset but cash', () => {
    expect(
      symbolsToPrice(
        [balance('USD', '1'), balance('BTC', '1'), balance('ETH', '1'), balance('SOL', '1')],
        markets,
      ),
    ).toEqual(['BTC/USD', 'SOL/USDC']);
  });
});

describe('what an account is worth is known in full', () => {
  const complete = (...balances: readonly AssetBalance[]) =>
    valueAccount(balances, tickers(BTC_AT_50000), markets).complete;

  it.each([
    ['where all has a price', [balance('USD', '1'), balance('BTC', '1')], true],
    ['where what has no market against cash is left out', [balance('EUR', '7'), balance('ETH', '1')], true],
    ['where nothing is held of what has no price', [balance('SOL', '0')], true],
    ['not where a coin with a market has no price now', [balance('BTC', '1'), balance('SOL', '1')], false],
  ])('%s: %#', (_where, balances, expected) => {
    expect(complete(...balances)).toBe(expected);
  });
});
