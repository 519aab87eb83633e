import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAccount } from '../../functions/account-check/account-check.ts';
import { checkPlan } from '../../functions/account-check/steps.ts';
import { quote, ratio, text } from '../../shared/money/money.ts';
import type { SnapshotReport } from '../../shared/snapshot/take-snapshot.ts';
import { MINUTE, SECOND } from '../../shared/time/clock.ts';
import { type Lab, openLab } from '../functions/lab.ts';
import { ETH } from '../local/kraken/exchange.ts';
import { marketOrder } from '../reconciliation/checked.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ simulator: { rateLimits: { private: true, engine: false } } });
});
afterAll(() => lab.stop());

const TRADES = 400;

const check = async (accountId: string): Promise<SnapshotReport | undefined> => {
  lab.clock.advance(15 * MINUTE);
  const ports = lab.process();
  const until = lab.clock.now() + 120 * SECOND;
  const plan = checkPlan(ports);
  const { steps } = await checkAccount(accountId, { ...ports, ...plan }, () => until - lab.clock.now());
  const snapshot = steps.find(({ step }) => step === 'snapshot');
  return snapshot?.state === 'DONE' ? (snapshot.result as SnapshotReport) : undefined;
};

/** The first of some checks that takes a snapshot. */
const firstTaken = async (accountId: string) => {
  for (let checks = 0; checks < 6; checks += 1) {
    const report = await check(accountId);
    if (report?.outcome === 'TAKEN') return report;
  }
  throw new Error('no check has taken a snapshot');
};

const riskOf = async (accountId: string) => {
  const risk = await lab.ledger.risk.get(accountId);
  if (risk === undefined) throw new Error('nothing was measured');
  return risk;
};

describe('executions since the last snapshot that are too many to be read', () => {
  it('let measuring begin anew, said so, and leave the percents of the limits as they were', async () => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '100000' }, tier: 'starter' });
    await check(accountId);
    const risk = await riskOf(accountId);
    const lost = { dayOpenEquity: quote('104000'), peakEquity: quote('125000') };
    await lab.ledger.risk.save({ ...risk, ...lost, version: risk.version + 1 });
    for (let trade = 0; trade < TRADES; trade += 1) {
      lab.clock.advance(10 * SECOND);
      await marketOrder(lab, accountId, ETH, 'BUY', '0.002');
    }
    lab.simulator.withdraw(accountId, 'USD', '40000');

    const anew = await firstTaken(accountId);
    const after = await riskOf(accountId);
    const next = await firstTaken(accountId);

    expect(anew).toMatchObject({ flows: [], unknownSince: risk.measured?.at });
    const percents = [after.dayOpenEquity, after.peakEquity].map((base) =>
      ratio(base, anew.equity).toDecimalPlaces(6).toFixed(),
    );
    expect(percents).toEqual(['1.04', '1.25']);
    const told = lab.lines.filter(({ message }) => message.includes('measuring begins anew'));
    expect(told).toMatchObject([{ level: 'warn' }]);
    expect(next).toMatchObject({ outcome: 'TAKEN', flows: [] });
    expect(next).not.toHaveProperty('unknownSince');
    expect(text(next.profit)).toBe(text(anew.profit));
    expect(await lab.ledger.snapshots.get(accountId, anew.at)).toMatchObject({
      unknownSince: risk.measured?.at,
    });
  }, 120_000);
});
