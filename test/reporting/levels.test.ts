import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marketSymbol } from '../../shared/exchange/market.ts';
import type { Position } from '../../shared/ledger/position.ts';
import { type Price, price, quantity, quote } from '../../shared/money/money.ts';
import { decide } from '../../shared/protection/decide.ts';
import { type Protection, zProtection } from '../../shared/protection/protection-settings.ts';
import { type Watch, watchOver } from '../../shared/protection/watch.ts';
import { plannedLevels, protectiveLevels } from '../../shared/reporting/levels.ts';
import { HOUR } from '../../shared/time/clock.ts';

const BTC = marketSymbol('BTC/USD');
const NOON = Date.parse('2026-03-02T12:00:00Z');
const market = {
  exchange: 'kraken',
  symbol: BTC,
  base: 'BTC',
  quote: 'USD',
  exchangeId: 'XXBTZUSD',
  altname: 'XBTUSD',
  baseId: 'XXBT',
  quoteId: 'ZUSD',
  quantityStep: quantity('0.00000001'),
  priceTick: price('0.1'),
  minimumQuantity: quantity('0.00005'),
  minimumCost: quote('0.5'),
  status: 'online',
} as const;

const position: Position = {
  accountId: 'u-ann',
  symbol: BTC,
  quantity: quantity('0.02'),
  costBasis: quote('1000'),
  openedAt: NOON,
  version: 1,
};

const seenAt = (bid: Price, settings: Protection, before?: Watch) => {
  const seen = { position, market, held: position.quantity, bid, at: NOON + HOUR };
  const watch = watchOver(before, seen, settings);
  return { watch, decision: decide({ ...seen, watch, settings, losses: [] }) };
};
const levelsOf = (settings: Protection, watch?: Watch) =>
  protectiveLevels(position, { protection: settings }, watch);
const off = (at: string, by: string): Price => price(price(at).minus(by));

describe('the levels of a position', () => {
  it('are where a check sells: at the shown stop it does, a cent above it does not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), (percent) => {
        const settings = zProtection.parse({ stopLoss: (percent / 100).toFixed(2) });
        const [stop] = levelsOf(settings);
        const shown = price(stop?.price ?? '1');

        expect(stop).toMatchObject({ kind: 'stop', state: 'armed' });
        expect(seenAt(shown, settings).decision).toMatchObject({ action: 'SELL', rule: 'stop-loss' });
        expect(seenAt(price(shown.plus('0.01')), settings).decision).toMatchObject({ action: 'HOLD' });
      }),
    );
  });

  it('show a trailing stop as waiting until its price was reached, then where it stands', () => {
    const settings = zProtection.parse({
      stopLoss: null,
      trailing: { activateAt: '0.1', distance: '0.05' },
    });
    const risen = seenAt(price('60000'), settings).watch;

    expect(levelsOf(settings)).toMatchObject([{ kind: 'trailing-stop', state: 'waiting' }]);
    const [armed] = levelsOf(settings, risen);
    expect(armed).toMatchObject({ kind: 'trailing-stop', state: 'armed', price: '57000' });
    expect(seenAt(price('57000'), settings, risen).decision).toMatchObject({ rule: 'trailing-stop' });
    expect(seenAt(price('57000.01'), settings, risen).decision).toMatchObject({ action: 'HOLD' });
  });

  it('show a take profit as armed, as reached, and as done once it has sold', () => {
    const settings = zProtection.parse({ stopLoss: null, takeProfit: [{ at: '0.2', sell: '0.5' }] });
    const reached = seenAt(price('60000'), settings).watch;
    const done =
      reached === undefined
        ? undefined
        : { ...reached, levels: reached.levels.map((one) => ({ ...one, fired: true })) };

    expect([undefined, reached, done].map((watch) => levelsOf(settings, watch))).toMatchObject([
      [{ kind: 'take-profit', state: 'armed', price: '60000', sell: '0.5' }],
      [{ kind: 'take-profit', state: 'reached', price: '60000' }],
      [{ kind: 'take-profit', state: 'done', price: '60000' }],
    ]);
    expect(seenAt(off('60000', '0.01'), settings).decision).toMatchObject({ action: 'HOLD' });
  });

  it('show until when a position is held, from when it is watched', () => {
    const settings = zProtection.parse({ stopLoss: null, maxHoldingHours: 24 });
    const { watch } = seenAt(price('50000'), settings);

    expect(levelsOf(settings, watch)).toMatchObject([
      { kind: 'max-holding', state: 'armed', until: NOON + 24 * HOUR },
    ]);
  });

  it('are all off where protection is switched off', () => {
    const settings = zProtection.parse({ enabled: false, maxHoldingHours: 5 });

    expect(levelsOf(settings).map(({ state }) => state)).toEqual(['off', 'off']);
  });

  it('say that a stop waits where the cost is not known', () => {
    const [stop] = protectiveLevels(
      { ...position, costBasis: quote('0') },
      { protection: zProtection.parse({}) },
      undefined,
    );

    expect(stop).toMatchObject({ kind: 'stop', state: 'waiting' });
    expect(stop).not.toHaveProperty('price');
  });
});

describe("a master's plan", () => {
  const plan = {
    plan: 'apex/1',
    decidedAt: NOON,
    entry: '50000',
    stop: '49500',
    first: '50500',
    second: '51000',
    third: '51500',
    reached: 1,
    highest: '50600',
    reasons: [],
  };

  it('shows its stop and its targets, those reached as done', () => {
    const read = plannedLevels(plan);

    const levels = read.readable ? read.value : [];
    expect(levels.map(({ kind, state, price: at }) => [kind, state, at])).toEqual([
      ['stop', 'armed', '49500'],
      ['take-profit', 'done', '50500'],
      ['take-profit', 'armed', '51000'],
      ['take-profit', 'armed', '51500'],
    ]);
  });

  it('that is none is said not to be readable, not to be without stops', () => {
    const read = plannedLevels({ anything: 'else' });

    expect(read).toEqual({ readable: false, why: expect.stringContaining('no plan that can be read') });
  });

  it('that the strategy has forgotten is none, and could be read', () => {
    const read = plannedLevels(null);

    expect(read).toEqual({ readable: true, value: [] });
  });
});
