import { withConnection } from '../../shared/account/connect.ts';
import { valueAccount } from '../../shared/account/equity.ts';
import type { CheckFacts } from '../../shared/check/check-facts.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { settleDoubtful } from '../../shared/ledger/settle-doubtful.ts';
import { type Quantity, quantity } from '../../shared/money/money.ts';
import { clientOrderIdOf, type OrderRecord } from '../../shared/order/order.ts';
import { type ReconciliationReport, reconcile } from '../../shared/reconciliation/reconcile.ts';
import type { LogFields, Meter } from '../../shared/telemetry/telemetry.ts';
import { orderByHand } from '../functions/by-hand.ts';
import type { Lab, LabPorts } from '../functions/lab.ts';

/** A check of one account that reconciles and does nothing else; what it told comes with it. */
export const check = async (
  lab: Lab,
  accountId: string,
  ports: LabPorts = lab.process(),
  changes: (facts: CheckFacts) => Partial<CheckFacts> = () => ({}),
): Promise<{ readonly report: ReconciliationReport; readonly told: readonly LogFields[] }> => {
  const told: LogFields[] = [];
  const meter: Meter = {
    ...ports.meter,
    count: (name: string, fields?: LogFields) => {
      if (name === 'DriftFound') told.push(fields ?? {});
    },
  };
  const report = await withFacts(lab, accountId, ports, async (facts) =>
    reconcile({ ...facts, ...changes(facts) }, { ...ports, meter }),
  );
  return { report, told };
};

export const withFacts = async <T>(
  { ledger, clock }: Lab,
  accountId: string,
  ports: LabPorts,
  use: (facts: CheckFacts) => Promise<T>,
): Promise<T> => {
  const account = await ledger.accounts.get(accountId);
  if (account === undefined) throw new Error(`no account ${accountId}`);
  const terms = { holder: 'check', priority: 'normal', waitMs: 1_000 } as const;
  return await withConnection(account, terms, ports, async (connection) => {
    const doubtful = await settleDoubtful(accountId, undefined, connection, ports);
    const balances = await connection.session.balances();
    return await use({
      account,
      connection,
      balances,
      tickers: new Map(),
      valuation: valueAccount(balances, new Map(), connection.markets),
      doubtful,
      at: clock.now(),
    });
  });
};

let trades = 0;

/** An order of Nija's that the exchange executed and the ledger takes for absent. */
export const missedOrder = async (
  lab: Lab,
  accountId: string,
  symbol: MarketSymbol,
  side: 'BUY' | 'SELL',
  amount: string,
  changes: Partial<OrderRecord> = {},
): Promise<OrderRecord> => {
  trades += 1;
  const cause = { kind: 'copy', accountId, tradeId: `t-missed-${trades}` } as const;
  const at = lab.clock.now();
  const record: OrderRecord = {
    accountId,
    clientOrderId: clientOrderIdOf(cause),
    cause: JSON.stringify(cause),
    symbol,
    side,
    type: 'MARKET',
    quantity: quantity(amount),
    state: 'NOT_PLACED',
    attempt: 1,
    createdAt: at,
    intendedAt: at,
    deadline: at + 8_000,
    ...changes,
  };
  await lab.ledger.orders.create(record);
  await marketOrder(lab, accountId, symbol, side, amount, { cl_ord_id: record.clientOrderId });
  return record;
};

/** A market order past Nija. */
export const marketOrder = async (
  lab: Lab,
  accountId: string,
  symbol: MarketSymbol,
  side: 'BUY' | 'SELL',
  amount: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> =>
  await orderByHand(lab, accountId, {
    pair: symbol.replace('/', '').replace('BTC', 'XBT'),
    type: side.toLowerCase(),
    ordertype: 'market',
    volume: amount,
    ...more,
  });

export const heldOf = (lab: Lab, accountId: string, asset: string): Quantity =>
  quantity(lab.simulator.books.balances(accountId)[asset]?.total ?? '0');
