import { describe, expect, it } from 'vitest';
import type { Executions, Fill, UnlistedFill } from '../../shared/exchange/exchange.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { type Price, price, quantity, quote, text } from '../../shared/money/money.ts';
import { isRounding, netValue } from '../../shared/snapshot/flows.ts';
import { worthOf } from '../../shared/snapshot/holdings.ts';
import { measure, measureAnew, movementTo, type Reading } from '../../shared/snapshot/measure.ts';
import type { EquitySnapshot } from '../../shared/snapshot/snapshot.ts';
import { HOUR, MINUTE, SECOND } from '../../shared/time/clock.ts';
import { aFill, BTC, START } from '../ledger/examples.ts';

const PRICES: Readonly<Record<string, Price>> = { USD: price('1'), BTC: price('100') };
const priceOf = (asset: string) => PRICES[asset];

/** What is held at a moment, in units by asset. */
const reading = (at: number, held: Readonly<Record<string, string>>): Reading => {
  const holdings = Object.entries(held).map(([asset, total]) => {
    const worth = priceOf(asset);
    return { asset, total: quantity(total), ...(worth === undefined ? {} : { price: worth }) };
  });
  const equity = worthOf(holdings, priceOf);
  return { accountId: 'u-ann', at, valuation: { cash: equity, held: quote('0'), equity }, holdings, priceOf };
};

/** A purchase for 100 a piece, without a fee. */
const bought = (fillId: string, amount: string, at: number, changes: Partial<Fill> = {}): Fill =>
  aFill({
    fillId,
    quantity: quantity(amount),
    price: price('100'),
    cost: quote(quantity(amount).times(100)),
    fee: { asset: 'USD', amount: quantity('0') },
    at,
    ...changes,
  });
const unlisted = (fillId: string, at: number, read?: Fill): UnlistedFill => ({
  fillId,
  exchangeOrderId: 'O',
  pair: 'XBTEUR',
  at,
  ...(read === undefined ? {} : { read }),
});
const executions = (fills: readonly Fill[] = [], others: readonly UnlistedFill[] = []): Executions => ({
  fills,
  unlisted: others,
});

const first = (held: Readonly<Record<string, string>>, seen = executions()): EquitySnapshot => {
  const snapshot = measure(undefined, reading(START, held), seen);
  if (snapshot === undefined) throw new Error('nothing was measured');
  return snapshot;
};
const flowsOf = (snapshot: EquitySnapshot | undefined) =>
  snapshot?.flows.map(({ kind, asset, amount }) => `${kind} ${text(amount)} ${asset}`);

describe('the first snapshot', () => {
  it('has all that is held as paid in, and no flow', () => {
    const snapshot = first({ USD: '50', BTC: '1' });

    expect([text(snapshot.paidIn), text(snapshot.flow), snapshot.flows]).toEqual(['150', '0', []]);
    expect(snapshot.countedFrom).toBe(START - 10 * MINUTE);
  });

  it('counts what was executed before, also in a market that is not known', () => {
    const old = START - 2 * MINUTE;
    const read = bought('T3', '1', old);

    const { counted } = first(
      { USD: '50' },
      executions([bought('T1', '1', old)], [unlisted('T2', old), unlisted('T3', old, read)]),
    );

    expect(counted.map(({ fillId }) => fillId)).toEqual(['T1', 'T3', 'T2']);
  });

  it('waits for an execution younger than a minute to settle', () => {
    const young = (at: number) =>
      measure(undefined, reading(START, { USD: '50' }), executions([bought('T1', '1', at)]));

    expect(young(START - MINUTE)).toBeDefined();
    expect(young(START - MINUTE + 1)).toBeUndefined();
  });
});

describe('the snapshot after it', () => {
  const before = first({ USD: '500' });
  const LATER = START + HOUR;

  it('is later than the one before, whatever the clock says', () => {
    expect(measure(before, reading(START - MINUTE, { USD: '500' }), executions())?.at).toBe(START + 1);
  });

  it('tells what came and left, and adds it to what was paid in', () => {
    const snapshot = measure(before, reading(LATER, { USD: '400', BTC: '2' }), executions());

    expect(flowsOf(snapshot)).toEqual(['WITHDRAWAL 100 USD', 'DEPOSIT 2 BTC']);
    expect(snapshot && [text(snapshot.flow), text(snapshot.paidIn)]).toEqual(['100', '600']);
  });

  it('tells a coin that came without a price, without a worth', () => {
    const snapshot = measure(before, reading(LATER, { USD: '500', ODD: '3' }), executions());

    expect(snapshot?.flows).toEqual([{ kind: 'DEPOSIT', asset: 'ODD', amount: quantity('3') }]);
    expect(snapshot?.flow.isZero()).toBe(true);
  });

  it('counts what was executed where the pair tells what it moved', () => {
    const read = bought('T1', '1', START + MINUTE);

    const snapshot = measure(
      before,
      reading(LATER, { USD: '400', BTC: '1' }),
      executions([], [unlisted('T1', START + MINUTE, read)]),
    );

    expect(snapshot?.flows).toEqual([]);
  });

  it('has what an unknown pair moved as flows, once: it is counted from then on', () => {
    const at = LATER - 5 * MINUTE;
    const snapshot = measure(
      before,
      reading(LATER, { USD: '400', BTC: '1' }),
      executions([], [unlisted('T1', at)]),
    );
    const known =
      snapshot &&
      measure(
        snapshot,
        reading(LATER + MINUTE, { USD: '400', BTC: '1' }),
        executions([bought('T1', '1', at)]),
      );

    expect(flowsOf(snapshot)).toEqual(['WITHDRAWAL 100 USD', 'DEPOSIT 1 BTC']);
    expect(snapshot?.counted).toEqual([{ fillId: 'T1', at }]);
    expect(known?.flows).toEqual([]);
  });

  it('counts an execution of an unknown pair once, though it is listed again', () => {
    const at = LATER - 5 * MINUTE;
    const held = { USD: '500' };
    const snapshot = measure(before, reading(LATER, held), executions([], [unlisted('T1', at)]));
    const again =
      snapshot && measure(snapshot, reading(LATER + 1, held), executions([], [unlisted('T1', at)]));

    expect(again?.counted).toEqual([{ fillId: 'T1', at }]);
  });

  it('remembers ten minutes of what was counted, to the millisecond', () => {
    const edge = LATER - 10 * MINUTE;
    const seen = executions([bought('T1', '1', edge - 1), bought('T2', '1', edge)]);

    const snapshot = measure(before, reading(LATER, { USD: '300', BTC: '2' }), seen);

    expect(snapshot?.counted).toEqual([{ fillId: 'T2', at: edge }]);
    expect(snapshot?.countedFrom).toBe(edge);
  });

  it('never reads further back than before, though the clock went back', () => {
    expect(measure(before, reading(START - HOUR, { USD: '500' }), executions())?.countedFrom).toBe(
      before.countedFrom,
    );
  });
});

describe('executions of the last minute', () => {
  const before = first({ USD: '500' });
  const LATER = START + HOUR;
  const YOUNG = LATER - 10 * SECOND;
  const young = [bought('T1', '1', YOUNG), bought('T2', '2', YOUNG + 1)];
  const counted = (held: Readonly<Record<string, string>>, fills: readonly Fill[] = young) => {
    const snapshot = measure(before, reading(LATER, held), executions(fills));
    return { ids: snapshot?.counted.map(({ fillId }) => fillId), flows: flowsOf(snapshot) };
  };

  it.each([
    ['all, where the balances have them', { USD: '200', BTC: '3' }, ['T1', 'T2']],
    ['those up to the last that the balances have', { USD: '400', BTC: '1' }, ['T1']],
    ['none, where the balances have none', { USD: '500' }, []],
  ])('are counted by what explains the balances: %s', (_what, held, ids) => {
    expect(counted(held)).toEqual({ ids, flows: [] });
  });

  it('are taken by their time, in whatever order they are listed', () => {
    expect(counted({ USD: '400', BTC: '1' }, young.toReversed())).toEqual({ ids: ['T1'], flows: [] });
  });

  it('are all counted where a deposit of something else came beside them', () => {
    expect(counted({ USD: '200', BTC: '3', ODD: '1' })).toEqual({
      ids: ['T1', 'T2'],
      flows: ['DEPOSIT 1 ODD'],
    });
  });

  it('are not judged by flows of what only older ones moved', () => {
    const old = bought('T0', '1', START + MINUTE, { symbol: marketSymbol('ETH/EUR') });

    expect(counted({ USD: '500' }, [old, ...young]).ids).toEqual([]);
  });

  it('leave out none that is a minute old: the balances have it', () => {
    const settled = bought('T1', '1', LATER - MINUTE);

    expect(counted({ USD: '500' }, [settled]).flows).toEqual(
      ['WITHDRAWAL 1 BTC', 'DEPOSIT 100 USD'].toSorted(),
    );
  });
});

describe('measuring anew', () => {
  const before = first({ USD: '100', BTC: '2' });
  const LATER = START + HOUR;
  const recent = [bought('T1', '1', LATER - SECOND)];

  it('takes all that prices do not explain for one flow of unknown kind', () => {
    const anew = measureAnew(before, reading(LATER, { USD: '20', BTC: '3' }), executions(recent));

    expect([text(anew.flow), text(anew.paidIn), anew.flows]).toEqual(['20', '320', []]);
    expect(anew).toMatchObject({ at: LATER, unknownSince: START, countedFrom: LATER - 10 * MINUTE });
  });

  it('counts all that is listed, whatever it moved, so that the next snapshot begins after it', () => {
    const read = bought('T2', '1', LATER - MINUTE);
    const seen = executions(recent, [unlisted('T2', LATER - MINUTE, read), unlisted('T3', LATER - MINUTE)]);

    const anew = measureAnew(before, reading(LATER, { USD: '20', BTC: '3' }), seen);

    expect(anew.counted.map(({ fillId }) => fillId)).toEqual(['T2', 'T1', 'T3']);
  });

  it('is later than the one before, whatever the clock says', () => {
    const anew = measureAnew(before, reading(START - HOUR, { USD: '20' }), executions());

    expect(anew.at).toBe(START + 1);
  });
});

describe('what moves the loss limits', () => {
  const before = first({ USD: '100', BTC: '2' });
  const now = reading(START + HOUR, { USD: '150', BTC: '2' });
  const after = measure(before, now, executions());
  if (after === undefined) throw new Error('nothing was measured');

  it('is the flow, and what was held before it at the prices of now', () => {
    const dearer = { priceOf: (asset: string) => (asset === 'BTC' ? price('110') : priceOf(asset)) };

    const movement = movementTo(after, before, dearer, executions());

    expect(movement && [text(movement.flow), text(movement.heldBefore)]).toEqual(['50', '320']);
  });

  it('is nothing with the first snapshot', () => {
    expect(movementTo(after, undefined, { priceOf }, executions())).toBeUndefined();
  });

  it('values what has no price now at what it was traded for since', () => {
    const sold = bought('T1', '2', START + MINUTE, { symbol: BTC, side: 'SELL', price: price('90') });
    const noPrice = { priceOf: (asset: string) => (asset === 'USD' ? price('1') : undefined) };

    const movement = movementTo(after, before, noPrice, executions([sold]));

    expect(movement && text(movement.heldBefore)).toBe('280');
  });
});

describe('a flow', () => {
  const flow = (amount: string, value?: string) => ({
    kind: 'DEPOSIT' as const,
    asset: 'BTC',
    amount: quantity(amount),
    ...(value === undefined ? {} : { value: quote(value) }),
  });

  it.each([
    ['less than a cent', flow('1', '0.009'), true],
    ['a cent', flow('0.000000001', '0.01'), false],
    ['a hundred-millionth without a price', flow('0.00000001'), true],
    ['more of it without a price', flow('0.00000002'), false],
  ])('of %s is rounding: %#', (_what, given, expected) => {
    expect(isRounding(given)).toBe(expected);
  });

  it('counts by its kind, and for nothing without a price', () => {
    const flows = [flow('1', '10'), { ...flow('1', '4'), kind: 'WITHDRAWAL' as const }, flow('9')];

    expect(text(netValue(flows))).toBe('6');
  });
});
