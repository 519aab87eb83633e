import { Decimal } from 'decimal.js';
import { isCash } from '../../../shared/exchange/market.ts';
import { text } from '../../../shared/money/money.ts';
import type { BookedBalance } from '../kraken/books.ts';
import type { BalanceAnswer } from './answers.ts';
import { LEAVER, STAYER } from './cast.ts';
import { type Evidence, followersOf } from './evidence.ts';
import { type Guarantee, guarantee } from './guarantee.ts';
import type { Registered } from './register-phase.ts';
import { assetOf, clearlySellable, pairOf } from './sellable.ts';

/** With the master gone each user reads what the exchange has in its books, is on its own, and can leave. */
export const userIndependence = (evidence: Evidence): Guarantee => {
  const { outage } = evidence;
  const problems: string[] = [];
  if (outage.masterError === undefined) problems.push('the master could still be reached');
  const users = followersOf(evidence);
  for (const user of users) {
    problems.push(
      ...balanceProblems(user, outage.balances, outage.booked[user.accountId] ?? {}),
      ...statusProblems(user, outage),
    );
  }
  if (outage.balances.length !== users.length)
    problems.push(`${outage.balances.length} balances were read of ${users.length} users`);
  problems.push(...leftBehind(evidence));
  return guarantee(
    'userIndependence',
    problems,
    `with the master gone ${outage.balances.length} balances equal the exchange's books to the last digit it shows, each user is standalone or exit-only, and ${LEAVER} is flat at the exchange`,
  );
};

/** What an answer says otherwise than the books of that moment. */
const balanceProblems = (
  { accountId, keyFingerprint }: Registered,
  answers: readonly BalanceAnswer[],
  booked: Readonly<Record<string, BookedBalance>>,
): readonly string[] => {
  const answer = answers.find((candidate) => candidate.accountId === accountId);
  if (answer === undefined) return [`the balance of ${accountId} was not read`];
  if (!answer.connected) return [`the balance of ${accountId} could not be read: ${answer.code}`];
  const problems: string[] = [];
  const compare = (what: string, ours: Decimal.Value, theirs: Decimal.Value): void => {
    if (!new Decimal(ours).eq(theirs))
      problems.push(
        `the balance of ${accountId} says ${what} ${new Decimal(ours).toFixed()}, the books ${new Decimal(theirs).toFixed()}`,
      );
  };
  if (answer.keyFingerprint !== keyFingerprint)
    problems.push(`the balance of ${accountId} was read with the key ${answer.keyFingerprint}`);
  const { cash, held, totals } = sumsOf(booked);
  compare('cash', answer.cash, cash);
  compare('held', answer.held, held);
  const shown = new Map(answer.assets.map((each) => [each.asset, each]));
  for (const asset of new Set([...totals.keys(), ...shown.keys()]))
    compare(asset, shown.get(asset)?.total ?? 0, totals.get(asset) ?? 0);
  for (const { asset, total, value } of answer.assets) {
    if (new Decimal(total).gt(0) && !new Decimal(value ?? 0).gt(0))
      problems.push(`the balance of ${accountId} gives ${total} ${asset} no value`);
  }
  const worth = answer.assets.reduce((sum, { value }) => sum.plus(value ?? 0), cash.plus(held));
  compare('equity', answer.equity, worth);
  return problems;
};

/** In the digits that the exchange shows: its books may have more. Reward variants (`BTC.F`) count as their asset. */
const sumsOf = (booked: Readonly<Record<string, BookedBalance>>) => {
  let cash = new Decimal(0);
  let held = new Decimal(0);
  const totals = new Map<string, Decimal>();
  for (const [name, balance] of Object.entries(booked)) {
    const asset = name.split('.')[0] ?? name;
    const total = shownDigits(asset, balance.total);
    const locked = shownDigits(asset, balance.held);
    if (isCash(asset)) {
      cash = cash.plus(total).minus(locked);
      held = held.plus(locked);
    } else totals.set(asset, (totals.get(asset) ?? new Decimal(0)).plus(total));
  }
  return { cash, held, totals };
};

const shownDigits = (asset: string, amount: string): Decimal =>
  new Decimal(amount).toDecimalPlaces(assetOf(asset).decimals, Decimal.ROUND_DOWN);

const statusProblems = (user: Registered, { before, balances }: Evidence['outage']): readonly string[] => {
  const statusIn = (answers: readonly BalanceAnswer[]) =>
    answers.find(({ accountId }) => accountId === user.accountId)?.status;
  const expected = {
    before: user.exitOnly ? 'exit-only' : 'following',
    now: user.exitOnly ? 'exit-only' : 'standalone',
  };
  const seen = { before: statusIn(before), now: statusIn(balances) };
  const problems: string[] = [];
  if (seen.before !== expected.before)
    problems.push(
      `${user.accountId} was ${seen.before ?? 'nothing'} before the outage, not ${expected.before}`,
    );
  if (seen.now !== expected.now)
    problems.push(`${user.accountId} is ${seen.now ?? 'nothing'} with the master gone, not ${expected.now}`);
  return problems;
};

/** Only what no market takes may be left, and the exit must have named it. */
const leftBehind = ({ books, outage }: Evidence): readonly string[] => {
  const problems: string[] = [];
  if (outage.exit.state !== 'FLAT') problems.push(`the exit of ${LEAVER} ended ${outage.exit.state}`);
  for (const [asset, { total }] of Object.entries(books.balances(LEAVER))) {
    if (isCash(asset) || new Decimal(total).isZero()) continue;
    const pair = pairOf(`${asset}/USD`);
    const named = outage.exit.results.some(({ symbol, state }) => symbol === pair.symbol && state === 'DUST');
    const last = books.trades().findLast(({ symbol }) => symbol === pair.symbol)?.price;
    if (!named || last === undefined || clearlySellable(new Decimal(total), pair, new Decimal(last)))
      problems.push(`${LEAVER} still holds ${total} ${asset}`);
  }
  return problems;
};

export const anErrorIsNeverZero = ({ outage: { failing } }: Evidence): Guarantee => {
  const problems =
    failing.connected || failing.accountId !== STAYER
      ? [`a balance was shown for ${failing.accountId} although the exchange sent ${STAYER} an error page`]
      : [];
  return guarantee(
    'anErrorIsNeverZero',
    problems,
    failing.connected ? '' : `an unreadable balance is shown as ${failing.code}, without a figure`,
  );
};

export const stayerKeepsItsPosition = ({ books, outage, collected }: Evidence): Guarantee => {
  const now = books.balances(STAYER);
  const positions = collected.accounts.find(({ accountId }) => accountId === STAYER)?.positions ?? [];
  const problems = Object.entries(outage.stayerBefore)
    .filter(([asset, { total }]) => now[asset]?.total !== total)
    .map(
      ([asset, { total }]) =>
        `${STAYER} held ${total} ${asset} before the outage and ${now[asset]?.total ?? 'none'} after`,
    );
  if (positions.length === 0) problems.push(`${STAYER} had no copied position, so nothing was shown`);
  return guarantee(
    'aPositionNobodyExitsStays',
    problems,
    `${STAYER} still holds ${positions.map(({ symbol, quantity }) => `${text(quantity)} ${symbol}`).join(', ')}`,
  );
};
