import type { Drift } from '../../../shared/ledger/drift.ts';
import { text } from '../../../shared/money/money.ts';
import { MOVER } from './cast.ts';
import { boughtBefore } from './cost.ts';
import type { Evidence } from './evidence.ts';
import { type Guarantee, guarantee } from './guarantee.ts';
import { pairOf } from './sellable.ts';

/** What a user moved away by hand is known to its checks, with both figures as the exchange has them; nobody else has such. */
export const driftIsFoundAndNamed = (evidence: Evidence): Guarantee => {
  const { books, outage, collected } = evidence;
  const { symbol, moved } = outage.protection;
  const bought = boughtBefore(books, MOVER, symbol, Number.POSITIVE_INFINITY).quantity;
  const held = books.balances(MOVER)[pairOf(symbol).base.code]?.total ?? '0';
  const problems: string[] = [];
  const open = collected.accounts.flatMap(({ drifts }) =>
    drifts.filter(({ closedAt }) => closedAt === undefined),
  );
  const isExpected = (drift: Drift): boolean => drift.accountId === MOVER && drift.symbols.includes(symbol);
  const drift = open.find(isExpected);
  for (const { accountId, symbols } of open.filter((other) => !isExpected(other)))
    problems.push(`${accountId} has a drift in ${symbols.join(', ')} that nobody made`);
  if (drift === undefined) problems.push(`no check found that ${moved} ${symbol} of ${MOVER} are missing`);
  else if (!bought.eq(text(drift.managed)) || !drift.held.eq(held) || !drift.missing.eq(moved))
    problems.push(
      `${MOVER} bought ${bought.toFixed()} ${symbol} and holds ${held}, the drift says ${text(drift.managed)} and ${text(drift.held)}`,
    );
  return guarantee(
    'driftIsFoundAndNamed',
    problems,
    `${MOVER} moved ${moved} ${symbol} away by hand: its check names account, symbol, ${bought.toFixed()} managed and ${held} held; no other of ${collected.accounts.length - 1} accounts has a drift`,
  );
};
