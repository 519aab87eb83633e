import type { Copy } from '../../../shared/copying/copy.ts';
import { text } from '../../../shared/money/money.ts';
import { iso } from '../../../shared/time/clock.ts';
import type { BalanceAnswer, ExitAnswer } from './answers.ts';
import { MASTER_ID } from './cast.ts';
import { type ChecksReport, checksReport } from './check-report.ts';
import type { Evidence } from './evidence.ts';
import type { Guarantee } from './guarantee.ts';
import { percentile } from './percentile.ts';

/** What `npm start` ends with; the same as one JSON object with `--json`. Decimals are texts. */
export interface Report {
  readonly ok: boolean;
  readonly guarantees: Readonly<Record<string, boolean>>;
  readonly evidence: Readonly<Record<string, string>>;
  readonly accounts: readonly AccountRow[];
  readonly trades: readonly TradeRow[];
  readonly copies: readonly CopyRow[];
  readonly exits: readonly ExitRow[];
  readonly checks: ChecksReport;
  readonly outage: {
    readonly masterReachable: boolean;
    readonly masterError: string;
    readonly balancesRead: number;
    readonly balancesFailed: number;
    readonly standalone: number;
  };
  readonly timings: Timings;
}

export interface Timings {
  readonly seed: number;
  readonly candles: number;
  readonly bootMs: number;
  readonly registerMs: number;
  readonly tradingMs: number;
  readonly outageMs: number;
  readonly totalMs: number;
  /** From the master's fill to the copy's order; undefined where nothing was copied. */
  readonly copyLatencyP50Ms: number | undefined;
  readonly copyLatencyP99Ms: number | undefined;
}

interface AccountRow {
  readonly id: string;
  readonly role: 'master' | 'user';
  readonly part: string;
  readonly exchange: string;
  readonly status: string;
  readonly statusReason: string;
  readonly cash: string | null;
  readonly held: string | null;
  readonly equity: string | null;
  readonly currency: string;
  readonly keyFingerprint: string;
  /** The figures are not of now. */
  readonly asOf?: string;
}

interface TradeRow {
  readonly id: string;
  readonly account: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: string;
  readonly price: string;
  readonly at: string;
}

export interface CopyRow {
  readonly account: string;
  readonly trade: string;
  readonly state: string;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly quantity: string | null;
  readonly price: string | null;
  readonly fees: string | null;
  readonly latencyMs: number | null;
  readonly fillLatencyMs: number | null;
  readonly slippageBps: string | null;
  /** How a sale that failed at first was made good; null where none was, or is not yet. */
  readonly madeGood: string | null;
}

interface ExitRow {
  readonly account: string;
  readonly symbol: string;
  readonly state: string;
  readonly quantity: string;
  readonly price: string | null;
  /** Less the fees. */
  readonly proceeds: string;
  readonly fees: string;
  readonly detail: string;
}

export const buildReport = (
  evidence: Omit<Evidence, 'texts'>,
  guarantees: readonly Guarantee[],
  timings: Omit<Timings, 'copyLatencyP50Ms' | 'copyLatencyP99Ms'>,
): Report => {
  const { outage, collected } = evidence;
  const copies = collected.accounts.flatMap((view) => view.copies.map(copyRow));
  const latencies = copies
    .flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]))
    .sort((a, b) => a - b);
  return {
    ok: guarantees.every(({ held }) => held),
    guarantees: Object.fromEntries(guarantees.map(({ name, held }) => [name, held])),
    evidence: Object.fromEntries(guarantees.map(({ name, evidence: shown }) => [name, shown])),
    accounts: [masterRow(evidence), ...outage.balances.map((balance) => userRow(balance, evidence))],
    trades: collected.trades.map((trade) => ({
      id: trade.tradeId,
      account: trade.masterId,
      symbol: trade.symbol,
      side: trade.side,
      quantity: text(trade.quantity),
      price: text(trade.price),
      at: iso(trade.at),
    })),
    copies,
    exits: exitRows(outage.exit),
    checks: checksReport(evidence),
    outage: {
      masterReachable: outage.masterError === undefined,
      masterError: outage.masterError ?? '',
      balancesRead: outage.balances.filter(({ connected }) => connected).length,
      balancesFailed: outage.balances.filter(({ connected }) => !connected).length,
      standalone: outage.balances.filter(({ status }) => status === 'standalone').length,
    },
    timings: {
      ...timings,
      copyLatencyP50Ms: percentile(latencies, 0.5),
      copyLatencyP99Ms: percentile(latencies, 0.99),
    },
  };
};

const masterRow = ({ registered, market }: Omit<Evidence, 'texts'>): AccountRow => {
  const account = registered.accounts.find(({ accountId }) => accountId === MASTER_ID);
  if (account === undefined) throw new Error(`${MASTER_ID} was not registered`);
  return {
    id: MASTER_ID,
    role: 'master',
    part: account.part,
    exchange: 'kraken',
    status: 'unreachable',
    statusReason: 'key revoked, secret deleted, schedule off; figures of its last tick',
    ...market.master.balance,
    currency: 'USD',
    keyFingerprint: account.keyFingerprint,
    asOf: iso(market.master.at),
  };
};

const userRow = (balance: BalanceAnswer, { registered }: Omit<Evidence, 'texts'>): AccountRow => ({
  id: balance.accountId,
  role: 'user',
  part: registered.accounts.find(({ accountId }) => accountId === balance.accountId)?.part ?? '',
  exchange: balance.exchange,
  status: balance.connected ? balance.status : `unreadable: ${balance.code}`,
  statusReason: balance.statusReason,
  cash: balance.connected ? balance.cash : null,
  held: balance.connected ? balance.held : null,
  equity: balance.connected ? balance.equity : null,
  currency: balance.currency,
  keyFingerprint: balance.keyFingerprint,
});

const copyRow = ({ accountId, trade, outcome, owed }: Copy): CopyRow => ({
  account: accountId,
  trade: trade.tradeId,
  state: outcome?.state ?? 'OPEN',
  reason: outcome === undefined || outcome.state === 'FILLED' ? null : outcome.reason,
  detail: outcome === undefined || outcome.state === 'FILLED' ? null : outcome.detail,
  quantity: outcome?.state === 'FILLED' ? text(outcome.quantity) : null,
  price: outcome?.state === 'FILLED' ? text(outcome.price) : null,
  fees: outcome?.state === 'FILLED' ? text(outcome.fees) : null,
  latencyMs: outcome?.state === 'FILLED' ? outcome.orderLatencyMs : null,
  fillLatencyMs: outcome?.state === 'FILLED' ? outcome.fillLatencyMs : null,
  slippageBps: outcome?.state === 'FILLED' ? text(outcome.slippageBps) : null,
  madeGood: owed?.madeGood?.by ?? null,
});

const exitRows = ({ accountId, results }: ExitAnswer): readonly ExitRow[] =>
  results.map(({ symbol, state, quantity, price, proceeds, fees, detail }) => ({
    account: accountId,
    symbol,
    state,
    quantity,
    price: price ?? null,
    proceeds,
    fees,
    detail,
  }));
