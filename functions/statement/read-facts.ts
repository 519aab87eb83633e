import type { AccountId } from '../../shared/account/account.ts';
import { InvalidInput, UnknownAccount } from '../../shared/account/errors.ts';
import type { Copy } from '../../shared/copying/copy.ts';
import { isCash } from '../../shared/exchange/market.ts';
import type { RecordedFill } from '../../shared/ledger/ledger.ts';
import { attemptRead } from '../../shared/ledger/read.ts';
import { assetsOf } from '../../shared/snapshot/flows.ts';
import type { EquitySnapshot } from '../../shared/snapshot/snapshot.ts';
import type { MasterRecords, StatementFacts } from '../../shared/statement/build-statement.ts';
import { isSizedByEquity } from '../../shared/statement/missed.ts';
import { monthOf, monthsBetween } from '../../shared/statement/month.ts';
import type { Records } from '../../shared/statement/replay.ts';
import { DAY, type Instant, iso } from '../../shared/time/clock.ts';
import type { StatementInput } from './statement-contract.ts';
import { NothingMeasured, type StatementPorts } from './statement-ports.ts';

/** What passed without an execution is valued at the next snapshot; where it holds none of it any more, at one of this long before. */
const PRICE_LOOKBACK_MS = DAY;
/** Of a small account nearly every copy may have been skipped: thousands are not looked up one by one, nor all at once. */
const LOOKUPS_AT_ONCE = 25;

/**
 * All that the ledger has for a statement. What cannot be read of the master is left out by name, and stops nothing.
 *
 * @throws UnknownAccount, InvalidInput (a month that has not begun), NothingMeasured, LedgerError
 */
export const readFacts = async (input: StatementInput, ports: StatementPorts): Promise<StatementFacts> => {
  const { accountId, month, method, profitShare } = input;
  const { ledger, clock } = ports;
  const account = await ledger.accounts.get(accountId);
  if (account === undefined) throw new UnknownAccount(accountId);
  const { from, to } = monthOf(month);
  const now = clock.now();
  if (from > now) throw new InvalidInput(`month: it has not begun yet, it is ${iso(now)} (given '${month}')`);
  const [before, first, closing] = await Promise.all([
    ledger.snapshots.lastUntil(accountId, from),
    ledger.snapshots.firstFrom(accountId, 0),
    ledger.snapshots.lastUntil(accountId, to),
  ]);
  const opening = before ?? first;
  if (first === undefined || opening === undefined || closing === undefined || closing.at <= opening.at)
    throw new NothingMeasured(accountId, month, first?.at);

  const [records, copies, period, marks] = await Promise.all([
    recordsOf(accountId, ports),
    account.role === 'user' ? ledger.copies.list(accountId) : [],
    snapshotsOf(accountId, opening.at, closing.at, ports),
    profitShare === undefined
      ? []
      : Promise.all(
          monthsBetween(first.at, from).map(async (end) => await ledger.snapshots.lastUntil(accountId, end)),
        ),
  ]);
  const priced = await pricedSnapshots(accountId, records, opening.at, ports);
  const sizing = await sizingSnapshots(accountId, copies, opening.at, ports);
  const [one, two, ...more] = distinct([first, ...priced, ...sizing, ...marks, opening, ...period, closing]);
  if (one === undefined || two === undefined) throw new NothingMeasured(accountId, month, first.at);
  const { follows } = account;
  return {
    account,
    month,
    method,
    asOf: now,
    ...(profitShare === undefined ? {} : { profitShare }),
    snapshots: [one, two, ...more],
    marks: marksOf(first, marks, opening),
    records,
    copies,
    master:
      follows === undefined
        ? undefined
        : await attemptRead(async () => await readMaster(follows, opening.at, closing.at, ports)),
  };
};

/** The opening closes them, and is the first of them where the account was not measured before. */
const marksOf = (
  first: EquitySnapshot,
  marks: readonly (EquitySnapshot | undefined)[],
  opening: EquitySnapshot,
): StatementFacts['marks'] => {
  const [mark, ...later] = distinct([first, ...marks, opening]).map(({ at }) => at);
  return mark === undefined ? [opening.at] : [mark, ...later.filter((at) => at <= opening.at)];
};

const recordsOf = async (accountId: AccountId, { ledger }: StatementPorts): Promise<Records> => {
  const [fills, adjustments] = await Promise.all([
    ledger.fills.list(accountId),
    ledger.reconciliation.adjustments(accountId),
  ]);
  return { fills, adjustments };
};

const snapshotsOf = async (
  accountId: AccountId,
  from: Instant,
  to: Instant,
  { ledger }: StatementPorts,
): Promise<readonly EquitySnapshot[]> => {
  const all: EquitySnapshot[] = [];
  for await (const page of ledger.snapshots.list(accountId, from, to)) all.push(...page);
  return all;
};

/** Of before the period: those that what passed without an execution, and odd fees, are valued by. */
const pricedSnapshots = async (
  accountId: AccountId,
  { fills, adjustments }: Records,
  opening: Instant,
  ports: StatementPorts,
): Promise<readonly EquitySnapshot[]> => {
  const moments = [...adjustments, ...fills.filter(needsPrice)]
    .map(({ at }) => at)
    .filter((at) => at <= opening);
  const found: EquitySnapshot[] = [];
  for (const at of moments) {
    const next = await ports.ledger.snapshots.firstFrom(accountId, at);
    found.push(
      ...(await snapshotsOf(accountId, at - PRICE_LOOKBACK_MS, at, ports)),
      ...(next === undefined || next.at > opening ? [] : [next]),
    );
  }
  return found;
};

/** Of before the period: those that copies which were not made are sized by. */
const sizingSnapshots = async (
  accountId: AccountId,
  copies: readonly Copy[],
  opening: Instant,
  { ledger }: StatementPorts,
): Promise<readonly (EquitySnapshot | undefined)[]> => {
  const sized = copies.filter((copy) => isSizedByEquity(copy) && copy.trade.at < opening);
  const moments = [...new Set(sized.map(({ trade }) => trade.at))];
  const found: (EquitySnapshot | undefined)[] = [];
  for (let from = 0; from < moments.length; from += LOOKUPS_AT_ONCE)
    found.push(
      ...(await Promise.all(
        moments
          .slice(from, from + LOOKUPS_AT_ONCE)
          .map(async (at) => await ledger.snapshots.lastUntil(accountId, at)),
      )),
    );
  return found;
};

/** Its own price does not tell what its fee or its cost was worth in cash. */
const needsPrice = (fill: RecordedFill): boolean => {
  const [base, quoted] = assetsOf(fill);
  return !isCash(quoted) || (fill.fee.asset !== base && !isCash(fill.fee.asset));
};

const readMaster = async (
  masterId: AccountId,
  from: Instant,
  to: Instant,
  ports: StatementPorts,
): Promise<MasterRecords> => {
  const opening = await ports.ledger.snapshots.lastUntil(masterId, from);
  const [snapshots, records] = await Promise.all([
    snapshotsOf(masterId, opening?.at ?? from, to, ports),
    recordsOf(masterId, ports),
  ]);
  return { snapshots, records };
};

/** By their time; each once. */
const distinct = (snapshots: readonly (EquitySnapshot | undefined)[]): readonly EquitySnapshot[] =>
  [...new Map(snapshots.flatMap((one) => (one === undefined ? [] : [[one.at, one] as const]))).values()].sort(
    (a, b) => a.at - b.at,
  );
