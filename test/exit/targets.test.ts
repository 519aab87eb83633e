import { describe, expect, it } from 'vitest';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { exitTargets } from '../../shared/exit/exit-targets.ts';
import type { Position } from '../../shared/ledger/position.ts';
import { quantity, quote } from '../../shared/money/money.ts';
import { balance, market, NOON } from '../copying/made.ts';

type Input = Parameters<typeof exitTargets>[0];

const position = (symbol: string): Position => ({
  accountId: 'u-ann',
  symbol: marketSymbol(symbol),
  quantity: quantity('1'),
  costBasis: quote('10'),
  openedAt: NOON,
  version: 1,
});

const input = (facts: Partial<Input> = {}): Input => ({
  scope: 'managed',
  only: undefined,
  begun: [],
  positions: [position('SOL/USD'), position('BTC/USD')],
  balances: [balance('USD', '50'), balance('BTC', '1'), balance('SOL', '1'), balance('ADA', '7')],
  markets: [market('BTC/USD'), market('SOL/USD'), market('ADA/USDT'), market('ETH/USD')],
  ...facts,
});

describe('what an exit is about', () => {
  it('is the managed positions, sorted, and nothing else that the account holds', () => {
    expect(exitTargets(input())).toEqual({ symbols: ['BTC/USD', 'SOL/USD'], notes: [] });
  });

  it('is with everything also each asset that can be sold for cash', () => {
    expect(exitTargets(input({ scope: 'everything' })).symbols).toEqual(['ADA/USDT', 'BTC/USD', 'SOL/USD']);
  });

  it('is never cash itself, nor an asset of which nothing is held', () => {
    const balances = [balance('USD', '5'), balance('USDT', '5'), balance('USDC', '5'), balance('ETH', '0')];
    const markets = [market('USDT/USD'), market('USDC/USD'), market('ETH/USD')];
    expect(exitTargets(input({ scope: 'everything', positions: [], balances, markets })).symbols).toEqual([]);
  });

  it('sells a managed asset where it was bought, once, though another market would do as well', () => {
    const facts = { positions: [position('ADA/USDT')], markets: [market('ADA/USD'), market('ADA/USDT')] };
    expect(
      exitTargets(input({ ...facts, scope: 'everything', balances: [balance('ADA', '7')] })).symbols,
    ).toEqual(['ADA/USDT']);
  });

  it('does not take an asset for another whose name begins alike', () => {
    const facts = { positions: [position('SOLX/USD')], balances: [balance('SOL', '1')] };
    expect(exitTargets(input({ ...facts, scope: 'everything' })).symbols).toEqual(['SOL/USD', 'SOLX/USD']);
  });

  it('includes what is locked in open orders: those are cancelled first', () => {
    const balances = [balance('ETH', '2', '0')];
    expect(exitTargets(input({ scope: 'everything', positions: [], balances })).symbols).toEqual(['ETH/USD']);
  });

  it('is what the caller names, and no more', () => {
    const only = [marketSymbol('BTC/USD')];
    expect(exitTargets(input({ only })).symbols).toEqual(['BTC/USD']);
    expect(exitTargets(input({ only, scope: 'everything' })).symbols).toEqual(['BTC/USD']);
  });

  it('is what the caller names even where nothing is held of it: the answer says so', () => {
    expect(exitTargets(input({ only: [marketSymbol('ETH/USD')] })).symbols).toEqual(['ETH/USD']);
  });

  it('goes on with what an earlier try began, though no position is left of it', () => {
    expect(exitTargets(input({ begun: [marketSymbol('ETH/USD')] })).symbols).toEqual([
      'BTC/USD',
      'ETH/USD',
      'SOL/USD',
    ]);
  });

  it('names each symbol once', () => {
    const begun = [marketSymbol('BTC/USD')];
    expect(exitTargets(input({ begun, scope: 'everything' })).symbols).toEqual([
      'ADA/USDT',
      'BTC/USD',
      'SOL/USD',
    ]);
  });

  it('keeps a position whose market is not listed any more: its failure must be seen', () => {
    expect(exitTargets(input({ markets: [] })).symbols).toEqual(['BTC/USD', 'SOL/USD']);
  });

  it('notes an asset that has no market against cash', () => {
    const markets = [market('BTC/USD'), market('SOL/USD'), market('ADA/BTC')];
    expect(exitTargets(input({ scope: 'everything', markets }))).toEqual({
      symbols: ['BTC/USD', 'SOL/USD'],
      notes: ['ADA has no market against cash: sell it by hand'],
    });
  });

  it('has no note of an asset that the caller did not ask about', () => {
    const only = [marketSymbol('BTC/USD')];
    const markets = [market('BTC/USD')];
    expect(exitTargets(input({ scope: 'everything', only, markets })).notes).toEqual([]);
  });

  it('is nothing for an account that holds nothing', () => {
    expect(exitTargets(input({ scope: 'everything', positions: [], balances: [] }))).toEqual({
      symbols: [],
      notes: [],
    });
  });
});
