import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANDLE_MS, flatCandle } from '../../infra/local/prices/price-source.ts';
import { BUY_GUARDS, type CopyOutcome } from '../../shared/copying/copy.ts';
import type { CopyMessage } from '../../shared/copying/copy-message.ts';
import { runCopy } from '../../shared/copying/run-copy.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { price } from '../../shared/money/money.ts';
import type { RiskState } from '../../shared/protection/risk.ts';
import { HOUR, SECOND } from '../../shared/time/clock.ts';
import { ordersAtExchange } from '../functions/books.ts';
import { bossIsHealthy, bossTrade, giveCopy } from '../functions/causes.ts';
import { type Lab, type LabPorts, openLab } from '../functions/lab.ts';
import { ETH, flatPrices, NOON } from '../local/kraken/exchange.ts';
import { riskOf, together } from './admission-states.ts';
import type { Wrong } from './admission-wrong.ts';
import { MUTE, WRONGS } from './admission-wrongs.ts';

/** Doubles with the first candle after noon. */
const RISES = marketSymbol('XRP/USD');

let lab: Lab;
let ports: LabPorts;
beforeAll(async () => {
  const mute = { symbol: MUTE, from: Date.UTC(2100), candle: () => undefined };
  const rises = { symbol: RISES, from: 0, candle: (at: number) => flatCandle(at, at > NOON ? '2' : '1') };
  lab = await openLab({ simulator: { prices: [...flatPrices, mute, rises] } });
  const markets = ((await lab.ledger.markets.all('kraken'))?.markets ?? []).map((market) =>
    market.symbol === ETH ? { ...market, status: 'cancel_only' as const } : market,
  );
  await lab.ledger.markets.save('kraken', markets, lab.clock.now() + HOUR);
  await bossIsHealthy(lab);
  ports = lab.process();
});
afterAll(() => lab.stop());

/** What a BUY is copied with beside its wrongs. */
type Setting = Omit<Wrong, 'name' | 'reason' | 'detail' | 'sets'>;

/** Copies a BUY into a new account of which all this is wrong; gives how it ended, as the ledger tells it. */
const buyWith = async (
  wrongs: readonly Setting[],
  run: (message: CopyMessage) => Promise<unknown> = (message) => runCopy(message, ports),
) => {
  const now = lab.clock.now();
  const { accountId } = await lab.openAccount('user', {
    ...together(wrongs.map(({ account }) => account)),
    limits: together(wrongs.map(({ account }) => account?.limits)),
  });
  const risk = together(wrongs.map((wrong) => wrong.risk?.(now)));
  if (Object.keys(risk).length > 0) await lab.ledger.risk.save(riskOf(lab, accountId, risk));
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
  /** Lets something happen after the decision, with the last write before everything is asked once more. */
  const runWith = async (message: CopyMessage, happens: (accountId: string) => Promise<unknown>) => {
    const { save } = ports.ledger.risk;
    const risk = {
      ...ports.ledger.risk,
      save: async (state: RiskState) => {
        await save(state);
        await happens(message.accountId);
      },
    };
    await runCopy(message, { ...ports, ledger: { ...ports.ledger, risk } });
  };

  it.each(
    WRONGS.filter(({ asksAgain }) => asksAgain),
  )('is not sent any more as soon as $name', async (wrong) => {
    const { arrange, ...rest } = wrong;

    const { outcome, orders } = await buyWith([rest], (message) =>
      runWith(message, async (accountId) => await arrange?.(lab, accountId)),
    );

    expect(told(outcome)).toMatch(new RegExp(`^${wrong.reason}: `));
    expect(orders).toEqual([]);
  });

  it('ends as NOT_FILLED where nothing is offered at its price any more', async () => {
    lab.clock.advance(CANDLE_MS - SECOND);
    const traded: Setting = { trade: () => ({ symbol: RISES, price: price('1') }) };

    const { outcome, orders } = await buyWith([traded], (message) =>
      runWith(message, async () => lab.clock.advance(2 * SECOND)),
    );

    expect(told(outcome)).toBe('NOT_FILLED: nothing was offered at 1.005 or better');
    expect(orders).toMatchObject([{ type: 'limit', filled: '0' }]);
  });
});
