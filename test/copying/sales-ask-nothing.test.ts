import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../shared/account/account.ts';
import { copySell } from '../../shared/copying/copy-sell.ts';
import { makeGood } from '../../shared/copying/make-good.ts';
import { owesSale } from '../../shared/copying/owed-sale.ts';
import { runCopy } from '../../shared/copying/run-copy.ts';
import { zExitInput } from '../../shared/exit/exit-contract.ts';
import { runExit } from '../../shared/exit/run-exit.ts';
import { protect } from '../../shared/protection/protect.ts';
import { ordersAtExchange } from '../functions/books.ts';
import { giveCopy } from '../functions/causes.ts';
import { type Lab, type LabPorts, openLab } from '../functions/lab.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { lateSell, protective, TAKES_PROFIT } from './ways-of-selling.ts';

/** What decides about BUYs: switches, limits, losses, health, breakers. */
const DECIDES = [
  'shared/copying/guards.ts',
  'shared/copying/copy-buy.ts',
  'shared/copying/master-status.ts',
  'shared/protection/circuit-passage.ts',
  'shared/protection/runaway.ts',
  'shared/protection/risk.ts',
];

/** Every module that runs with it; imports of types are none. */
const reachedFrom = async (module: string): Promise<readonly string[]> => {
  const { metafile } = await build({
    entryPoints: [module],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    // Also what is imported and not used.
    treeShaking: false,
  });
  return Object.keys(metafile.inputs);
};
const decidersIn = (reached: readonly string[]): readonly string[] =>
  DECIDES.filter((module) => reached.includes(module));

describe('the modules that sell', () => {
  it.each([
    'shared/copying/copy-sell.ts',
    'shared/copying/make-good.ts',
    'shared/exit/run-exit.ts',
    'shared/exit/sell-out.ts',
    'shared/protection/carry-out.ts',
    'shared/protection/decide.ts',
  ])('reach none of those that decide about BUYs: %s', async (module) => {
    const reached = await reachedFrom(module);

    expect(reached).toContain(module);
    expect(decidersIn(reached)).toEqual([]);
  });

  it('judge a loss for protection by the very rule that stops BUYs, and by nothing else of them', async () => {
    // A loss is a reason to sell there, never one not to.
    const reached = await reachedFrom('shared/protection/protect.ts');

    expect(decidersIn(reached)).toEqual(['shared/protection/risk.ts']);
  });

  it('are told apart so from the one that buys, which reaches them all', async () => {
    const reached = await reachedFrom('shared/copying/copy-buy.ts');

    expect(decidersIn(reached)).toEqual(DECIDES);
  });
});

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

/** The same, but these may not even be looked at. */
const without = <T extends object>(whole: T, ...names: readonly (keyof T & string)[]): T =>
  new Proxy(whole, {
    get: (target, name) => {
      if (names.some((closed) => closed === name)) throw new Error(`a sale asked for ${String(name)}`);
      return Reflect.get(target, name);
    },
  });

const sellerOf = (account: Account): Account =>
  without(
    account,
    'enabled',
    'copyPaused',
    'exitOnly',
    'limits',
    'sizing',
    'deniedSymbols',
    'allowedSymbols',
    'follows',
    'followsSince',
  );

/** A world in which nobody can learn of a switch, a limit, a loss, a breaker or a master. */
const blind = (ports: LabPorts): LabPorts => {
  const { ledger } = ports;
  const accounts = {
    ...ledger.accounts,
    get: async (accountId: string) => {
      const account = await ledger.accounts.get(accountId);
      return account === undefined ? undefined : sellerOf(account);
    },
  };
  const copyContext: typeof ledger.copyContext = async (...of) =>
    without(await ledger.copyContext(...of), 'account', 'halt', 'masterStatus', 'risk', 'runaway', 'circuit');
  return {
    ...ports,
    ledger: without(
      { ...ledger, accounts, copyContext },
      'control',
      'masterStatus',
      'following',
      'risk',
      'runaway',
      'circuits',
    ),
  };
};

describe('who sells', () => {
  const seller = async () => {
    const account = await lab.openAccount('user', { balances: { USD: '1000' }, protection: TAKES_PROFIT });
    await lab.givePosition(account.accountId, BTC, '0.02');
    return { account: sellerOf(account), accountId: account.accountId, ports: blind(lab.process()) };
  };
  const expectSold = (accountId: string) =>
    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: 'SELL', filled: '0.02' }]);

  it('looks at no switch, limit, loss, breaker or master to copy a SELL', async () => {
    const { account, accountId, ports } = await seller();
    const trade = lateSell(lab, 'm-boss');
    await giveCopy(lab, accountId, trade);
    const context = await ports.ledger.copyContext(accountId, trade.tradeId, 'm-boss');

    await copySell({ accountId, trade, createdAt: trade.at }, account, context, ports);

    expectSold(accountId);
  });

  it('looks at none to make good what a copy owes', async () => {
    const { account, accountId, ports } = await seller();
    const trade = lateSell(lab, 'm-boss');
    const message = await giveCopy(lab, accountId, trade);
    const text = 'EOrder:Insufficient funds';
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'AddOrder', accountId });
    await runCopy(message, lab.process());
    const copy = await lab.ledger.copies.get(accountId, trade.tradeId);
    if (copy === undefined || !owesSale(copy)) throw new Error('the copy owes nothing');

    await makeGood(copy, account, 0, ports);

    expectSold(accountId);
  });

  it.each(['managed', 'everything'] as const)('looks at none to exit %s', async (scope) => {
    const { accountId, ports } = await seller();

    await runExit(zExitInput.parse({ accountId, scope }), ports);

    expectSold(accountId);
  });

  it('looks at none to sell for protection', async () => {
    const { accountId, ports } = await seller();
    const plan = (of: LabPorts) => ({
      phases: [
        {
          name: 'prices',
          settleMs: 0,
          steps: [
            {
              name: 'protection',
              run: async (facts: Parameters<typeof protect>[0]) => await protect(facts, 'prices', of),
            },
          ],
        },
      ],
      aftermath: [],
    });

    await (await protective(plan).prepare(lab, accountId))(ports);

    expectSold(accountId);
  });
});
