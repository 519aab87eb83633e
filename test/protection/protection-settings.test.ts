import { describe, expect, it } from 'vitest';
import { zAccount } from '../../shared/account/account.ts';
import { stored } from '../../shared/ledger/dynamodb/entity.ts';
import { text } from '../../shared/money/money.ts';
import { zProtection, zProtectionChanges } from '../../shared/protection/protection-settings.ts';
import { account } from '../copying/made.ts';

const refusalOf = (settings: Record<string, unknown>): string =>
  zProtection
    .safeParse(settings)
    .error?.issues.map(({ message }) => message)
    .join('; ') ?? 'accepted';

describe('the settings of protection', () => {
  it('that nobody has named are a stop loss of ten percent and nothing else', () => {
    const { stopLoss, ...others } = zProtection.parse({});

    expect(stopLoss === null ? null : text(stopLoss)).toBe('0.1');
    expect(others).toEqual({
      enabled: true,
      takeProfit: [],
      trailing: null,
      maxHoldingHours: null,
      onMaxDrawdown: 'stop-buying',
      onDailyLoss: 'stop-buying',
    });
  });

  it.each([
    [
      'a stop loss of 5',
      { stopLoss: '5' },
      "stopLoss is a fraction above 0 and below 1: 0.05 is five percent (given '5')",
    ],
    ['a stop loss of 1', { stopLoss: '1' }, "0.05 is five percent (given '1')"],
    ['a stop loss of 0', { stopLoss: '0' }, "above 0 and below 1: 0.05 is five percent (given '0')"],
    ['a stop loss below 0', { stopLoss: '-0.1' }, "must not be negative (given '-0.1')"],
    ['a stop loss as a binary number', { stopLoss: 0.05 }, 'decimals are written as texts'],
    ['a level at 5', { takeProfit: [{ at: '5', sell: '0.5' }] }, "0.05 is five percent (given '5')"],
    ['a level that sells 50', { takeProfit: [{ at: '0.05', sell: '50' }] }, "(given '50')"],
    ['a level that sells nothing', { takeProfit: [{ at: '0.05', sell: '0' }] }, "(given '0')"],
    [
      'levels that fall',
      {
        takeProfit: [
          { at: '0.1', sell: '0.5' },
          { at: '0.05', sell: '0.5' },
        ],
      },
      'levels rise',
    ],
    [
      'levels that are equal',
      {
        takeProfit: [
          { at: '0.1', sell: '0.5' },
          { at: '0.10', sell: '1' },
        ],
      },
      'levels rise',
    ],
    ['a distance of 3', { trailing: { activateAt: '0.05', distance: '3' } }, "(given '3')"],
    ['a distance of 1', { trailing: { activateAt: '0.05', distance: '1' } }, "(given '1')"],
    ['a trailing stop from 10 on', { trailing: { activateAt: '10', distance: '0.1' } }, "(given '10')"],
    ['half of a trailing stop', { trailing: { activateAt: '0.1' } }, 'written as texts'],
    ['no hours', { maxHoldingHours: 0 }, '>=1'],
    ['half an hour', { maxHoldingHours: 0.5 }, 'int'],
    ['another word for what to do', { onDailyLoss: 'sell' }, 'stop-buying'],
    ['a setting that there is not', { stoploss: '0.1' }, 'stoploss'],
  ])('refuse %s', (_what, settings, sentence) => {
    expect(refusalOf(settings)).toContain(sentence);
  });

  it('can be switched off one by one', () => {
    expect(zProtection.parse({ stopLoss: null })).toMatchObject({ stopLoss: null, enabled: true });
  });

  it('as changes say nothing of what is not named', () => {
    expect(zProtectionChanges.parse({ maxHoldingHours: 24 })).toEqual({ maxHoldingHours: 24 });
    expect(zProtectionChanges.parse({})).toEqual({});
  });

  it('are the same after they were stored, and an account stored without them has the defaults', () => {
    const settings = { stopLoss: null, takeProfit: [{ at: '0.05', sell: '0.5' }], maxHoldingHours: 24 };
    const rich = account({ protection: settings });

    expect(zAccount.parse(stored(rich))).toEqual(rich);
    const { protection: _none, ...older } = rich;
    expect(zAccount.parse(stored(older)).protection).toEqual(zProtection.parse({}));
  });
});
