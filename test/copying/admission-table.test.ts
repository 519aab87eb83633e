import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUY_GUARDS, type CopyOutcome } from '../../shared/copying/copy.ts';
import type { CopyMessage } from '../../shared/copying/copy-message.ts';
import { runCopy } from '../../shared/copying/run-copy.ts';
import { quote } from '../../shared/money/money.ts';
import type { RiskState } from '../../shared/protection/risk.ts';
import { HOUR, utcDay } from '../../shared/time/clock.ts';
import { ordersAtExchange } from '../functions/books.ts';
import { bossIsHealthy, bossTrade, giveCopy } from '../functions/causes.ts';
import { type Lab, type LabPorts, openLab } from '../functions/lab.ts';
import { ETH, flatPrices } from '../local/kraken/exchange.ts';
import { MUTE, WRONGS, type Wrong } from './admission-wrongs.ts';

let lab: Lab;
let ports: LabPorts;
beforeAll(async () => {
  const mute = { symbol: MUTE, from: Date.UTC(2100), candle: () => undefined };
  lab = await openLab({ simulator: { prices: [...flatPrices, mute] } });
  const markets = ((await lab.ledger.markets.all('kraken'))?.markets ?? []).map((market) =>
    market.symbol === ETH ? { ...market, status: 'cancel_only' as const } : market,
  );
  await lab.ledger.markets.save('kraken', markets, lab.clock.now() + HOUR);
  await bossIsHealthy(lab);
  ports = lab.process();
});
afterAll(() => lab.stop());

const together = <T extends object>(parts: readonly (T | undefined)[]): Partial<T> => {
  const all: Partial<T> = {};
  for (const part of parts) Object.assign(all, part);
  return all;
};

const riskWith = (accountId: string, changes: Partial<RiskState>): RiskState => ({
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

/** Copies a BUY into a new account of which all this is wrong; gives how it ended, as the ledger tells it. */
const buyWith = async (
  wrongs: readonly Wrong[],
  run: (message: CopyMessage) => Promise<unknown> = (message) => runCopy(message, ports),
) => {
  const now = lab.clock.now();
  const { accountId } = await lab.openAccount('user', {
    ...together(wrongs.map(({ account }) => account)),
    limits: together(wrongs.map(({ account }) => account?.limits)),
  });
  const risk = together(wrongs.map((wrong) => wrong.risk?.(now)));
  if (Object.keys(risk).length > 0) await lab.ledger.risk.save(riskWith(accountId, risk));
  const trade = bossTrade(now, together(wrongs.map((wrong) => wrong.trade?.(now))));
  const message = await giveCopy(lab, accountId, trade);
  try {
    for (const { arrange } of wrongs) await arrange?.(lab, accountId);
    await run(message);
  } finally {
    for (const { restore } of wrongs) await restore?.(lab);
  }
  const copy = await lab.ledger.copies.get(accountId, trade.tradeId);
  return { outcome: copy?.outcome, finishedAt: copy?.finishedAt, orders: ordersAtExchange(lab, accountId) };
};

const told = (outcome: CopyOutcome | undefined): string =>
  outcome?.state === 'SKIPPED' ? `${outcome.reason}: ${outcome.detail}` : String(outcome?.state);

describe('a BUY with which one thing is wrong', () => {
  it('is made where nothing is', async () => {
    const { outcome, orders } = await buyWith([]);

    expect(outcome).toMatchObject({ state: 'FILLED' });
    expect(orders).toHaveLength(1);
  });

  it.each(WRONGS)('ends as $reason, without an order, where $name', async (wrong) => {
    const { outcome, finishedAt, orders } = await buyWith([wrong]);

    expect(outcome).toEqual({
      state: 'SKIPPED',
      reason: wrong.reason,
      detail: expect.stringMatching(wrong.detail),
    });
    expect(finishedAt).toBe(lab.clock.now());
    expect(orders).toEqual([]);
  });

  it('has a row for each reason there is, in the order of the list', () => {
    const rows = WRONGS.map(({ reason }) => reason);
    const inOrder = BUY_GUARDS.filter((reason) => rows.includes(reason));

    expect(inOrder).toEqual(BUY_GUARDS);
    // What is known only with the account's balance, or only right before sending, comes later under its name.
    const late = ['the equity is below', 'so the equity is not known', 'together would buy'];
    const ordered = WRONGS.filter(({ name }) => !late.some((part) => name.includes(part)));
    expect([...new Set(ordered.map(({ reason }) => reason))]).toEqual(BUY_GUARDS);
  });
});

const compatible = (first: Wrong, second: Wrong): boolean =>
  !first.sets.some((what) => second.sets.includes(what));
const pairs = WRONGS.flatMap((first, index) =>
  WRONGS.slice(index + 1)
    .filter((second) => compatible(first, second))
    .map((second) => [first, second] as const),
);

describe('a BUY with which two things are wrong', () => {
  it('pairs all but those that exclude each other', () => {
    expect(pairs.length).toBeGreaterThan(450);
  });

  it.each(WRONGS.slice(0, -1))('ends by the first of them, where $name', async (first) => {
    for (const [, second] of pairs.filter(([one]) => one === first)) {
      const { outcome, orders } = await buyWith([first, second]);

      const what = `${first.name}, and ${second.name}`;
      expect(told(outcome), what).toMatch(new RegExp(`^${first.reason}: `));
      expect(told(outcome).slice(first.reason.length + 2), what).toMatch(first.detail);
      expect(orders, what).toEqual([]);
    }
  });
});

describe('a BUY that is decided already', () => {
  it.each(
    WRONGS.filter(({ asksAgain }) => asksAgain),
  )('is not sent any more as soon as $name', async (wrong) => {
    const { arrange, ...rest } = wrong;
    const { outcome, orders } = await buyWith([rest], async (message) => {
      const { save } = ports.ledger.risk;
      // The last write before everything is asked once more.
      const risk = {
        ...ports.ledger.risk,
        save: async (state: RiskState) => {
          await save(state);
          await arrange?.(lab, message.accountId);
        },
      };
      await runCopy(message, { ...ports, ledger: { ...ports.ledger, risk } });
    });

    expect(told(outcome)).toMatch(new RegExp(`^${wrong.reason}: `));
    expect(orders).toEqual([]);
  });
});
