import { describe, expect, it } from 'vitest';
import {
  ASSUMPTION_NAMES,
  AssumptionError,
  assumptionsWith,
  DEFAULT_ASSUMPTIONS,
  flagOf,
  userCounts,
} from '../../infra/cost/assumptions.ts';

describe('assumptions', () => {
  it('are their defaults where nothing is given', () => {
    expect(assumptionsWith({})).toEqual(DEFAULT_ASSUMPTIONS);
  });

  it('hold within their own limits', () => {
    const asText = Object.fromEntries(
      ASSUMPTION_NAMES.map((name) => [name, String(DEFAULT_ASSUMPTIONS[name])]),
    );

    expect(assumptionsWith(asText)).toEqual(DEFAULT_ASSUMPTIONS);
  });

  it('are changed one by one', () => {
    expect(assumptionsWith({ tradesPerDay: '2.5' })).toEqual({ ...DEFAULT_ASSUMPTIONS, tradesPerDay: 2.5 });
  });

  it('have flags with dashes', () => {
    expect(flagOf('tradesPerDay')).toBe('trades-per-day');
  });

  it.each(['many', '-1', '', '1e3', 'NaN', '1.5.2'])('refuse what is no number, naming it (%s)', (text) => {
    const given = { checkMinutes: text };

    expect(() => assumptionsWith(given)).toThrow(/^--check-minutes .*it takes a decimal number/);
    expect(() => assumptionsWith(given)).toThrow(`(given '${text}')`);
  });

  it.each(['0', '61', '7.5'])('refuse an interval of checks that no schedule has (%s)', (text) => {
    expect(() => assumptionsWith({ checkMinutes: text })).toThrow(`(given '${text}')`);
  });

  it('refuse a share above one', () => {
    expect(() => assumptionsWith({ filledShare: '1.1' })).toThrow(AssumptionError);
  });
});

describe('the counts of users', () => {
  it('are read from one text', () => {
    expect(userCounts('10,1000')).toEqual([10, 1_000]);
  });

  it.each(['0', '', '10,', '1.5', '-3', '99999999'])('refuse others, naming them (%s)', (text) => {
    expect(() => userCounts(text)).toThrow(`(given '${text}')`);
  });
});
