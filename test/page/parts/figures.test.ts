import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ago,
  basisPoints,
  difference,
  duration,
  moment,
  money,
  percent,
  price,
  quantity,
} from '../../../page/parts/figures.ts';

const shown = (text: string): string => text.replace(/<[^>]*>/g, '');
const decimalText = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.integer({ min: 0, max: 12 }))
  .map(([negative, digits, places]) => {
    const padded = String(digits).padStart(places + 1, '0');
    const text = places === 0 ? padded : `${padded.slice(0, -places)}.${padded.slice(-places)}`;
    return negative && /[1-9]/.test(text) ? `-${text}` : text;
  });

describe('a figure', () => {
  test('keeps the exact decimal beside what is shown', () => {
    fc.assert(
      fc.property(decimalText, (text) => {
        expect(money(text).text).toContain(`<data value="${text}">`);
      }),
    );
  });

  test('is shown to the hundredth, and off by half of one at most', () => {
    fc.assert(
      fc.property(decimalText, (text) => {
        const [whole = '', rest = ''] = shown(money(text).text)
          .replaceAll(',', '')
          .replace('−', '-')
          .split('.');
        const cents = BigInt(`${whole}${rest}`);

        const [given = '', places = ''] = text.split('.');
        const exact = BigInt(`${given}${places.padEnd(12, '0')}`);

        const off = cents * 10n ** 10n - exact;
        expect(rest).toHaveLength(2);
        expect(off < 0n ? -off : off).toBeLessThanOrEqual(10n ** 10n / 2n);
      }),
    );
  });

  test.each([
    [money('104233.88120041').text, '104,233.88'],
    [money('-0.001').text, '0.00'],
    [money('-1234.5').text, '−1,234.50'],
    [difference('12.5').text, '+12.50'],
    [difference('0').text, '0.00'],
    [difference('-12.5').text, '−12.50'],
    [quantity('0.01834000').text, '0.01834'],
    [quantity('15').text, '15'],
    [quantity('0.000000010000').text, '0.00000001'],
    [price('64120.4').text, '64,120.40'],
    [price('0.00001234').text, '0.00001234'],
    [price('0.0000000123456').text, '0.00000001235'],
    [price('0.0000001').text, '0.0000001'],
    [price('0').text, '0.00'],
    [price('3.5').text, '3.50'],
    [basisPoints('2.4').text, '+2.4 bp'],
    [basisPoints('-1.06').text, '−1.1 bp'],
    [percent('0.0525'), '5.25 %'],
    [percent('1'), '100 %'],
  ])('%s reads as %s', (text, words) => {
    expect(shown(text)).toBe(words);
  });
});

describe('a time', () => {
  const at = Date.parse('2026-03-14T15:09:26Z');

  test.each([
    [at, 'just now'],
    [at - 40_400, '40 s ago'],
    [at - 7 * 60_000, '7 min ago'],
    [at - 3 * 3_600_000, '3 h ago'],
    [at - 5 * 86_400_000, '5 days ago'],
    [at + 90_000, 'in 1 min'],
  ])('is told as seen from now', (then, words) => {
    expect(shown(ago(then, at).text).replaceAll('\u{a0}', ' ')).toBe(words);
  });

  test('is told in UTC and kept exact', () => {
    expect(moment(at).text).toBe(
      '<time datetime="2026-03-14T15:09:26.000Z"><span class="date">2026-03-14</span> 15:09&nbsp;UTC</time>',
    );
  });

  test('that is none says so instead of breaking the page', () => {
    expect(shown(moment(Number.NaN).text)).toBe('at a time that is none');
    expect(shown(ago(1e300, at).text)).toBe('at a time that is none');
  });

  test.each([
    [312, '312 ms'],
    [4_230, '4.2 s'],
    [180_000, '3 min'],
  ])('of %d ms is short', (ms, words) => {
    expect(duration(ms).replaceAll('\u{a0}', ' ')).toBe(words);
  });
});
