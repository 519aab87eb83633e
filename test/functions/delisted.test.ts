import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createHandler } from '../../functions/account-check/handler.ts';
import { readBalance } from '../../functions/balance/balance.ts';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { runExit } from '../../shared/exit/run-exit.ts';
import { price, quantity, quote, text } from '../../shared/money/money.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { BTC, ETH, SOL } from '../local/kraken/exchange.ts';
import { marketOrder, missedOrder } from '../reconciliation/checked.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, type NewAccount, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  await bossIsHealthy(lab);
});
afterAll(() => lab.stop());

const zReport = z.object({
  state: z.string(),
  steps: z.array(z.looseObject({ step: z.string(), state: z.string(), result: z.unknown().optional() })),
});

/** A check of the whole function, by a process that remembers nothing. */
const check = async (accountId: string) => {
  const handler = createHandler(lab.host);
  const report = zReport.parse(
    await invoke({ name: 'account-check', handler, timeoutMs: 60_000 }, { accountId }),
  );
  const failed = report.steps.filter(({ state }) => state === 'FAILED');
  const resultOf = (step: string) => report.steps.find((one) => one.step === step)?.result;
  return { state: report.state, failed, resultOf };
};

const held = async (accountId: string) =>
  (await lab.ledger.positions.list(accountId)).map(({ symbol, quantity }) => `${symbol} ${text(quantity)}`);

const exitOf = async (accountId: string) =>
  await runExit(zExitInput.parse({ accountId, scope: 'managed', requestId: 'away' }), lab.process());

describe('a market that the exchange lists no more', () => {
  it('stops nothing of an account that traded and holds it: what can be sold is, and what cannot is named', async () => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '10000' } });
    await lab.givePosition(accountId, BTC, '0.02');
    await lab.givePosition(accountId, SOL, '3');
    await marketOrder(lab, accountId, SOL, 'BUY', '1');
    lab.clock.advance(5 * MINUTE);
    expect(await check(accountId)).toMatchObject({ state: 'COMPLETED', failed: [] });
    await missedOrder(lab, accountId, SOL, 'SELL', '0.5');
    await marketOrder(lab, accountId, SOL, 'SELL', '0.7');
    lab.simulator.delist(SOL);
    lab.clock.advance(25 * HOUR);

    const first = await check(accountId);
    lab.clock.advance(15 * MINUTE);
    const second = await check(accountId);
    const balance = await readBalance(accountId, lab.process());
    const before = await held(accountId);
    const exit = await exitOf(accountId);

    expect([first.failed, second.failed]).toEqual([[], []]);
    expect([first.state, second.state]).toEqual(['COMPLETED', 'COMPLETED']);
    expect(before).toEqual(['BTC/USD 0.02', 'SOL/USD 2.5']);
    expect(first.resultOf('reconcile')).toMatchObject({ missedFills: [{ symbol: SOL }], drifts: [] });
    expect(first.resultOf('snapshot')).toMatchObject({ outcome: 'TAKEN', flows: [] });
    expect(second.resultOf('snapshot')).toMatchObject({ outcome: 'TAKEN', flows: [] });
    expect(balance).toMatchObject({ connected: true, complete: true, unpriced: ['SOL'] });
    expect(exit.state).toBe('FLAT');
    expect(exit.results.map(({ symbol, state }) => [symbol, state])).toEqual([
      [BTC, 'SOLD'],
      [SOL, 'DELISTED'],
    ]);
    expect(exit.results[1]?.detail).toMatch(/lists SOL\/USD no more.*2\.5 SOL.*withdraw/);
    lab.simulator.relist(SOL);
  });

  it('stops nothing, either, where Nija never knew it: its name tells what was moved', async () => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '10000' } });
    await lab.givePosition(accountId, BTC, '0.02');
    lab.clock.advance(5 * MINUTE);
    await check(accountId);
    const known = await lab.ledger.markets.all('kraken');
    await lab.ledger.markets.save(
      'kraken',
      (known?.markets ?? []).filter(({ symbol }) => symbol !== ETH),
      lab.clock.now(),
    );
    await marketOrder(lab, accountId, ETH, 'BUY', '0.4');
    lab.simulator.delist(ETH);
    lab.clock.advance(5 * MINUTE);

    const first = await check(accountId);
    lab.clock.advance(15 * MINUTE);
    const second = await check(accountId);

    expect([first.failed, second.failed]).toEqual([[], []]);
    expect(first.resultOf('snapshot')).toMatchObject({ outcome: 'TAKEN', flows: [] });
    expect(second.resultOf('snapshot')).toMatchObject({ outcome: 'TAKEN', flows: [] });
    expect(await held(accountId)).toEqual(['BTC/USD 0.02']);
  });
});

describe('a copied BUY in doubt when its market is delisted', () => {
  it.each([
    ['was made ends as filled', 'RESET_AFTER', { state: 'FILLED' }],
    ['was not made ends as skipped', 'RESET_BEFORE', { state: 'SKIPPED', reason: 'SYMBOL_UNSUPPORTED' }],
  ] as const)('that %s', async (_what, kind, outcome) => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '10000' } });
    await bossIsHealthy(lab);
    const symbol = SOL;
    const trade = bossTrade(lab.clock.now(), { symbol, price: price('150'), quantity: quantity('10') });
    const message = await giveCopy(lab, accountId, trade);
    lab.simulator.faults.inject({ kind, endpoint: 'AddOrder', accountId });
    const times = Number.POSITIVE_INFINITY;
    const lookUps = lab.simulator.faults.inject({
      kind: 'HTTP_5XX',
      endpoint: 'OpenOrders',
      accountId,
      times,
    });
    await expect(runCopy(message, lab.process())).rejects.toThrow();
    lookUps.clear();
    lab.simulator.delist(SOL);
    lab.clock.advance(25 * HOUR);

    const ended = await runCopy(message, lab.process());

    expect(ended).toMatchObject(outcome);
    lab.simulator.relist(SOL);
    lab.clock.advance(25 * HOUR);
  });
});

describe('a sale that is under way when its market is delisted', () => {
  /** An account with a position whose sales are refused, until that is over. */
  const refusedSales = async (profile: NewAccount = {}) => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '10000' }, ...profile });
    await lab.givePosition(accountId, SOL, '3');
    const text = 'EOrder:Insufficient funds';
    const times = Number.POSITIVE_INFINITY;
    const fault = lab.simulator.faults.inject({
      kind: 'ERROR_TEXT',
      text,
      endpoint: 'AddOrder',
      accountId,
      times,
    });
    return { accountId, fault };
  };
  const delist = (): void => {
    lab.simulator.delist(SOL);
    lab.clock.advance(25 * HOUR);
  };
  const listAgain = (): void => {
    lab.simulator.relist(SOL);
    lab.clock.advance(25 * HOUR);
  };
  /** What a check counts and logs as errors. */
  const toldByCheck = async (accountId: string) => {
    const from = lab.lines.length;
    const checked = await check(accountId);
    const told = lab.lines
      .slice(from)
      .flatMap(({ level, message }) => (level === 'metric' || level === 'error' ? [message] : []));
    return { checked, told };
  };

  it('ends an exit by name, once, and a new exit sells where it is listed again', async () => {
    const { accountId, fault } = await refusedSales({ protection: { enabled: false } });
    expect((await exitOf(accountId)).state).toBe('INCOMPLETE');
    delist();

    const first = await toldByCheck(accountId);
    const second = await toldByCheck(accountId);
    const stored = await lab.ledger.exits.get(accountId, 'away');
    fault.clear();
    listAgain();
    const again = await runExit(
      zExitInput.parse({ accountId, scope: 'managed', requestId: 'again' }),
      lab.process(),
    );

    expect(first.checked.resultOf('redrive')).toMatchObject({ exits: [{ state: 'FLAT' }] });
    expect(stored).toMatchObject({ state: 'FLAT', results: [{ symbol: SOL, state: 'DELISTED' }] });
    expect(second.checked.resultOf('redrive')).toMatchObject({ exits: [] });
    expect(second.told).toEqual(expect.not.arrayContaining(['ExitFailed', 'ExitFlat']));
    expect(again).toMatchObject({ state: 'FLAT', results: [{ symbol: SOL, state: 'SOLD' }] });
  });

  it('is planned as delisted by a dry run', async () => {
    const { accountId } = await refusedSales();
    delist();

    const plan = await runExit(zExitInput.parse({ accountId, dryRun: true }), lab.process());

    listAgain();
    expect(plan.results).toMatchObject([{ symbol: SOL, state: 'DELISTED' }]);
  });

  it('ends what is owed by name, once, and a later SELL is copied where it is listed again', async () => {
    const { accountId, fault } = await refusedSales({ protection: { enabled: false } });
    const sell = async (tradeId: string) => {
      const trade = bossTrade(lab.clock.now(), { side: 'SELL', symbol: SOL, tradeId });
      return await runCopy(await giveCopy(lab, accountId, trade), lab.process());
    };
    expect(await sell('t-owed')).toMatchObject({ state: 'FAILED' });
    delist();

    const first = await toldByCheck(accountId);
    const second = await toldByCheck(accountId);
    const meanwhile = await sell('t-meanwhile');
    fault.clear();
    listAgain();
    const later = await sell('t-later');

    expect(first.checked.resultOf('redrive')).toMatchObject({
      sales: [{ tradeId: 't-owed', state: 'MADE_GOOD', by: 'DELISTED' }],
    });
    expect(first.told).toEqual(expect.not.arrayContaining(['SaleStillOwed']));
    expect(second.checked.resultOf('redrive')).toMatchObject({ sales: [], copies: [] });
    expect(meanwhile).toMatchObject({ state: 'SKIPPED', reason: 'SYMBOL_UNSUPPORTED' });
    expect(later).toMatchObject({ state: 'FILLED' });
  });

  it('ends a protective sale, whose rule fires again where it is listed again', async () => {
    const { accountId, fault } = await refusedSales();
    // Its cost is 100 for 3 SOL, at 100 each: it was bought far above its price.
    const position = await lab.ledger.positions.get(accountId, SOL);
    if (position === undefined) throw new Error('nothing is held');
    const after = { ...position, costBasis: quote('900'), version: position.version + 1 };
    await lab.ledger.recordExecution({
      accountId,
      symbol: SOL,
      fills: [],
      position: { before: position, after },
      at: lab.clock.now(),
    });
    await check(accountId);
    const running = await lab.ledger.protections.exits(accountId);
    delist();

    const first = await toldByCheck(accountId);
    const second = await toldByCheck(accountId);
    const ended = await lab.ledger.protections.exits(accountId);
    fault.clear();
    listAgain();
    await check(accountId);

    expect(running).toMatchObject([{ state: 'RUNNING' }]);
    expect(ended).toMatchObject([{ state: 'ABANDONED', result: { state: 'DELISTED' } }]);
    expect([...first.told, ...second.told]).toEqual(expect.not.arrayContaining(['ProtectionFailed']));
    expect(await lab.ledger.protections.exits(accountId)).toMatchObject([{}, { state: 'SOLD' }]);
    expect(await held(accountId)).toEqual([]);
  });
});
