import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHandler as createCheck } from '../../../functions/account-check/handler.ts';
import { readBalance } from '../../../functions/balance/balance.ts';
import { runCopy } from '../../../functions/copy-worker/copy-worker.ts';
import { runTick, zTickInput } from '../../../functions/master-tick/master-tick.ts';
import { createHandler } from '../../../functions/statement/handler.ts';
import { zStatementAnswer } from '../../../functions/statement/statement-contract.ts';
import { invoke } from '../../../infra/local/aws/lambda.ts';
import { bps, plus, text } from '../../../shared/money/money.ts';
import { sumOf } from '../../../shared/statement/parts.ts';
import { DAY, HOUR, iso, MINUTE } from '../../../shared/time/clock.ts';
import { BTC } from '../../local/kraken/exchange.ts';
import { changingPrice } from '../../protection/changing-price.ts';
import { orderByHand } from '../by-hand.ts';
import { alwaysBuys, alwaysSells, giveCopy, liveMaster, strategyOf, undecided } from '../causes.ts';
import { type Lab, openLab } from '../lab.ts';

const BOSS = 'm-boss';
const ANN = 'u-ann';
const waits = strategyOf(() => undecided);
const price = changingPrice(BTC, '50000');
let lab: Lab;

const tick = async (strategy = waits): Promise<void> => {
  const input = zTickInput.parse({ accountId: BOSS, scheduledAt: iso(lab.clock.now()) });
  await runTick(input, lab.process({ strategy }));
};

const check = async (): Promise<void> => {
  await invoke(
    { name: 'account-check', handler: createCheck(lab.host), timeoutMs: 60_000 },
    { accountId: ANN },
  );
};

/** What the copier and its worker do for all trades of the master that were not copied yet. */
const copyAll = async (): Promise<void> => {
  for (const trade of await lab.ledger.trades(BOSS)) {
    if ((await lab.ledger.copies.get(ANN, trade.tradeId)) !== undefined) continue;
    await runCopy(await giveCopy(lab, ANN, trade), lab.process());
  }
};

/** To the same hour of a day in March, with a check before midnight as schedules make them. */
const untilDay = async (day: number): Promise<void> => {
  while (iso(lab.clock.now()).slice(0, 10) < `2026-03-${String(day).padStart(2, '0')}`) {
    lab.clock.advance(DAY);
    await tick();
    await check();
  }
};

const ask = async (event: Readonly<Record<string, unknown>>) => {
  const answer: unknown = await invoke(
    { name: 'statement', handler: createHandler(lab.host), timeoutMs: 60_000 },
    { accountId: ANN, month: '2026-03', ...event },
  );
  return zStatementAnswer.parse(JSON.parse(JSON.stringify(answer)));
};
const statementOf = async (event: Readonly<Record<string, unknown>> = {}) => {
  const answer = await ask(event);
  if (answer.as !== 'json') throw new Error(`asked for JSON, got ${answer.as}`);
  return answer.statement;
};

/** March of an account: two copied purchases, one that was too late, a deposit, an own trade, a copied sale. */
beforeAll(async () => {
  lab = await openLab({ simulator: { prices: [price] } });
  await lab.openAccount('master', { ...liveMaster, accountId: BOSS });
  await lab.openAccount('user', { accountId: ANN, balances: { USD: '10000', BTC: '0.01' }, follows: BOSS });
  await tick();
  await check();
  await untilDay(5);
  await tick(alwaysBuys);
  await copyAll();
  await untilDay(9);
  price.change(lab.clock.now(), '52000');
  lab.simulator.deposit(ANN, 'USD', '2500');
  await untilDay(12);
  await tick(alwaysBuys);
  lab.clock.advance(10 * MINUTE);
  await copyAll();
  await untilDay(15);
  await orderByHand(lab, ANN, { symbol: BTC, side: 'SELL', quantity: '0.004' });
  await untilDay(20);
  price.change(lab.clock.now(), '55000');
  await untilDay(22);
  await tick(alwaysSells);
  await copyAll();
  await untilDay(31);
  lab.clock.advance(11 * HOUR + 55 * MINUTE);
  await tick();
  await check();
  lab.clock.advance(DAY);
}, 120_000);
afterAll(() => lab.stop());

describe('a statement of a month', () => {
  it('has parts that add up to the change in equity, by both methods', async () => {
    for (const method of ['fifo', 'average']) {
      const { parts, equity } = await statementOf({ method });

      expect(text(sumOf(parts.map(({ amount }) => amount)))).toBe(text(equity.change));
    }
  });

  it('tells what trades made from what was paid in and what the owner did', async () => {
    const { parts, flows, trades, copies, notes } = await statementOf();

    const part = Object.fromEntries(parts.map(({ part, amount }) => [part, text(amount)]));
    expect(part).toMatchObject({ deposits: '2500', withdrawals: '0', unexplained: '0', unpriced: '0' });
    expect(flows).toMatchObject([{ kind: 'DEPOSIT', asset: 'USD' }]);
    expect(trades.map(({ side, origin }) => [side, origin])).toEqual([
      ['BUY', 'copy'],
      ['SELL', 'copy'],
    ]);
    expect(copies.map(({ side, state, reason }) => [side, state, reason])).toEqual([
      ['BUY', 'FILLED', undefined],
      ['BUY', 'SKIPPED', 'STALE'],
      ['SELL', 'FILLED', undefined],
    ]);
    expect(notes.join(' ')).toContain('trades of the owner');
  });

  it('tells the distance to its master by causes that add up to it', async () => {
    const { tracking } = await statementOf();

    if (!tracking.known) throw new Error(tracking.why);
    const sum = tracking.causes.reduce((total, { bps: points }) => plus(total, points), bps('0'));
    expect(sum.toFixed()).toBe(text(tracking.differenceBps));
    expect(tracking.masterBps.isZero()).toBe(false);
    expect(tracking.causes.find(({ cause }) => cause === 'skipped')?.bps.isZero()).toBe(false);
  });

  it('opens the next month where it closed, and carries the mark', async () => {
    const march = await statementOf({ profitShare: '0.2' });

    lab.clock.advance(2 * DAY);
    await check();
    const april = await statementOf({ month: '2026-04', profitShare: '0.2' });

    expect(text(april.equity.opening)).toBe(text(march.equity.closing));
    expect(april.profitShare?.markBefore.toFixed()).toBe(march.profitShare?.markAfter.toFixed());
    expect(april.profitShare?.before.toFixed()).toBe(march.profitShare?.after.toFixed());
    expect(text(march.result)).toBe(march.profitShare?.after.toFixed());
  });

  it('closes at what the exchange itself says is held', async () => {
    const { equity, positions } = await statementOf();

    const balance = await readBalance(ANN, lab.process());
    expect(balance).toMatchObject({ equity: equity.closing });
    expect(positions.map(({ quantity }) => text(quantity))).toEqual(
      (await lab.ledger.positions.list(ANN)).map(({ quantity }) => text(quantity)),
    );
  });

  it.each(['csv', 'html'])('is a file as %s', async (as) => {
    const answer = await ask({ as });

    if (answer.as === 'json') throw new Error('asked for a file');
    expect(answer.fileName).toBe(`nija-u-ann-2026-03-fifo.${as}`);
    expect(answer.contentType).toContain(`text/${as}`);
    expect(answer.body).toContain('BTC/USD');
  });

  it('says what to ask instead where there is nothing to state', async () => {
    await lab.openAccount('user', { accountId: 'u-new', balances: { USD: '10' }, follows: BOSS });

    await expect(ask({ accountId: 'u-new' })).rejects.toThrow(/no snapshot of it was ever taken/);
    await expect(ask({ month: '2026-01' })).rejects.toThrow(
      /its first snapshot in the ledger is of 2026-03-02/,
    );
    await expect(ask({ month: '2027-01' })).rejects.toThrow(/has not begun yet.*2027-01/);
    await expect(ask({ accountId: 'u-nobody' })).rejects.toThrow(/no account 'u-nobody'/);
    await expect(ask({ month: '2026-13' })).rejects.toThrow(/a month looks like 2026-11/);
    await expect(ask({ profitShare: '1.5' })).rejects.toThrow(/twenty percent/);
  });

  it('of a master has no copies and follows none', async () => {
    const { copies, tracking, trades } = await statementOf({ accountId: BOSS });

    expect(copies).toEqual([]);
    expect(tracking).toMatchObject({ known: false });
    expect(trades.map(({ side, origin }) => [side, origin])).toEqual([
      ['BUY', 'other'],
      ['BUY', 'other'],
      ['SELL', 'other'],
    ]);
  });
});
