import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createHandler } from '../../functions/account-check/handler.ts';
import { readBalance } from '../../functions/balance/balance.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { runExit } from '../../shared/exit/run-exit.ts';
import { text } from '../../shared/money/money.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { BTC, ETH, SOL } from '../local/kraken/exchange.ts';
import { marketOrder, missedOrder } from '../reconciliation/checked.ts';
import { bossIsHealthy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

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
    expect(exit.state).toBe('INCOMPLETE');
    expect(exit.results.map(({ symbol, state }) => [symbol, state])).toEqual([
      [BTC, 'SOLD'],
      [SOL, 'FAILED'],
    ]);
    expect(exit.results[1]?.detail).toMatch(/lists no market SOL\/USD/);
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
