import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyFills } from '../../shared/ledger/apply-fills.ts';
import { minus, plus, text, ZERO_QUOTE } from '../../shared/money/money.ts';
import { allOf } from '../../shared/statement/lots.ts';
import { addedUp, type Parts, resultOf, sumOf } from '../../shared/statement/parts.ts';
import { replay } from '../../shared/statement/replay.ts';
import { METHODS, PARTS } from '../../shared/statement/statement.ts';
import type { Stretch } from '../../shared/statement/stretch.ts';
import { market } from '../copying/made.ts';
import { anyHistory, historyOf, managedHistory } from './history.ts';

const RICH = { USD: '10000', BTC: '0.2', ETH: '4' };
const method = fc.constantFrom(...METHODS);

const total = (parts: Parts) => sumOf(PARTS.map((part) => parts[part]));
const partsOf = (stretches: readonly Stretch[]) => addedUp(stretches.map(({ parts }) => parts));
const texts = (parts: Parts, names: readonly (keyof Parts)[]) =>
  Object.fromEntries(names.map((name) => [name, text(parts[name])]));

describe('the parts of a change in equity', () => {
  it('add up to it to the last decimal in every stretch, whatever happened and whichever trades are ours', () => {
    const ours = fc.func(fc.boolean());
    fc.assert(
      fc.property(anyHistory, ours, method, (events, isOurs, by) => {
        const history = historyOf(RICH, events, (fill) => isOurs(fill));

        const { stretches } = replay(history.snapshots, history, by);

        for (const { from, to, parts } of stretches) {
          expect(text(total(parts))).toBe(text(minus(to.snapshot.equity, from.snapshot.equity)));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('add up as well where snapshots in between are missing', () => {
    fc.assert(
      fc.property(anyHistory, fc.func(fc.boolean()), method, (events, isKept, by) => {
        const history = historyOf(RICH, events);
        const [first, ...later] = history.snapshots;
        const kept = later.filter((snapshot, index) => index === later.length - 1 || isKept(snapshot.at));

        const { stretches } = replay([first, ...kept], history, by);

        for (const { from, to, parts } of stretches) {
          expect(text(total(parts))).toBe(text(minus(to.snapshot.equity, from.snapshot.equity)));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('leave nothing to others and nothing unexplained where every trade is ours', () => {
    fc.assert(
      fc.property(anyHistory, method, (events, by) => {
        const history = historyOf(RICH, events);

        const parts = partsOf(replay(history.snapshots, history, by).stretches);

        expect(texts(parts, ['otherTrades', 'unexplained', 'unpriced'])).toEqual({
          otherTrades: '0',
          unexplained: '0',
          unpriced: '0',
        });
      }),
      { numRuns: 100 },
    );
  });

  it('are trading and cash flows alone where the account holds nothing but cash and what Nija bought', () => {
    fc.assert(
      fc.property(managedHistory(true), method, (events, by) => {
        const history = historyOf({ USD: '10000' }, events);
        const { snapshots } = history;

        const parts = partsOf(replay(snapshots, history, by).stretches);

        const came = sumOf(snapshots.map(({ flow }) => flow));
        const change = minus(snapshots.at(-1)?.equity ?? ZERO_QUOTE, snapshots[0].equity);
        expect(text(parts.ownHoldings)).toBe('0');
        expect(text(resultOf(parts))).toBe(text(minus(change, came)));
      }),
      { numRuns: 100 },
    );
  });

  it('come to the same result by either method', () => {
    fc.assert(
      fc.property(anyHistory, (events) => {
        const history = historyOf(RICH, events);

        const [fifo, average] = METHODS.map((by) =>
          resultOf(partsOf(replay(history.snapshots, history, by).stretches)),
        );

        expect(fifo?.toFixed()).toBe(average?.toFixed());
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is managed after a history', () => {
  it("has the ledger's own cost at average cost, fees included, where fees are taken in cash", () => {
    fc.assert(
      fc.property(managedHistory(false), (events) => {
        const history = historyOf({ USD: '10000' }, events);

        const { stretches, start } = replay(history.snapshots, history, 'average');

        const { books } = stretches.at(-1)?.to ?? start;
        for (const [symbol, book] of books) {
          const fills = history.fills.filter((fill) => fill.symbol === symbol);
          const position = applyFills(undefined, fills, market(symbol), 'u-ann');
          const { quantity, cost, fees } = allOf(book);
          expect(text(quantity)).toBe(position?.quantity.toFixed());
          const apart = minus(plus(cost, fees), position?.costBasis ?? ZERO_QUOTE).abs();
          expect(apart.lt('0.0000001'), `${apart.toFixed()} apart`).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
