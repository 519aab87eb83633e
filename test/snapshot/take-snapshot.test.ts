import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBalance } from '../../functions/balance/balance.ts';
import { withConnection } from '../../shared/account/connect.ts';
import { symbolsToPrice, valueAccount } from '../../shared/account/equity.ts';
import type { CheckFacts } from '../../shared/check/check-facts.ts';
import { runCopy } from '../../shared/copying/run-copy.ts';
import { fraction, minus, quote, text } from '../../shared/money/money.ts';
import { equityGuard } from '../../shared/protection/risk.ts';
import type { EquitySnapshot } from '../../shared/snapshot/snapshot.ts';
import { type SnapshotReport, takeSnapshot } from '../../shared/snapshot/take-snapshot.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { orderByHand } from '../functions/by-hand.ts';
import { bossIsHealthy, bossTrade, giveCopy } from '../functions/causes.ts';
import { type Lab, type NewAccount, openLab } from '../functions/lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  await bossIsHealthy(lab);
});
afterAll(() => lab.stop());

/** A check, as far as snapshots go: reads once with the account's own key, and gives the facts to the step. */
const check = async (
  accountId: string,
  change: (facts: CheckFacts) => CheckFacts = (facts) => facts,
): Promise<SnapshotReport> => {
  const ports = lab.process();
  const account = await ports.ledger.accounts.get(accountId);
  if (account === undefined) throw new Error(`${accountId} is not registered`);
  const terms = { holder: 'a check', priority: 'normal', waitMs: 0 } as const;
  return await withConnection(account, terms, ports, async (connection) => {
    const balances = await connection.session.balances();
    const at = lab.clock.now();
    const symbols = symbolsToPrice(balances, connection.markets);
    const tickers = await ports.exchange(account.exchange).marketData.tickers(symbols);
    const valuation = valueAccount(balances, tickers, connection.markets);
    const facts = { account, connection, balances, tickers, valuation, doubtful: new Map(), at };
    return await takeSnapshot(change(facts), ports);
  });
};

const taken = async (accountId: string, wait = 5 * MINUTE) => {
  lab.clock.advance(wait);
  const report = await check(accountId);
  if (report.outcome !== 'TAKEN') throw new Error(report.why);
  const told = report.flows.map(({ kind, asset, amount }) => `${kind} ${text(amount)} ${asset}`);
  return { ...report, told };
};

const opened = async (profile: NewAccount = {}): Promise<string> => {
  const { accountId } = await lab.openAccount('user', profile);
  await taken(accountId);
  return accountId;
};

const curve = async (accountId: string, from = 0, to = Number.MAX_SAFE_INTEGER) => {
  const points: EquitySnapshot[] = [];
  for await (const page of lab.ledger.snapshots.list(accountId, from, to)) points.push(...page);
  return points;
};

const copied = async (accountId: string) => {
  const trade = bossTrade(lab.clock.now());
  await runCopy(await giveCopy(lab, accountId, trade), lab.process());
  return (await lab.ledger.copies.get(accountId, trade.tradeId))?.outcome;
};

const figures = async (accountId: string) => {
  const risk = await lab.ledger.risk.get(accountId);
  if (risk === undefined) throw new Error(`nothing is remembered of ${accountId}`);
  return [text(risk.dayOpenEquity), text(risk.peakEquity)];
};

describe('a snapshot', () => {
  it('keeps what is held with the price of each, and tells the equity of users alone', async () => {
    const before = lab.lines.length;
    const accountId = await opened({ balances: { USD: '10000', BTC: '0.1' } });
    const { accountId: masterId } = await lab.openAccount('master', { balances: { USD: '10000' } });

    await taken(masterId);

    const [point] = await curve(accountId);
    const prices = new Map(point?.holdings.map(({ asset, price }) => [asset, price && text(price)]));
    expect([...prices].sort()).toEqual([
      ['BTC', '50000'],
      ['USD', '1'],
    ]);
    const told = lab.lines.slice(before).filter(({ message }) => message === 'Equity');
    expect(told.map(({ fields }) => fields)).toMatchObject([
      { account: accountId, currency: 'USD', value: 15000, role: 'user' },
    ]);
  });

  it('is not the first while more was executed lately than can be read', async () => {
    const { accountId } = await lab.openAccount('user');
    const endless = (facts: CheckFacts): CheckFacts => {
      const fillsSince = async (since: number) => ({ fills: [], unlisted: [], readTo: since });
      const session = Object.assign(Object.create(facts.connection.session), { fillsSince });
      return { ...facts, connection: { ...facts.connection, session } };
    };

    const report = await check(accountId, endless);

    expect(report).toMatchObject({
      outcome: 'SKIPPED',
      why: expect.stringContaining('more executions of the last minutes than can be read'),
    });
    expect(await curve(accountId)).toEqual([]);
  });

  it('tells deposits and withdrawals, in cash and in kind, from profit, and moves the limits with them', async () => {
    const accountId = await opened({ balances: { USD: '10000', BTC: '0.1' } });

    lab.simulator.deposit(accountId, 'USD', '500');
    lab.simulator.withdraw(accountId, 'BTC', '0.04');
    const report = await taken(accountId);

    expect(report.told).toEqual(['DEPOSIT 500 USD', 'WITHDRAWAL 0.04 BTC']);
    expect([report.equity, report.paidIn, report.profit].map(text)).toEqual(['13500', '13500', '0']);
    expect(await figures(accountId)).toEqual(['13500', '13500']);
    const logged = lab.lines.filter((line) => JSON.stringify(line).includes('was recognised'));
    expect(JSON.stringify(logged)).toContain('"amount":"0.04"');
  });

  it('leaves a loss the same percent of an account that most of the rest leaves, or much comes to', async () => {
    const accountId = await opened({ balances: { USD: '10000' } });
    const risk = await lab.ledger.risk.get(accountId);
    if (risk === undefined) throw new Error('nothing was measured');
    const lost = { dayOpenEquity: quote('10400'), peakEquity: quote('12500') };
    await lab.ledger.risk.save({ ...risk, ...lost, version: risk.version + 1 });

    lab.simulator.withdraw(accountId, 'USD', '9000');
    const left = await taken(accountId);
    lab.simulator.deposit(accountId, 'USD', '99000');
    const filled = await taken(accountId);

    expect(
      [left, filled].map(({ dayOpenEquity, peakEquity }) => [dayOpenEquity, peakEquity].map(text)),
    ).toEqual([
      ['1040', '1250'],
      ['104000', '125000'],
    ]);
    expect(text(filled.profit)).toBe('0');
    expect(await figures(accountId)).toEqual(['104000', '125000']);
  });

  it('counts what the account and its owner trade as trading: profit is what fees and prices took', async () => {
    const accountId = await opened();

    expect(await copied(accountId)).toMatchObject({ state: 'FILLED' });
    await orderByHand(lab, accountId, { volume: '0.01' });
    await orderByHand(lab, accountId, { type: 'sell', volume: '0.005' });
    const bought = await taken(accountId);
    lab.simulator.deposit(accountId, 'ETH', '0.1');
    const later = await taken(accountId);

    expect([bought.told, later.told]).toEqual([[], ['DEPOSIT 0.1 ETH']]);
    expect(bought.profit.lt(0)).toBe(true);
    expect(minus(later.profit, bought.profit).abs().lt('0.01')).toBe(true);
  });

  it('counts an execution between the reading of balances and of executions with the next one', async () => {
    const accountId = await opened();
    lab.clock.advance(5 * MINUTE);

    lab.simulator.freezeBalances({ accountId, calls: 1 });
    await orderByHand(lab, accountId, { volume: '0.01' });
    const during = await taken(accountId, 0);
    const after = await taken(accountId);

    expect([during.told, after.told]).toEqual([[], []]);
    expect(text(during.profit)).toBe('0');
    expect(after.profit.lt(0)).toBe(true);
  });

  it('is not taken where a price is missing, nor as the first where an order was executed just now', async () => {
    const accountId = await opened();
    const incomplete = await check(accountId, (facts) => ({
      ...facts,
      valuation: { ...facts.valuation, complete: false, unpriced: ['BTC'] },
    }));
    const { accountId: fresh } = await lab.openAccount('user');
    await orderByHand(lab, fresh, { volume: '0.01' });

    expect(incomplete).toEqual({
      outcome: 'SKIPPED',
      why: "BTC has no price now, so the account's equity is not known",
    });
    expect(await curve(accountId)).toHaveLength(1);
    expect(await check(fresh)).toMatchObject({ outcome: 'SKIPPED' });
    expect((await taken(fresh)).told).toEqual([]);
  });

  it('changes nothing where executions cannot be read, and the next one tells it all', async () => {
    const accountId = await opened();
    const before = await lab.ledger.risk.get(accountId);
    lab.simulator.deposit(accountId, 'USD', '100');
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId, endpoint: 'TradesHistory' });

    await expect(check(accountId)).rejects.toThrow();
    expect(await lab.ledger.risk.get(accountId)).toEqual(before);
    expect((await taken(accountId)).told).toEqual(['DEPOSIT 100 USD']);
  });

  it('asks for the executions since the last one and ten minutes, also where nothing is ever executed', async () => {
    const accountId = await opened();
    await taken(accountId, 9 * HOUR);
    lab.clock.advance(15 * MINUTE);
    const asked: [number, boolean][] = [];

    await check(accountId, ({ connection, ...facts }) => {
      const { session, keep } = connection;
      const fillsSince: typeof session.fillsSince = async (since, reading) => {
        asked.push([lab.clock.now() - since, reading?.keep === keep]);
        return await session.fillsSince(since, reading);
      };
      return { ...facts, connection: { ...connection, session: { ...session, fillsSince } } };
    });

    expect(asked).toEqual([[25 * MINUTE, true]]);
  });

  it('counts what was executed in a market that it cannot read as a flow, and not again when it can', async () => {
    const accountId = await opened();
    await orderByHand(lab, accountId, { volume: '0.01' });
    lab.clock.advance(2 * MINUTE);
    const hideMarket = ({ connection, ...facts }: CheckFacts): CheckFacts => {
      const { session } = connection;
      const fillsSince: typeof session.fillsSince = async (since, reading) => {
        const { fills } = await session.fillsSince(since, reading);
        const unlisted = fills.map(({ fillId, exchangeOrderId, at }) => ({
          fillId,
          exchangeOrderId,
          at,
          pair: 'XBT.d',
        }));
        return { fills: [], unlisted };
      };
      return { ...facts, connection: { ...connection, session: { ...session, fillsSince } } };
    };

    const during = await check(accountId, hideMarket);
    const after = await taken(accountId);

    expect(during).toMatchObject({
      flows: [
        { kind: 'WITHDRAWAL', asset: 'USD' },
        { kind: 'DEPOSIT', asset: 'BTC' },
      ],
    });
    expect(after.told).toEqual([]);
  });

  it('is one point of a curve, read between two moments', async () => {
    const accountId = await opened();
    const second = await taken(accountId);
    const third = await taken(accountId);

    expect((await curve(accountId)).map(({ at }) => at)).toEqual([
      second.at - 5 * MINUTE,
      second.at,
      third.at,
    ]);
    expect((await curve(accountId, second.at, second.at)).map(({ at }) => at)).toEqual([second.at]);
    expect(await curve(accountId, third.at + 1)).toEqual([]);
    expect(await curve(accountId, third.at, second.at)).toEqual([]);
  });

  it('begins anew where the last one is gone: what came meanwhile is no profit and no loss', async () => {
    const accountId = await opened();
    const risk = await lab.ledger.risk.get(accountId);
    if (risk?.measured === undefined) throw new Error('nothing was measured');
    const measured = { ...risk.measured, at: risk.measured.at - HOUR };
    await lab.ledger.risk.save({ ...risk, measured, version: risk.version + 1 });
    lab.simulator.withdraw(accountId, 'USD', '4000');

    const report = await taken(accountId);

    expect([report.told, text(report.profit), ...(await figures(accountId))]).toEqual([
      [],
      '0',
      '6000',
      '6000',
    ]);
  });
});

describe('between snapshots', () => {
  it('a withdrawal stops no copied BUY, and none after the next snapshot', async () => {
    const accountId = await opened();
    lab.simulator.withdraw(accountId, 'USD', '6000');

    expect(await copied(accountId)).toMatchObject({ state: 'FILLED' });
    await taken(accountId);
    expect(await copied(accountId)).toMatchObject({ state: 'FILLED' });
  });

  it('a deposit sets no peak and opens no day, whoever reads the balance', async () => {
    const accountId = await opened();
    lab.simulator.deposit(accountId, 'USD', '5000');

    expect(await readBalance(accountId, lab.process())).toMatchObject({ connected: true });
    await copied(accountId);
    expect(await figures(accountId)).toEqual(['10000', '10000']);

    lab.clock.advance(24 * HOUR);
    await bossIsHealthy(lab);
    await readBalance(accountId, lab.process());
    expect(await figures(accountId)).toEqual(['10000', '10000']);
    const { flows, equity, profit } = await taken(accountId);
    expect(flows).toMatchObject([{ kind: 'DEPOSIT', asset: 'USD' }]);
    // The exchange rounds the fee in its books and in its answers differently.
    expect(flows[0]?.amount.toDecimalPlaces(3).toFixed()).toBe('5000');
    const risk = await lab.ledger.risk.get(accountId);
    const none = { maxDailyLoss: fraction('0'), maxDrawdown: fraction('0.001') };
    expect(risk && equityGuard(equity, risk, none)).toBeUndefined();
    expect(profit.lt(0) && profit.gt(-10)).toBe(true);
  });
});
