import { plus, type QuoteAmount, quote, ZERO_QUOTE } from '../../shared/money/money.ts';
import { type Assumptions, DEFAULT_ASSUMPTIONS } from './assumptions.ts';
import { amountOf, type Bill, billOf } from './bill.ts';
import { type Calls, type WorkUnit, workOf } from './calls.ts';
import type { PriceList } from './prices.ts';
import { grouped, shownCount, shownUsd } from './table.ts';
import { DAYS, SECONDS } from './volumes.ts';

/** What docs/costs.md explains is what so many users pay. */
const USERS = 10_000;
/** Polls of a queue: as many as Lambda may keep open at both, and how long each lasts. */
const LONG_POLL_SECONDS = 20;
/** Lines of the bill that are named one by one; the others are told as their sum. */
const NAMED_LINES = 7;

export const PROSE_NAMES = ['polls', 'rest', 'checks', 'intervals', 'storage'] as const;
export type ProseName = (typeof PROSE_NAMES)[number];

const percent = (part: QuoteAmount, whole: QuoteAmount): string =>
  `${part.div(whole).times(100).toFixed(0)} %`;
const cents = (amount: QuoteAmount): string => `${amount.div(USERS).times(100).toFixed(1)} cents a user`;
const whole = (amount: QuoteAmount): string => `${grouped(amount.toFixed(0))} USD`;
const less = (bill: Bill, other: Bill): QuoteAmount => quote(bill.total.minus(other.total));
const lineOf = ({ lines }: Bill, item: string): QuoteAmount => {
  const found = lines.find((line) => line.item === item);
  if (found === undefined) throw new Error(`the bill has no such line (given '${item}')`);
  return found.usd;
};

/** The sentences of docs/costs.md that have figures in them, each of the default assumptions. */
export const proseOf = (calls: Calls, prices: PriceList): Readonly<Record<ProseName, string>> => {
  const bill = (changes: Partial<Assumptions> = {}): Bill =>
    billOf(USERS, { ...DEFAULT_ASSUMPTIONS, ...changes }, calls, prices);
  const units = (unit: WorkUnit, of: 'writeUnits' | 'readUnits'): string =>
    shownCount(workOf(calls, unit, 'first')[of]);
  const usual = bill();
  const unchecked = bill({ checkMinutes: Number.POSITIVE_INFINITY });
  const untraded = bill({ tradesPerDay: 0 });
  const { checkMinutes, copyWorkers, checkWorkers, ledgerMonths } = DEFAULT_ASSUMPTIONS;

  const checks = less(usual, unchecked);
  const partsOfChecks = usual.lines
    .map(({ item, usd }) => ({ item, usd: quote(usd.minus(lineOf(unchecked, item))) }))
    .toSorted((a, b) => b.usd.comparedTo(a.usd));
  const named = partsOfChecks.slice(0, NAMED_LINES);
  const others = partsOfChecks.slice(NAMED_LINES).reduce((sum, { usd }) => plus(sum, usd), ZERO_QUOTE);

  const secrets = lineOf(usual, 'Secrets Manager: secrets');
  const rest = quote(usual.total.minus(secrets));
  const longer = (minutes: number): QuoteAmount => less(usual, bill({ checkMinutes: minutes }));
  const storage = lineOf(usual, 'DynamoDB: storage');
  const kept = quote(storage.minus(lineOf(unchecked, 'DynamoDB: storage')));
  const pollers = copyWorkers + checkWorkers;
  const polls = amountOf((pollers * SECONDS) / LONG_POLL_SECONDS, prices.sqsFifoRequests);

  return {
    polls: `Should Lambda keep as many polls open as workers are allowed (${pollers}), their line would be ${shownUsd(polls)} USD.`,
    rest: `Of the rest, at ${grouped(String(USERS))} users (${whole(rest)}), ${percent(checks, rest)} are the checks and ${percent(less(usual, untraded), rest)} is copying: a copied BUY is ${units('copy-buy', 'writeUnits')} write units, a SELL ${units('copy-sell', 'writeUnits')}.`,
    checks: `They are ${whole(checks)}, ${cents(checks)} and month, at ${units('check', 'writeUnits')} write and ${units('check', 'readUnits')} read units each: ${named.map(({ item, usd }) => `${item} ${usd.toFixed(0)}`).join(', ')}, all else ${others.toFixed(0)}.`,
    intervals: `30 minutes instead of ${checkMinutes} save ${percent(longer(30), usual.total)} of the total, 60 save ${percent(longer(60), usual.total)} (${cents(longer(30))} and ${cents(longer(60))} and month); every 5 minutes is ${whole(bill({ checkMinutes: 5 }).total)} in all.`,
    storage: `After ${ledgerMonths} months of ${DAYS} days, ${percent(kept, storage)} of it is what checks left, most of that snapshots.`,
  };
};
