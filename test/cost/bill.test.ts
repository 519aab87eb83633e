import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_ASSUMPTIONS } from '../../infra/cost/assumptions.ts';
import { amountOf, billOf } from '../../infra/cost/bill.ts';
import { readCalls, WORK_UNITS, workOf } from '../../infra/cost/calls.ts';
import { MEMORY, PRICES, type PriceList, type PriceName } from '../../infra/cost/prices.ts';
import { costTable, largestLines, shownCount, shownUsd } from '../../infra/cost/table.ts';
import { monthOf } from '../../infra/cost/volumes.ts';
import { plus, quote, ZERO_QUOTE } from '../../shared/money/money.ts';

const calls = readCalls();
const bill = (users: number, changes: Partial<typeof DEFAULT_ASSUMPTIONS> = {}, prices: PriceList = PRICES) =>
  billOf(users, { ...DEFAULT_ASSUMPTIONS, ...changes }, calls, prices);
const lineOf = (item: string, of: ReturnType<typeof bill>) => {
  const found = of.lines.find((line) => line.item === item);
  if (found === undefined) throw new Error(`the bill has no line '${item}'`);
  return found;
};

describe('an amount', () => {
  it('is the quantity times the listed price, exactly', () => {
    expect(amountOf(3_000_000, PRICES.lambdaRequests).toFixed()).toBe('0.6');
    expect(amountOf(25_000, PRICES.secretCalls).toFixed()).toBe('0.125');
    expect(amountOf(0, PRICES.secrets).toFixed()).toBe('0');
  });
});

describe('a month', () => {
  const month = monthOf(1_000, {
    ...DEFAULT_ASSUMPTIONS,
    masters: 2,
    tickMinutes: 5,
    tradesPerDay: 10,
    followingShare: 0.5,
    checkMinutes: 60,
  });

  it('has ticks by the period, trades by the day, and a copy of each for every follower of its master', () => {
    expect(month.ticks).toBe(2 * 12 * 24 * 30);
    expect(month.trades).toBe(2 * 10 * 30);
    expect(month.copies).toBe(600 * 250);
    expect(month.slots).toBe(24 * 30);
    expect(month.checks).toBe(1_000 * 24 * 30);
  });

  it('does each tick, trade, copy and check once, whatever state its function is in', () => {
    const times = (...units: readonly string[]) =>
      month.volumes.filter(({ unit }) => units.includes(unit)).reduce((sum, one) => sum + one.times, 0);

    expect(times('tick-quiet', 'tick-buy')).toBeCloseTo(month.ticks);
    expect(times('fan-out')).toBeCloseTo(month.trades);
    expect(times('copy-buy', 'copy-sell', 'copy-skipped')).toBeCloseTo(month.copies);
    expect(times('fan-out-follower')).toBeCloseTo(month.copies);
    expect(times('dispatch')).toBeCloseTo(month.slots);
    expect(times('dispatch-account')).toBeCloseTo(month.checks);
    expect(times('check', 'check-daily')).toBeCloseTo(month.checks);
    expect(times('check-daily')).toBeCloseTo(30 * 1_000);
  });
});

describe('a bill', () => {
  it('adds up', () => {
    const { lines, total, perUser } = bill(1_000);

    expect(total.eq(lines.reduce((sum, { usd }) => plus(sum, usd), ZERO_QUOTE))).toBe(true);
    expect(perUser.times(1_000).toFixed(10)).toBe(total.toFixed(10));
  });

  it('never falls with more users', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50_000 }), fc.integer({ min: 1, max: 50_000 }), (one, other) => {
        const [few, many] = [bill(Math.min(one, other)), bill(Math.max(one, other))];

        expect(few.total.lte(many.total)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('has a line for every listed price, and follows it', () => {
    for (const name of Object.keys(PRICES) as PriceName[]) {
      if (PRICES[name].usd.isZero()) continue;
      const doubled = { ...PRICES, [name]: { ...PRICES[name], usd: quote(PRICES[name].usd.times(2)) } };
      const [before, after] = [bill(1_000), bill(1_000, {}, doubled)];
      const own = before.lines.filter(({ price }) => price === name);

      expect(own.length, name).toBeGreaterThan(0);
      expect(after.total.minus(before.total).toFixed(10), name).toBe(
        own.reduce((sum, { usd }) => plus(sum, usd), ZERO_QUOTE).toFixed(10),
      );
    }
  });

  it('holds one secret for every user and every master', () => {
    expect(lineOf('Secrets Manager: secrets', bill(10, { masters: 3 })).quantity).toBe(13);
  });

  it('pays for a check what was measured of one, its message, and its share of the dispatch', () => {
    // More accounts than workers, and no balances or copies: each further account adds a warm check a slot.
    const alone = { checkMinutes: 60, balancesPerDay: 0, exitsPerMonth: 0, followingShare: 0 };
    const [few, many] = [bill(1_000, alone), bill(1_001, alone)];
    const more = (item: string) => lineOf(item, many).quantity - lineOf(item, few).quantity;
    const [often, daily] = [workOf(calls, 'check', 'first'), workOf(calls, 'check-daily', 'first')];
    const message = workOf(calls, 'dispatch-account', 'again');
    const writes = 690 * often.writeUnits + 30 * daily.writeUnits + 720 * message.writeUnits;

    expect(more('Lambda: requests')).toBeCloseTo(720);
    expect(more('DynamoDB: writes')).toBeCloseTo(writes);
    expect(more('SQS FIFO: messages')).toBeCloseTo(
      720 * (2 + (message.requests['sqs.SendMessageBatch'] ?? 0)),
    );
    expect(more('Secrets Manager: calls')).toBeCloseTo(720);
  });

  it('pays for one schedule in all, whatever the number of accounts', () => {
    const schedules = (users: number, checkMinutes: number) =>
      lineOf('EventBridge Scheduler', bill(users, { checkMinutes })).quantity;

    expect(schedules(10, 30)).toBe(schedules(10_000, 30));
    expect(schedules(10, 30) - schedules(10, 60)).toBe(24 * 30);
  });

  it('keeps polls open on two queues, no more on each than it has workers', () => {
    const polls = (copyWorkers: number, checkWorkers: number) =>
      lineOf('SQS FIFO: idle polls', bill(10, { copyWorkers, checkWorkers })).quantity / (3 * 60 * 24 * 30);

    expect(polls(100, 50)).toBe(10);
    expect(polls(100, 3)).toBe(8);
  });

  it('records a trace for few of the checks that come all together', () => {
    const traced = (checkWorkers: number) =>
      lineOf('X-Ray: traces', bill(10_000, { checkWorkers })).quantity / (10_000 * 96 * 30);

    expect(traced(1_000)).toBeLessThan(traced(50));
    expect(traced(1_000)).toBeGreaterThan(0.05);
    expect(traced(50)).toBeLessThan(0.12);
  });

  it('falls with a longer interval between checks', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 59 }),
        fc.integer({ min: 1, max: 20_000 }),
        (checkMinutes, users) => {
          const [sooner, later] = [
            bill(users, { checkMinutes }),
            bill(users, { checkMinutes: checkMinutes + 1 }),
          ];

          expect(later.total.lt(sooner.total)).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('keeps what a year has written', () => {
    const [month, year] = [bill(100, { ledgerMonths: 1 }), bill(100, { ledgerMonths: 12 })];

    expect(lineOf('DynamoDB: storage', year).quantity).toBeCloseTo(
      12 * lineOf('DynamoDB: storage', month).quantity,
    );
  });
});

describe('the measured calls', () => {
  it('hold every unit of work, each with requests or as a part of one', () => {
    for (const unit of WORK_UNITS) {
      const work = workOf(calls, unit, 'first');

      expect(Object.keys(work.requests).length, unit).toBeGreaterThan(0);
    }
  });

  it('read a user’s secret once for each account that an instance does not know, and not again', () => {
    for (const unit of ['copy-buy', 'copy-sell', 'balance', 'check', 'check-daily'] as const) {
      expect(workOf(calls, unit, 'first').requests['secretsmanager.GetSecretValue'], unit).toBe(1);
      if (unit !== 'check-daily')
        expect(workOf(calls, unit, 'again').requests['secretsmanager.GetSecretValue'] ?? 0, unit).toBe(0);
    }
  });
});

describe('the table', () => {
  const bills = [10, 10_000].map((users) => bill(users));

  it('changes with a price', () => {
    const dearer = { ...PRICES, secrets: { ...PRICES.secrets, usd: quote('0.41') } };
    const changed = [10, 10_000].map((users) => bill(users, {}, dearer));

    expect(costTable(changed, dearer)).not.toBe(costTable(bills, PRICES));
    expect(costTable(bills, PRICES)).toContain('4,000.40');
    expect(costTable(changed, dearer)).toContain('4,100.41');
  });

  it('has its figures under each other, to the right', () => {
    const [head = '', ...rows] = costTable(bills, PRICES).split('\n');
    const ends = [...head.matchAll(/users/g)].map(({ index }) => index + 'users'.length);

    expect(ends).toHaveLength(2);
    for (const row of rows.filter((line) => line !== ''))
      for (const end of ends) expect(row.slice(end - 4, end), row).toMatch(/^(.*\d|0\.01)$/);
  });

  it('names what most of the bill goes to', () => {
    expect(largestLines(bills).split('\n')[1]).toMatch(
      /^Most of it for 10,000 users: Secrets Manager: secrets \d\d %/,
    );
  });

  it.each([
    ['0', '0.00'],
    ['0.0001', '< 0.01'],
    ['0.005', '0.01'],
    ['1234567.891', '1,234,567.89'],
    ['999.999', '1,000.00'],
  ])('shows %s dollars as %s', (amount, shown) => {
    expect(shownUsd(quote(amount))).toBe(shown);
  });

  it.each([
    [0, '0'],
    [0.04567, '0.0457'],
    [13.888, '13.9'],
    [1_234_567.8, '1,234,568'],
  ])('shows a quantity of %d as %s', (count, shown) => {
    expect(shownCount(count)).toBe(shown);
  });
});

describe('the prices', () => {
  it('name AWS’s page, and where they were read or that they were not', () => {
    for (const { listedAt, readAt } of Object.values(PRICES)) {
      expect(listedAt).toMatch(/^https:\/\/aws\.amazon\.com\/[a-z-]+\/pricing\//);
      expect(readAt === MEMORY || readAt.startsWith('https://')).toBe(true);
    }
  });
});
