import { describe, expect, it } from 'vitest';
import { reportDrift, tellDrift } from '../../shared/ledger/drift.ts';
import { quantity, ZERO_QUANTITY } from '../../shared/money/money.ts';
import type { LogFields } from '../../shared/telemetry/telemetry.ts';
import { aMarket, BTC, ETH, START } from './examples.ts';

const listening = () => {
  const told: (readonly [string, LogFields | undefined])[] = [];
  const log = {
    info: () => {},
    warn: () => {},
    error: () => {},
    with: () => log,
  };
  const meter = {
    count: (name: string, fields?: LogFields) => {
      told.push([name, fields]);
    },
    milliseconds: () => {},
    basisPoints: () => {},
    quoteUnits: () => {},
  };
  return { told, ports: { log, meter } };
};

describe('an exchange that holds less than a position', () => {
  const market = aMarket({ quantityStep: quantity('0.01') });

  it.each([
    ['within one step, which is rounding', '0.99', 0],
    ['by more than a step', '0.98', 1],
    ['not at all', '1', 0],
    ['not at all, but more', '2', 0],
  ])('%s, is told or not: %s of 1, %i times', (_how, held, times) => {
    const { told, ports } = listening();

    reportDrift({ accountId: 'u-ann', market, position: quantity('1'), held: quantity(held) }, ports);

    expect(told).toHaveLength(times);
  });

  it('is counted with the account, the symbol and all three figures', () => {
    const { told, ports } = listening();

    reportDrift({ accountId: 'u-ann', market, position: quantity('1'), held: quantity('0.4') }, ports);

    const fields = { account: 'u-ann', symbol: BTC, position: '1', held: '0.4', missing: '0.6' };
    expect(told).toEqual([['DriftFound', fields]]);
  });

  it('is counted by a check for all symbols of the asset, with what was found about it', () => {
    const { told, ports } = listening();

    tellDrift(
      {
        accountId: 'u-ann',
        asset: 'BTC',
        symbols: [BTC, ETH],
        managed: quantity('1'),
        held: ZERO_QUANTITY,
        missing: quantity('1'),
        why: 'moved',
        told: quantity('1'),
        firstSeen: START,
        lastSeen: START,
        figuresSince: START,
        version: 1,
      },
      ports,
    );

    const fields = { symbol: 'BTC/USD, ETH/USD', position: '1', held: '0', missing: '1', why: 'moved' };
    expect(told).toEqual([['DriftFound', { account: 'u-ann', ...fields }]]);
  });
});
