import { whyIncomplete } from '../account/equity.ts';
import type { CheckFacts } from '../check/check-facts.ts';
import type { Executions } from '../exchange/exchange.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { minus, type QuoteAmount, text } from '../money/money.ts';
import { measureEquity, type RiskState } from '../protection/risk.ts';
import type { Log, Meter } from '../telemetry/telemetry.ts';
import { type Instant, iso } from '../time/clock.ts';
import { type Flow, isRounding } from './flows.ts';
import { holdingsOf, pricesFrom } from './holdings.ts';
import { fillsNeededFrom, measure, measureAnew, movementTo } from './measure.ts';
import type { EquitySnapshot } from './snapshot.ts';

/** Of executions at once, so that something is left of what the key may ask. */
const MOST_PAGES = 3;

const UNKNOWN =
  'there were more executions than can be read, so what came and left is not known, and measuring begins anew; the percents of the loss limits stay as they were';

export interface SnapshotPorts {
  readonly ledger: Pick<Ledger, 'risk' | 'snapshots'>;
  readonly log: Log;
  readonly meter: Meter;
  /** How often accounts are checked. */
  readonly checkEveryMs?: number;
}

/** Quote units. */
export type SnapshotReport =
  | {
      readonly outcome: 'TAKEN';
      readonly at: Instant;
      readonly equity: QuoteAmount;
      /** The first equity and all that came less what left since. */
      readonly paidIn: QuoteAmount;
      /** equity − paidIn */
      readonly profit: QuoteAmount;
      readonly dayOpenEquity: QuoteAmount;
      readonly peakEquity: QuoteAmount;
      /** Deposits and withdrawals since the snapshot before; what is rounding is not among them. */
      readonly flows: readonly Flow[];
      /** See EquitySnapshot. */
      readonly unknownSince?: Instant;
    }
  | { readonly outcome: 'SKIPPED'; readonly why: string };

/**
 * Stores one point of the account's equity curve, tells deposits and withdrawals from profit and loss, and keeps the
 * account's loss limits in proportion to them. Nothing is stored where a price is missing.
 *
 * @throws ExchangeError, LeaseLost, LedgerError; ConcurrentChange: nothing was stored, the next check does it again
 */
export const takeSnapshot = async (
  facts: Omit<CheckFacts, 'doubtful'>,
  ports: SnapshotPorts,
): Promise<SnapshotReport> => {
  const { account, connection, balances, tickers, valuation, at } = facts;
  const { accountId } = account;
  if (!valuation.complete) {
    const why = `${whyIncomplete(valuation)}, so the account's equity is not known`;
    return { outcome: 'SKIPPED', why };
  }
  const before = await ports.ledger.risk.get(accountId);
  const last = await lastSnapshot(before, ports);
  const executed = async (from: Instant): Promise<Executions> =>
    await connection.session.fillsSince(from, { keep: connection.keep, mostPages: MOST_PAGES });
  let executions = await executed(fillsNeededFrom(last, at));
  // Read in parts, they might come faster than they are read, and no loss would be judged until then.
  const unread = executions.readTo;
  if (unread !== undefined && last !== undefined) executions = await executed(fillsNeededFrom(undefined, at));
  if (executions.readTo !== undefined) {
    const why = 'there are more executions of the last minutes than can be read: the next check tries again';
    return { outcome: 'SKIPPED', why };
  }
  const priceOf = pricesFrom(tickers, connection.markets);
  const holdings = holdingsOf(balances, priceOf);
  const reading = { accountId, at, valuation, holdings, priceOf };
  const snapshot =
    unread !== undefined && last !== undefined
      ? measureAnew(last, reading, executions)
      : measure(last, reading, executions);
  if (snapshot === undefined) {
    const why =
      'an order was executed just now: the first snapshot waits until its money is surely in the balances';
    return { outcome: 'SKIPPED', why };
  }
  const { equity, cash, paidIn } = snapshot;
  const often = ports.checkEveryMs === undefined ? {} : { checkEveryMs: ports.checkEveryMs };
  const seen = { accountId, equity, cash, at: snapshot.at, holdings, ...often };
  const risk = measureEquity(before, seen, movementTo(snapshot, last, reading, executions));
  await ports.ledger.snapshots.record(snapshot, risk);

  const flows = snapshot.flows.filter((flow) => !isRounding(flow));
  for (const flow of flows) report(flow, snapshot, ports.log);
  const { unknownSince } = snapshot;
  if (unknownSince !== undefined) {
    const about = {
      account: accountId,
      from: iso(unknownSince),
      to: iso(snapshot.at),
      flow: text(snapshot.flow),
    };
    ports.log.warn(UNKNOWN, about);
  }
  const fields = { account: accountId, currency: account.quoteCurrency };
  // A master's is told with each tick.
  if (account.role === 'user') ports.meter.quoteUnits('Equity', equity, fields, { role: 'user' });
  const { dayOpenEquity, peakEquity } = risk;
  const profit = minus(equity, paidIn);
  const figures = { equity, paidIn, profit, dayOpenEquity, peakEquity };
  const gap = unknownSince === undefined ? {} : { unknownSince };
  return { outcome: 'TAKEN', at: snapshot.at, ...figures, flows, ...gap };
};

const lastSnapshot = async (
  risk: RiskState | undefined,
  { ledger, log }: SnapshotPorts,
): Promise<EquitySnapshot | undefined> => {
  if (risk?.measured === undefined) return undefined;
  const { accountId, measured } = risk;
  const last = await ledger.snapshots.get(accountId, measured.at);
  if (last === undefined) {
    log.warn('the last snapshot is gone: what came and left since is not known, and measuring begins anew', {
      account: accountId,
      last: iso(measured.at),
    });
  }
  return last;
};

const report = ({ kind, asset, amount, value }: Flow, { accountId, at, paidIn }: EquitySnapshot, log: Log) =>
  log.info(kind === 'DEPOSIT' ? 'a deposit was recognised' : 'a withdrawal was recognised', {
    account: accountId,
    asset,
    amount: text(amount),
    value: value === undefined ? undefined : text(value),
    paidIn: text(paidIn),
    at: iso(at),
  });
