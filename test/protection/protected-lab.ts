import { checkAccount, type RemainingMs } from '../../functions/account-check/account-check.ts';
import type { CheckReport } from '../../functions/account-check/check-report.ts';
import { checkPlan } from '../../functions/account-check/steps.ts';
import { CANDLE_MS } from '../../infra/local/prices/price-source.ts';
import type { CheckFacts } from '../../shared/check/check-facts.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { quantity, quote } from '../../shared/money/money.ts';
import { type ProtectionPass, type ProtectionReport, protect } from '../../shared/protection/protect.ts';
import { takeSnapshot } from '../../shared/snapshot/take-snapshot.ts';
import { type LabPorts, type NewAccount, openLab, type ProcessOptions } from '../functions/lab.ts';
import { BTC, ETH, SOL } from '../local/kraken/exchange.ts';
import { changingPrice } from './changing-price.ts';

const START = { [BTC]: '50000', [ETH]: '2500', [SOL]: '100' };

/** What is different in the world of one check. */
export type Change = (ports: LabPorts) => LabPorts;
const asItIs: Change = (ports) => ports;

/** An exchange whose prices move when told to, and accounts that hold what Nija bought for them. */
export const openProtectedLab = async () => {
  const sources = Object.entries(START).map(([symbol, price]) =>
    changingPrice(symbol as MarketSymbol, price),
  );
  const lab = await openLab({ simulator: { prices: sources } });
  /** What the check threw or said, of which nothing is lost. */
  const check = async (accountId: string, options: ProcessOptions = {}, change: Change = asItIs) => {
    const ports = change(lab.process(options));
    const reports: ProtectionReport[] = [];
    const judge = (pass: ProtectionPass) => ({
      name: `protect by ${pass}`,
      run: async (facts: CheckFacts) => {
        const report = await protect(facts, pass, ports);
        reports.push(report);
        return report;
      },
    });
    const snapshot = {
      name: 'snapshot',
      run: async (facts: CheckFacts) => await takeSnapshot(facts, ports),
    };
    const checked = await checkAccount(
      accountId,
      {
        ...ports,
        phases: [
          { name: 'prices', settleMs: 20_000, steps: [judge('prices')] },
          { name: 'books', settleMs: 5_000, steps: [snapshot, judge('equity')] },
        ],
        aftermath: [],
      },
      () => 60_000,
    );
    const [byPrices, byEquity] = reports;
    return { checked, byPrices, byEquity };
  };
  return {
    ...lab,

    /** From now on. */
    setPrice: (symbol: MarketSymbol, price: string): void => {
      lab.clock.advance(CANDLE_MS);
      sources.find((source) => source.symbol === symbol)?.change(lab.clock.now() - CANDLE_MS, price);
      lab.clock.advance(CANDLE_MS);
    },

    /** A user with 1,000 in cash. */
    user: async (protection: Record<string, unknown> = {}, profile: NewAccount = {}): Promise<string> =>
      (await lab.openAccount('user', { balances: { USD: '1000' }, protection, ...profile })).accountId,

    /** What Nija has bought for the account at this cost, fees included. */
    hold: async (accountId: string, symbol: MarketSymbol, amount: string, cost: string): Promise<void> => {
      lab.simulator.deposit(accountId, symbol.slice(0, symbol.indexOf('/')), amount);
      await lab.ledger.recordExecution({
        accountId,
        symbol,
        fills: [],
        position: {
          before: undefined,
          after: {
            accountId,
            symbol,
            quantity: quantity(amount),
            costBasis: quote(cost),
            openedAt: lab.clock.now(),
            version: 1,
          },
        },
        at: lab.clock.now(),
      });
    },

    /** By its owner. */
    switchProtection: async (
      accountId: string,
      settings: Record<string, unknown>,
      enabled: boolean,
    ): Promise<void> => {
      await lab.ledger.control.setProtection({
        accountId,
        protection: { ...settings, enabled },
        by: 'ann',
        why: enabled ? 'I sleep' : 'I hold',
        at: lab.clock.now(),
      });
    },

    check,

    /** A check with all its steps, as it is deployed. */
    wholeCheck: async (
      accountId: string,
      change: Change = asItIs,
      options: ProcessOptions = {},
      remainingMs: RemainingMs = () => 60_000,
    ): Promise<CheckReport> => {
      const ports = change(lab.process(options));
      return await checkAccount(accountId, { ...ports, ...checkPlan(ports) }, remainingMs);
    },

    /** One check, and what it did for each symbol, first by its price: `BTC/USD ENDED`. */
    protect: async (
      accountId: string,
      options: ProcessOptions = {},
      change: Change = asItIs,
    ): Promise<readonly string[]> => {
      const { byPrices, byEquity, checked } = await check(accountId, options, change);
      if (byPrices === undefined) throw new Error(JSON.stringify(checked.steps));
      return [...byPrices.symbols, ...(byEquity?.symbols ?? [])].map((one) =>
        [one.symbol, one.state, ...(one.state === 'HELD' ? [one.reason] : [])].join(' '),
      );
    },

    /** The decisions of an account: `stop-loss SOLD 0.02`. */
    decisions: async (accountId: string): Promise<readonly string[]> =>
      (await lab.ledger.protections.exits(accountId)).map(({ rule, level, state, result }) =>
        [rule, ...(level === undefined ? [] : [level]), state, result?.quantity.toFixed() ?? 'nothing'].join(
          ' ',
        ),
      ),

    /** Figures and warnings that `act` leaves. */
    toldBy: async (act: () => Promise<unknown>) => {
      const before = lab.lines.length;
      await act();
      return lab.lines.slice(before).filter(({ level }) => level !== 'info');
    },
  };
};
export type ProtectedLab = Awaited<ReturnType<typeof openProtectedLab>>;
