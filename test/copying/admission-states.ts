import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { MasterStatus } from '../../shared/copying/master-status.ts';
import { circuitKey } from '../../shared/ledger/dynamodb/circuit.ts';
import { RUNAWAY_LIMITS_KEY, statusKey } from '../../shared/ledger/dynamodb/keys.ts';
import { quote } from '../../shared/money/money.ts';
import type { RiskState } from '../../shared/protection/risk.ts';
import { HOUR, utcDay } from '../../shared/time/clock.ts';
import type { Lab } from '../functions/lab.ts';

export const OPS = { by: 'ops', why: 'a drill' };

const put = async ({ table }: Lab, item: Readonly<Record<string, unknown>>): Promise<void> => {
  await table.client.send(new PutCommand({ TableName: table.table, Item: item }));
};

/** Cannot be read any more as what it should be. */
export const damage = async (lab: Lab, key: { readonly pk: string; readonly sk: string }): Promise<void> =>
  await put(lab, { ...key, kind: 'PERHAPS' });

/** Also repairs a halt that is damaged. */
export const setHalt = async ({ ledger, clock }: Lab, engaged: boolean) =>
  await ledger.control.setHalt({ ...OPS, engaged, at: clock.now() });

export const trip = async ({ ledger, clock }: Lab) =>
  await ledger.runaway.trip(
    { by: 'u-other', at: clock.now(), why: 'too many', orders: 9, notional: quote('9') },
    await ledger.runaway.breaker(),
  );

export const allMayBuy = async (lab: Lab, maxNotional: string): Promise<void> =>
  await put(lab, {
    ...RUNAWAY_LIMITS_KEY,
    kind: 'RUNAWAY_LIMITS',
    maxOrders: 1_000_000,
    maxNotional,
    windowMinutes: 1,
  });

/** Whatever was wrong with the breaker over all accounts or its limits. */
export const restoreRunaway = async (lab: Lab): Promise<void> => {
  await allMayBuy(lab, '1000000000000');
  await setHalt(lab, false);
};

/** Past the master, which publishes only what is true of it. */
export const putStatus = async (lab: Lab, status: MasterStatus): Promise<void> =>
  await put(lab, { ...statusKey(status.masterId), kind: 'MASTER_STATUS', ...status });

/** For the next hour, whatever was before. */
export const failing = async (lab: Lab, accountId: string, state: 'OPEN' | 'PROBING'): Promise<void> =>
  await put(lab, {
    ...circuitKey(accountId),
    kind: 'CIRCUIT',
    accountId,
    version: 1,
    state,
    openings: 1,
    until: lab.clock.now() + HOUR,
    lastFailure: 'TIMEOUT',
  });

/** What an account of 10,000 remembers that has neither won nor lost. */
export const riskOf = (lab: Lab, accountId: string, changes: Partial<RiskState>): RiskState => ({
  accountId,
  day: utcDay(lab.clock.now()),
  dayOpenEquity: quote('10000'),
  peakEquity: quote('10000'),
  lastEquity: quote('10000'),
  lastCash: quote('10000'),
  lastAt: lab.clock.now(),
  recentOrders: [],
  version: 1,
  ...changes,
});

/** The later win. */
export const together = <T extends object>(parts: readonly (T | undefined)[]): Partial<T> => {
  const all: Partial<T> = {};
  for (const part of parts) Object.assign(all, part);
  return all;
};
