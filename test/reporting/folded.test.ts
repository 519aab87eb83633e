import { expect, it } from 'vitest';
import type { Finding } from '../../shared/reporting/contract/finding.ts';
import { folded } from '../../shared/reporting/folded.ts';

const finding = (accountId: string | undefined, severity: Finding['severity'], code: string): Finding => ({
  severity,
  code,
  what: `${code} of ${accountId}`,
  remedy: 'look at it',
  ...(accountId === undefined ? {} : { accountId }),
});
const infos = (count: number) =>
  Array.from({ length: count }, (_, index) => finding(`u-${index}`, 'info', 'KEY_NO_IP_ALLOW_LIST'));

it('what is good to know of many accounts is said once, in the place of the first', () => {
  const other = finding('u-x', 'info', 'COPYING_PAUSED');

  expect(folded([finding('u-0', 'critical', 'DRIFT'), ...infos(5), other])).toEqual([
    finding('u-0', 'critical', 'DRIFT'),
    {
      severity: 'info',
      code: 'KEY_NO_IP_ALLOW_LIST',
      what: '5 accounts (u-0, u-1, u-2 and 2 more), of the first: KEY_NO_IP_ALLOW_LIST of u-0',
      remedy: 'look at it',
    },
    other,
  ]);
});

it('of few accounts it is said for each', () => {
  expect(folded(infos(2))).toEqual(infos(2));
});

it('what is wrong is told for each account, however many there are', () => {
  const wrong = Array.from({ length: 9 }, (_, index) => finding(`u-${index}`, 'warning', 'NOT_PROTECTED'));

  expect(folded(wrong)).toEqual(wrong);
});

it('what concerns all accounts stays as it is', () => {
  const common = [1, 2, 3, 4].map(() => finding(undefined, 'info', 'NO_ACCOUNTS'));

  expect(folded(common)).toEqual(common);
});
