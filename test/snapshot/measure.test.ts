import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fraction,
  minus,
  ONE,
  plus,
  price,
  quote,
  ratio,
  scale,
  text,
  ZERO_QUOTE,
} from '../../shared/money/money.ts';
import { equityGuard, tradingEquity } from '../../shared/protection/risk.ts';
import { isRounding } from '../../shared/snapshot/flows.ts';
import { measure } from '../../shared/snapshot/measure.ts';
import { DAY, MINUTE } from '../../shared/time/clock.ts';
import { limits, NOON } from '../copying/made.ts';
import { checking, flowing, type Happening, Model, moving, quietCheck, trading, waiting } from './model.ts';

const ALL = ['USD', 'BTC', 'ETH'] as const;
const RICH = { USD: '10000', BTC: '0.2', ETH: '4' };
const NO_LOSS = { ...limits, maxDailyLoss: fraction('0'), maxDrawdown: fraction('0') };

const sequence = (...kinds: readonly fc.Arbitrary<Happening>[]) =>
  fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 40 });

/** Until all that was executed is settled and listed. */
const settle = (model: Model): void => {
  model.happen({ what: 'wait', ms: 2 * MINUTE });
  check(model);
};

const check = (model: Model): void => model.happen({ what: 'check', between: [], late: 0 });

const riskOf = ({ risk }: Model) => {
  if (risk === undefined) throw new Error('the model has no risk state');
  return risk;
};

/** What the guards would say to a BUY at this moment, between checks or after one. */
const refusal = (model: Model, limits = NO_LOSS) => {
  const risk = riskOf(model);
  const judged = tradingEquity(risk, { equity: model.equity(), at: model.now }, (asset) =>
    model.priceAt(asset),
  );
  return equityGuard(judged, risk, limits)?.reason;
};

const nonZero = (sums: ReadonlyMap<string, { isZero(): boolean; toFixed(): string }>) =>
  Object.fromEntries(
    [...sums].filter(([, sum]) => !sum.isZero()).map(([asset, sum]) => [asset, sum.toFixed()]),
  );

describe('what snapshots recognise', () => {
  it('adds up to what came and left, over any sequence of trades, prices and flows, races and late lists', () => {
    const between = fc.oneof(trading, flowing(ALL), moving);
    const kinds = [trading, moving, flowing(ALL), waiting, checking(between, fc.nat(3))];
    fc.assert(
      fc.property(sequence(...kinds), (happenings) => {
        const model = new Model(RICH);
        for (const event of happenings) model.happen(event);
        settle(model);

        expect(nonZero(model.recognised())).toEqual(nonZero(model.external));
        const flows = model.snapshots.reduce((sum, { flow }) => plus(sum, flow), ZERO_QUOTE);
        const [first, last] = [model.snapshots.at(0), model.snapshots.at(-1)];
        expect(last?.paidIn.eq(plus(first?.equity ?? ZERO_QUOTE, flows))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is nothing where an account only trades, also between the reading of balances and of executions', () => {
    fc.assert(
      fc.property(sequence(trading, moving, waiting, checking(trading)), (happenings) => {
        const model = new Model(RICH);
        for (const event of happenings) model.happen(event);
        settle(model);

        expect(model.snapshots.flatMap(({ flows }) => flows).filter((flow) => !isRounding(flow))).toEqual([]);
        expect(nonZero(model.recognised())).toEqual({});
      }),
      { numRuns: 300 },
    );
  });

  it('counts each execution once, however often it is listed', () => {
    fc.assert(
      fc.property(sequence(trading, waiting, checking(trading, fc.nat(3))), (happenings) => {
        const model = new Model(RICH);
        for (const event of happenings) model.happen(event);
        settle(model);

        const remembered = model.snapshots.at(-1);
        const ids = remembered?.counted.map(({ fillId }) => fillId) ?? [];
        expect(new Set(ids).size).toBe(ids.length);
        const young = model.fills.filter(({ at }) => at >= (remembered?.countedFrom ?? 0));
        expect([...ids].sort()).toEqual(young.map(({ fillId }) => fillId).sort());
      }),
    );
  });

  it('is a deposit of cash beside an execution that the balances do not have yet', () => {
    const model = new Model({ USD: '1000' });
    model.happen({ what: 'deposit', asset: 'USD', amount: 500 });
    model.happen({
      what: 'check',
      between: [{ what: 'buy', coin: 'BTC', share: 500, baseFee: false }],
      late: 0,
    });
    settle(model);

    expect(
      model.snapshots.map(({ flows }) => flows.map((flow) => [flow.kind, flow.asset, text(flow.amount)])),
    ).toEqual([[], [['DEPOSIT', 'USD', '500']], []]);
  });

  it('values a coin that came and was sold between two snapshots at what it was sold for', () => {
    const model = new Model({ USD: '1000' });
    model.happen({ what: 'deposit', asset: 'BTC', amount: 500 });
    model.happen({ what: 'sell', coin: 'BTC', share: 1000, baseFee: false });
    model.happen({ what: 'withdraw', asset: 'BTC', share: 1000 });
    settle(model);

    const [flow] = model.snapshots.at(-1)?.flows ?? [];
    expect([flow?.kind, flow?.asset, flow?.value && text(flow.value)]).toEqual(['DEPOSIT', 'BTC', '495']);
  });

  it('values a coin of which nothing is left at the price it had last', () => {
    const model = new Model({ USD: '1000', BTC: '0.1' });
    model.happen({ what: 'withdraw', asset: 'BTC', share: 1000 });
    settle(model);

    const last = model.snapshots.at(-1);
    expect([last?.flow, last?.paidIn, last?.equity].map((figure) => figure && text(figure))).toEqual([
      '-5000',
      '1000',
      '1000',
    ]);
  });

  it('waits with the first snapshot while an execution may be in the balances or not', () => {
    const model = new Model({ USD: '1000' });
    model.happen({ what: 'buy', coin: 'BTC', share: 500, baseFee: false });
    const cash = quote('1000');
    const reading = (at: number) => ({
      accountId: 'u-ann',
      at,
      valuation: { cash, held: ZERO_QUOTE, equity: cash },
      holdings: model.holdings(),
      priceOf: model.priceOf,
    });

    expect(
      measure(undefined, reading(NOON + MINUTE - 1), { fills: model.fills, unlisted: [] }),
    ).toBeUndefined();
    expect(measure(undefined, reading(NOON + MINUTE), { fills: model.fills, unlisted: [] })?.counted).toEqual(
      [{ fillId: 'T0', at: NOON }],
    );
  });
});

describe('the loss guards, with snapshots', () => {
  it('never trip by deposits and withdrawals alone, and profit stays zero, at constant prices', () => {
    fc.assert(
      fc.property(sequence(flowing(ALL), waiting, quietCheck), (happenings) => {
        const model = new Model(RICH);
        for (const event of happenings) {
          model.happen(event);
          // Between checks as well; an old snapshot is a matter of its own.
          if (model.now - (model.risk?.measured?.at ?? 0) <= 30 * MINUTE)
            expect(refusal(model), JSON.stringify(event)).toBeUndefined();
          if (event.what === 'check') {
            const last = model.snapshots.at(-1);
            expect(last?.equity.eq(last.paidIn)).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('trip at exactly the limit of what was lost, whatever cash comes in meanwhile', () => {
    const dailyOnly = { ...limits, maxDailyLoss: fraction('0.05'), maxDrawdown: fraction('1') };
    const deposits = fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 8 });
    fc.assert(
      fc.property(deposits, (amounts) => {
        const model = new Model({ USD: '0', BTC: '1' });
        let paidIn = 50_000;
        for (const amount of amounts) {
          model.happen({ what: 'deposit', asset: 'USD', amount });
          paidIn += amount;
          check(model);
        }
        const loss = quote(String(paidIn)).times('0.05');
        const judgeAt = (below: string) => {
          const fallen = quote(loss.plus(below));
          if (fallen.gte(50_000)) return 'nothing left';
          model.prices.set('BTC', price(quote('50000').minus(fallen)));
          const promptly = refusal(model, dailyOnly);
          check(model);
          expect(refusal(model, dailyOnly)).toBe(promptly);
          return promptly;
        };

        const all = loss.gte(50_000);
        expect(judgeAt('0')).toBe(all ? 'nothing left' : undefined);
        expect(judgeAt('0.00000001')).toBe(all ? 'nothing left' : 'DAILY_LOSS');
      }),
    );
  });

  it('see a loss of the same percent after any flows, in cash or in kind, however much came or left', () => {
    const flows = fc.array(fc.tuple(flowing(ALL), fc.boolean()), { maxLength: 30 });
    const shareOf = (model: Model) => ratio(model.equity(), riskOf(model).peakEquity);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), flows, flows, (percent, earlier, later) => {
        const model = new Model(RICH);
        const flow = ([event, checked]: readonly [Happening, boolean]) => {
          // What is left is never too little to be in proportion to.
          const few = event.what === 'withdraw' ? { ...event, share: Math.min(event.share, 200) } : event;
          model.happen(few);
          if (checked) check(model);
        };
        for (const each of earlier) flow(each);
        check(model);
        model.happen({ what: 'price', coin: 'BTC', percent });
        check(model);
        const lossThen = shareOf(model);

        for (const each of later) flow(each);
        check(model);

        const { dayOpenEquity, peakEquity } = riskOf(model);
        expect(shareOf(model).minus(lossThen).abs().lt('1e-20')).toBe(true);
        expect(dayOpenEquity.eq(peakEquity)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('see since the opening what prices made of each unit of cash, and profit what they made in cash', () => {
    fc.assert(
      fc.property(sequence(flowing(['USD']), moving), (happenings) => {
        const model = new Model({ USD: '10000000', BTC: '0.2' });
        let growth = ONE;
        let made = ZERO_QUOTE;
        for (const event of happenings) {
          const before = model.equity();
          model.happen(event.what === 'withdraw' ? { ...event, share: Math.min(event.share, 200) } : event);
          if (event.what === 'price') {
            growth = scale(growth, ratio(model.equity(), before));
            made = plus(made, minus(model.equity(), before));
          }
          check(model);
        }

        const { dayOpenEquity, peakEquity } = riskOf(model);
        const paidIn = model.snapshots.at(-1)?.paidIn ?? ZERO_QUOTE;
        const measured = ratio(model.equity(), dayOpenEquity);
        expect(measured.minus(growth).abs().lt('1e-20')).toBe(true);
        expect(text(minus(model.equity(), paidIn))).toBe(text(made));
        expect(peakEquity.gte(model.equity())).toBe(true);
      }),
    );
  });

  it('take the fee of a first purchase with a large deposit for no ruin of the little there was before', () => {
    const model = new Model({ USD: '5' });
    model.happen({ what: 'deposit', asset: 'USD', amount: 10_000 });
    model.happen({ what: 'buy', coin: 'BTC', share: 100, baseFee: false });
    check(model);

    expect(text(riskOf(model).peakEquity)).toBe('10005');
    expect(refusal(model, limits)).toBeUndefined();
  });

  it('take the fee of a purchase for no ruin of the little that is left after a large withdrawal', () => {
    const model = new Model({ USD: '10000' });
    model.happen({ what: 'buy', coin: 'BTC', share: 100, baseFee: false });
    model.happen({ what: 'withdraw', asset: 'USD', share: 1000 });
    model.happen({ what: 'withdraw', asset: 'BTC', share: 990 });
    check(model);

    expect(refusal(model, limits)).toBeUndefined();
    expect(refusal(model)).toBe('DAILY_LOSS');
  });

  it('find a loss by a sale, right before a deposit, in proportion to what was there before', () => {
    const model = new Model({ BTC: '0.2' });
    model.prices.set('BTC', price('25000'));
    model.happen({ what: 'sell', coin: 'BTC', share: 1000, baseFee: false });
    model.happen({ what: 'withdraw', asset: 'BTC', share: 1000 });
    model.happen({ what: 'deposit', asset: 'USD', amount: 10_000 });
    settle(model);

    // Half by the fall; of the 19.8 that the sale cost, its share of the 14,950 that there were in all.
    expect(text(riskOf(model).peakEquity)).toBe('29900');
    expect(text(model.equity())).toBe('14930.2');
  });

  it('are not misled between checks: a deposit hides no fall of prices, a withdrawal is none', () => {
    const model = new Model({ USD: '1000', BTC: '0.1' });

    model.happen({ what: 'withdraw', asset: 'USD', share: 1000 });
    expect(refusal(model, limits)).toBeUndefined();
    model.happen({ what: 'deposit', asset: 'USD', amount: 100_000 });
    model.happen({ what: 'price', coin: 'BTC', percent: 90 });
    expect(refusal(model, limits)).toBe('DAILY_LOSS');
  });

  it('fall back on the lower equity where snapshots fail to come', () => {
    const model = new Model({ USD: '1000', BTC: '0.1' });
    model.happen({ what: 'withdraw', asset: 'USD', share: 1000 });

    model.happen({ what: 'wait', ms: 30 * MINUTE });
    expect(refusal(model, limits)).toBeUndefined();
    model.happen({ what: 'wait', ms: 1 });
    expect(refusal(model, limits)).toBe('DAILY_LOSS');
  });

  it('open a new day with its first snapshot, and keep the peak over the night', () => {
    const model = new Model({ USD: '1000', BTC: '0.1' });
    model.prices.set('BTC', price('45000'));
    check(model);
    model.happen({ what: 'wait', ms: DAY });
    model.happen({ what: 'deposit', asset: 'USD', amount: 550 });
    check(model);

    const { day, dayOpenEquity, peakEquity } = riskOf(model);
    expect([day, text(dayOpenEquity), text(peakEquity)]).toEqual(['2026-11-21', '6050', '6600']);
  });
});
