import type { BuyGuard } from '../../shared/copying/copy.ts';
import type { MasterStatus } from '../../shared/copying/master-status.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import type { AccountSwitch } from '../../shared/protection/control.ts';
import type { RiskState } from '../../shared/protection/risk.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { bossIsHealthy } from '../functions/causes.ts';
import type { Lab, NewAccount } from '../functions/lab.ts';
import { failing, OPS, putStatus, setHalt } from './admission-states.ts';

/** One thing that stops a BUY, everything else being right. */
export interface Wrong {
  readonly name: string;
  readonly reason: BuyGuard;
  readonly detail: RegExp;
  /** What it sets: two that set the same cannot be had together. */
  readonly sets: readonly string[];
  readonly account?: Omit<NewAccount, 'accountId'>;
  readonly trade?: (now: number) => Partial<Trade>;
  readonly risk?: (now: number) => Partial<RiskState>;
  readonly arrange?: (lab: Lab, accountId: string) => Promise<unknown>;
  /** Of what is no single account's. */
  readonly restore?: (lab: Lab) => Promise<unknown>;
  /** Whether it stops an order, too, that is decided already. */
  readonly asksAgain?: true;
}

export const switched = (name: AccountSwitch, on: boolean) => ({
  sets: [name],
  asksAgain: true as const,
  arrange: async ({ ledger, clock }: Lab, accountId: string) =>
    await ledger.control.setSwitch({ ...OPS, accountId, switch: name, on, at: clock.now() }),
});

/** Registered anew, as an owner does who follows another. */
export const following = (masterId: string | undefined) => ({
  sets: ['follows'],
  asksAgain: true as const,
  arrange: async ({ ledger, clock }: Lab, accountId: string) => {
    const profile = await ledger.accounts.read(accountId);
    if (profile === undefined) throw new Error(`${accountId} is gone`);
    const { follows: _, ...account } = profile.account;
    const next = masterId === undefined ? {} : { follows: masterId, followsSince: clock.now() };
    await ledger.accounts.register({ ...account, ...next }, profile);
  },
});

export const halting = (arrange: (lab: Lab) => Promise<unknown>) => ({
  sets: ['halt'],
  asksAgain: true as const,
  arrange,
  restore: (lab: Lab) => setHalt(lab, false),
});

export const status = (changes: (now: number) => Partial<MasterStatus>) => ({
  sets: ['health'],
  asksAgain: true as const,
  arrange: async (lab: Lab) => {
    const at = lab.clock.now();
    const heard = { masterId: 'm-boss', healthy: true, reason: 'ok', at, periodMs: MINUTE };
    await putStatus(lab, { ...heard, ...changes(at) });
  },
  restore: bossIsHealthy,
});

export const circuit = (state: 'OPEN' | 'PROBING') => ({
  sets: ['circuit'],
  arrange: (lab: Lab, accountId: string) => failing(lab, accountId, state),
});

export const lists = (which: 'denied' | 'allowed', symbols: readonly MarketSymbol[]) => ({
  sets: [which],
  asksAgain: true as const,
  arrange: async ({ ledger, clock }: Lab, accountId: string) =>
    await ledger.control.setSymbols({ ...OPS, accountId, at: clock.now(), [which]: symbols }),
});
