import { type QuoteAmount, text } from '../../shared/money/money.ts';
import { table } from '../local/scenario/table.ts';
import type { Bill } from './bill.ts';
import type { Price, PriceList } from './prices.ts';

export const grouped = (digits: string): string => digits.replaceAll(/\B(?=(\d{3})+$)/g, ',');

/** Two decimals, thousands with commas; a trace of money is shown as such, not as nothing. */
export const shownUsd = (amount: QuoteAmount): string => {
  const [whole = '0', cents = '00'] = amount.toFixed(2).split('.');
  const shown = `${grouped(whole)}.${cents}`;
  return shown === '0.00' && !amount.isZero() ? '< 0.01' : shown;
};

/** Three significant digits below 100, whole above. */
export const shownCount = (count: number): string => {
  if (count >= 100 || Number.isInteger(count)) return grouped(Math.round(count).toFixed(0));
  return String(Number(count.toPrecision(3)));
};

const shownPer = (per: number): string => (per === 1 ? '' : `${grouped(String(per))} `);

const shownPrice = ({ usd, per, unit }: Price): string =>
  usd.isZero() ? `free: ${unit}` : `${listed(usd)} / ${shownPer(per)}${unit}`;

/** As price lists show it: two decimals at least. */
const listed = (usd: QuoteAmount): string => (usd.decimalPlaces() < 2 ? usd.toFixed(2) : text(usd));

const usersOf = ({ users }: Bill): string => `${grouped(String(users))} ${users === 1 ? 'user' : 'users'}`;

const allButFirst = (bills: readonly Bill[]): readonly number[] => bills.map((_, index) => index + 1);

/** What each line costs a month, in USD, with the total and what it makes per user. */
export const costTable = (bills: readonly Bill[], prices: PriceList): string => {
  const lines = bills[0]?.lines ?? [];
  const rule = ['', ...bills.map(() => '')];
  return table(
    ['USD a month', ...bills.map(usersOf), '  listed price'],
    [
      ...lines.map(({ item, price }, row) => [
        item,
        ...bills.map((bill) => shownUsd(bill.lines[row]?.usd ?? bill.total)),
        `  ${shownPrice(prices[price])}`,
      ]),
      rule,
      ['Total', ...bills.map(({ total }) => shownUsd(total))],
      ['Per user', ...bills.map(({ perUser }) => shownUsd(perUser))],
    ],
    allButFirst(bills),
  );
};

/** How much of each there is in a month. */
export const quantityTable = (bills: readonly Bill[], prices: PriceList): string => {
  const lines = bills[0]?.lines ?? [];
  return table(
    ['Quantities a month', ...bills.map(usersOf), '  unit'],
    lines.map(({ item, price }, row) => [
      item,
      ...bills.map((bill) => shownCount(bill.lines[row]?.quantity ?? 0)),
      `  ${prices[price].unit}`,
    ]),
    allButFirst(bills),
  );
};

const LARGEST = 3;

/** The lines that most of each bill goes to, with their shares. */
export const largestLines = (bills: readonly Bill[]): string =>
  bills
    .map((bill) => {
      const largest = bill.lines.toSorted((a, b) => b.usd.comparedTo(a.usd)).slice(0, LARGEST);
      const shares = largest.map(({ item, usd }) => `${item} ${usd.div(bill.total).times(100).toFixed(0)} %`);
      return `Most of it for ${usersOf(bill)}: ${shares.join(', ')}`;
    })
    .join('\n');
