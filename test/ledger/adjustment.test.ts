import { describe, expect, it } from 'vitest';
import { askedId, figuresOf, reducedTo } from '../../shared/ledger/adjustment.ts';
import { quantity, quote, ZERO_QUANTITY, ZERO_QUOTE } from '../../shared/money/money.ts';
import { aPosition, BTC } from './examples.ts';

describe('a position that shrinks without an execution', () => {
  it('keeps its cost for each unit, and is one version later', () => {
    const before = aPosition({ quantity: quantity('2'), costBasis: quote('100'), version: 4 });

    expect(reducedTo(before, quantity('0.5'))).toEqual({
      ...before,
      quantity: quantity('0.5'),
      costBasis: quote('25'),
      version: 5,
    });
  });

  it('costs nothing where nothing is left', () => {
    expect(reducedTo(aPosition(), ZERO_QUANTITY)).toMatchObject({ costBasis: ZERO_QUOTE });
  });
});

describe('the record of such a change', () => {
  it('has the figures before and after', () => {
    const before = aPosition();
    const after = reducedTo(before, quantity('0.25'));

    expect(figuresOf(before, after)).toEqual({
      accountId: 'u-ann',
      symbol: BTC,
      quantityBefore: quantity('1'),
      quantityAfter: quantity('0.25'),
      costBefore: quote('100'),
      costAfter: quote('25'),
    });
  });

  it('begins at nothing where there was no position', () => {
    expect(figuresOf(undefined, aPosition())).toMatchObject({
      quantityBefore: ZERO_QUANTITY,
      costBefore: ZERO_QUOTE,
      quantityAfter: quantity('1'),
    });
  });

  it('has one id for one request of an owner', () => {
    expect(askedId('r-1')).toBe('asked#r-1');
  });
});
