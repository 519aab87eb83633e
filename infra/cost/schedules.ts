import { quote } from '../../shared/money/money.ts';
import type { Assumptions } from './assumptions.ts';
import { billOf } from './bill.ts';
import type { Calls } from './calls.ts';
import type { PriceList } from './prices.ts';
import { shownUsd } from './table.ts';

/** What a check is worth to have more often, at so many users. */
const SCHEDULE_USERS = 10_000;
const EVERY_MINUTES = [15, 30, 60] as const;

/** One line: what a month costs at other intervals between two checks of an account. */
export const schedulesLine = (assumptions: Assumptions, calls: Calls, prices: PriceList): string => {
  const totals = EVERY_MINUTES.map((checkMinutes) => {
    const { total } = billOf(SCHEDULE_USERS, { ...assumptions, checkMinutes }, calls, prices);
    return { checkMinutes, total };
  });
  const [most] = totals.map(({ total }) => total);
  const parts = totals.map(({ checkMinutes, total }) => {
    const saved = quote((most ?? total).minus(total));
    const less = saved.isZero() ? '' : ` (${shownUsd(saved)} less)`;
    return `${checkMinutes} minutes ${shownUsd(total)}${less}`;
  });
  return `Total for ${SCHEDULE_USERS.toLocaleString('en-US')} users by the interval of checks: ${parts.join(', ')}`;
};
