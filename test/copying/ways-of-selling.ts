import { type AccountCheckPorts, checkAccount } from '../../functions/account-check/account-check.ts';
import { checkPlan } from '../../functions/account-check/steps.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import { runCopy } from '../../shared/copying/run-copy.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import { zExitInput } from '../../shared/exit/exit-contract.ts';
import { runExit } from '../../shared/exit/run-exit.ts';
import { price } from '../../shared/money/money.ts';
import { HOUR } from '../../shared/time/clock.ts';
import { bossTrade, giveCopy } from '../functions/causes.ts';
import type { Lab, LabPorts } from '../functions/lab.ts';

/** One way by which a position comes to be sold. */
export interface WayOfSelling {
  readonly name: string;
  /** While all is well; gives what sells. */
  prepare(lab: Lab, accountId: string, masterId: string): Promise<(ports: LabPorts) => Promise<unknown>>;
}

/** Old, and at a price that is far from that of now. */
export const lateSell = (lab: Lab, masterId: string, changes: Partial<Trade> = {}): Trade =>
  bossTrade(lab.clock.now() - 5 * HOUR, { side: 'SELL', masterId, price: price('90000'), ...changes });

const copied: WayOfSelling = {
  name: 'a copied SELL',
  prepare: async (lab, accountId, masterId) => {
    const message = await giveCopy(lab, accountId, lateSell(lab, masterId));
    return async (ports) => await runCopy(message, ports);
  },
};

const owed: WayOfSelling = {
  name: 'a SELL that is owed',
  prepare: async (lab, accountId, masterId) => {
    const message = await giveCopy(lab, accountId, lateSell(lab, masterId));
    const text = 'EOrder:Insufficient funds';
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'AddOrder', accountId });
    await runCopy(message, lab.process());
    return async (ports) =>
      await redriveWork(accountId, { mayGoOn: () => true, patienceMs: () => 20_000 }, ports);
  },
};

const exit = (scope: 'managed' | 'everything'): WayOfSelling => ({
  name: `an exit of ${scope === 'managed' ? 'what is managed' : 'everything'}`,
  prepare: async (_lab, accountId) => async (ports) =>
    await runExit(zExitInput.parse({ accountId, scope }), ports),
});

/** Its account is to have `protection: TAKES_PROFIT`: what it is given is worth ten times its cost. */
export const TAKES_PROFIT = { takeProfit: [{ at: '0.5', sell: '1' }] };
const LONG_ENOUGH_MS = 60_000;
export const protective = (plan: (ports: LabPorts) => Pick<AccountCheckPorts, 'phases' | 'aftermath'>) => ({
  name: 'a sale for protection',
  prepare: async (_lab: Lab, accountId: string) => async (ports: LabPorts) =>
    await checkAccount(accountId, { ...ports, ...plan(ports) }, () => LONG_ENOUGH_MS),
});

export const WAYS: readonly WayOfSelling[] = [
  copied,
  owed,
  exit('managed'),
  exit('everything'),
  protective(checkPlan),
];
