import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fraction, minus, quote, text, ZERO_QUOTE } from '../../shared/money/money.ts';
import { buildStatement } from '../../shared/statement/build-statement.ts';
import { sumOf } from '../../shared/statement/parts.ts';
import { METHODS, type Statement } from '../../shared/statement/statement.ts';
import { DAY, iso, MINUTE } from '../../shared/time/clock.ts';
import type { Happening } from '../snapshot/model.ts';
import { factsOf, statementsOf } from './facts.ts';
import { anyHistory, type Event, historyOf, managedHistory } from './history.ts';

const RICH = { USD: '10000', BTC: '0.2', ETH: '4' };
const method = fc.constantFrom(...METHODS);
const days = fc.integer({ min: 1, max: 20 }).map((count): Happening => ({ what: 'wait', ms: count * DAY }));
/** With weeks between what happens, so that months pass. */
const overMonths = <T extends Event>(history: fc.Arbitrary<readonly T[]>): fc.Arbitrary<readonly Event[]> =>
  fc.tuple(history, fc.array(days, { minLength: 2, maxLength: 6 })).map(([events, waits]) => {
    const every = Math.max(1, Math.ceil(events.length / waits.length));
    return events.flatMap((event, index): readonly Event[] => {
      const wait = index % every === 0 ? waits[index / every] : undefined;
      return wait === undefined ? [event] : [event, wait, CHECK];
    });
  });
const CHECK: Happening = { what: 'check', between: [], late: 0 };
const wait = (ms: number): Happening => ({ what: 'wait', ms });

const partsOf = (statement: Statement) =>
  Object.fromEntries(statement.parts.map(({ part, amount }) => [part, text(amount)]));
const shareOf = ({ profitShare }: Statement) => {
  if (profitShare === undefined) throw new Error('no share was asked for');
  return profitShare;
};

describe('the statements of an account', () => {
  it('each add up to their change in equity, and follow each other without a gap', () => {
    fc.assert(
      fc.property(overMonths(anyHistory), method, (events, by) => {
        const history = historyOf(RICH, events);

        const statements = statementsOf(history, { method: by });

        for (const { parts, equity } of statements)
          expect(text(sumOf(parts.map(({ amount }) => amount)))).toBe(text(equity.change));
        const first = history.snapshots[0].equity;
        const last = history.snapshots.at(-1)?.equity ?? first;
        expect(text(sumOf(statements.map(({ equity }) => equity.change)))).toBe(text(minus(last, first)));
        for (const [index, { equity }] of statements.entries())
          expect(text(equity.closing)).toBe(text(statements[index + 1]?.equity.opening ?? equity.closing));
      }),
      { numRuns: 60 },
    );
  });

  it('carry the high-water mark from month to month, and share no profit twice', () => {
    fc.assert(
      fc.property(overMonths(managedHistory(true)), method, (events, by) => {
        const history = historyOf({ USD: '10000' }, events);

        const shares = statementsOf(history, { method: by, profitShare: fraction('0.2') }).map(shareOf);

        for (const [index, { after, markAfter, markBefore, before }] of shares.entries()) {
          const next = shares[index + 1];
          expect(text(next?.markBefore ?? markAfter)).toBe(text(markAfter));
          expect(text(next?.before ?? after)).toBe(text(after));
          expect(markBefore.gte(before)).toBe(true);
        }
        const shared = sumOf(shares.map(({ above }) => above));
        expect(text(shared)).toBe(text(shares.at(-1)?.markAfter ?? ZERO_QUOTE));
      }),
      { numRuns: 60 },
    );
  });

  it('share the same, however much cash comes and goes', () => {
    const trades: readonly Event[] = [
      { what: 'buy', coin: 'BTC', share: 100, baseFee: false },
      wait(5 * MINUTE),
      CHECK,
      { what: 'price', coin: 'BTC', percent: 120 },
      CHECK,
      wait(15 * DAY),
      CHECK,
    ];
    const flows: readonly Event[] = [
      { what: 'deposit', asset: 'USD', amount: 100_000 },
      wait(MINUTE),
      CHECK,
      { what: 'withdraw', asset: 'USD', share: 700 },
    ];

    const [quiet, busy] = [trades, [...trades.slice(0, 5), ...flows, ...trades.slice(5)]].map((events) =>
      statementsOf(historyOf({ USD: '10000' }, events), { profitShare: fraction('0.2') }).map(shareOf),
    );

    expect(busy?.map(({ share }) => text(share))).toEqual(quiet?.map(({ share }) => text(share)));
    expect(text(sumOf(quiet?.map(({ share }) => share) ?? []))).not.toBe('0');
  });
});

describe('what cannot be explained', () => {
  const events: readonly Event[] = [
    { what: 'buy', coin: 'BTC', share: 500, baseFee: false },
    wait(5 * MINUTE),
    CHECK,
    wait(5 * MINUTE),
    { what: 'deposit', asset: 'USD', amount: 1_000 },
    CHECK,
  ];

  it('is a line of its own, and a note, where a snapshot that had flows is gone', () => {
    const history = historyOf(RICH, events);
    const [first, ...later] = history.snapshots;
    const gone = later.filter(({ flows }) => flows.length === 0);

    const [statement] = statementsOf({ ...history, snapshots: [first, ...gone] });

    expect(statement === undefined ? {} : partsOf(statement)).toMatchObject({
      deposits: '0',
      unexplained: '1000',
    });
    expect(statement?.notes.join(' ')).toContain('1000 is unexplained');
  });

  it('is named as trades that are not Nija’s where the ledger lacks an execution', () => {
    const [statement] = statementsOf(historyOf(RICH, events, () => false));

    expect(statement?.trades).toEqual([]);
    const { otherTrades, fees } = statement === undefined ? {} : partsOf(statement);
    // What the purchase cost in fees: 0.4 % of 49.5 % of 10,000.
    expect([otherTrades, fees]).toEqual(['-19.8', '0']);
    expect(statement?.notes.join(' ')).toContain('trades of the owner');
  });
});

describe('coins that are handed over', () => {
  it('count from then on, at what they are worth then, whatever cost the owner has named', () => {
    const history = historyOf({ USD: '1000', BTC: '1' }, [
      wait(MINUTE),
      { what: 'adopt', coin: 'BTC', share: 500 },
      wait(5 * MINUTE),
      CHECK,
      { what: 'price', coin: 'BTC', percent: 110 },
      wait(5 * MINUTE),
      CHECK,
      { what: 'release', coin: 'BTC', share: 1000 },
      wait(5 * MINUTE),
    ]);

    const [statement] = statementsOf(history);

    const gained = text(minus(quote(history.model.priceAt('BTC').div(2)), quote('25000')));
    expect(statement === undefined ? {} : partsOf(statement)).toMatchObject({
      handedOver: gained,
      ownHoldings: gained,
      unrealised: '0',
      otherTrades: '0',
    });
    expect(statement?.handOvers.map(({ units }) => text(units))).toEqual(['0.5', '-0.5']);
  });
});

describe('a statement', () => {
  it('says which snapshots stand for the ends of the month, and what is not known of before', () => {
    const history = historyOf(RICH, [wait(20 * DAY), CHECK]);

    const facts = factsOf(history, '2026-11');

    // The model begins on the 20th at noon; its only check in November is the first.
    expect(facts).toBeUndefined();
    const [statement] = statementsOf(history);
    expect(statement?.month).toBe('2026-12');
    expect(statement?.period.openedAt).toBe(history.snapshots[0].at);
    expect(statement?.notes.join(' ')).toContain(iso(history.snapshots[0].at));
  });

  it('refuses a period that does not begin with a snapshot', () => {
    const history = historyOf(RICH, [wait(DAY), CHECK]);
    const facts = factsOf(history, '2026-11');
    if (facts === undefined) throw new Error('there are two snapshots in the month');

    expect(() => buildStatement({ ...facts, marks: [facts.marks[0] + 1] })).toThrow(RangeError);
  });
});

describe('a month that is not over', () => {
  it('is stated as far as it went, and says so', () => {
    const history = historyOf(RICH, [wait(DAY), CHECK]);
    const last = history.snapshots.at(-1)?.at ?? 0;

    const [statement] = statementsOf(history, { asOf: last + MINUTE });

    expect(statement?.notes.join(' ')).toContain(`The month is not over: this is as of ${iso(last)}`);
  });
});
