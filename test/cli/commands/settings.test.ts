import { expect, test } from 'vitest';
import { type SettingOptions, settingsOf } from '../../../cli/commands/accounts/settings.ts';
import { UsageProblem } from '../../../cli/outcome.ts';

const options = (given: Partial<SettingOptions>): SettingOptions => ({ limit: [], protect: [], ...given });

test('settings are read as a person writes them, decimals staying texts', () => {
  const settings = settingsOf(
    options({
      follows: 'm-apex',
      limit: ['maxTradeFraction=0.05', 'maxOpenPositions=4'],
      protect: [
        'stopLoss=none',
        'takeProfit=0.1:0.5,0.2:0.5',
        'trailing=0.05:0.02',
        'maxHoldingHours=24',
        'enabled=on',
      ],
      sizing: 'fixed-ratio:0.1',
      deny: 'SOL/USD, XRP/USD',
      allow: 'all',
      exitOnly: 'off',
    }),
  );

  expect(settings).toEqual({
    follows: 'm-apex',
    limits: { maxTradeFraction: '0.05', maxOpenPositions: 4 },
    protection: {
      stopLoss: null,
      takeProfit: [
        { at: '0.1', sell: '0.5' },
        { at: '0.2', sell: '0.5' },
      ],
      trailing: { activateAt: '0.05', distance: '0.02' },
      maxHoldingHours: 24,
      enabled: true,
    },
    sizing: { mode: 'fixed-ratio', ratio: '0.1' },
    deniedSymbols: ['SOL/USD', 'XRP/USD'],
    allowedSymbols: null,
    exitOnly: false,
  });
});

test('what is not named is not said, so that it stays as it is', () => {
  expect(settingsOf(options({}))).toEqual({});
  expect(settingsOf(options({ follows: 'nobody', deny: 'none', sizing: 'proportional' }))).toEqual({
    follows: null,
    deniedSymbols: [],
    sizing: { mode: 'proportional' },
  });
});

test('a strategy is said as a whole, in paper mode unless told', () => {
  expect(settingsOf(options({ strategy: 'apex', symbols: 'BTC/USD' }))).toEqual({
    strategy: { name: 'apex', symbols: ['BTC/USD'], mode: 'paper' },
  });
});

test.each([
  [{ limit: ['maxTradeFraction=5'] }, /--limit maxTradeFraction: .*five percent \(given/],
  [{ limit: ['maxTradeFracton=0.05'] }, /--limit.*maxTradeFracton/],
  [{ limit: ['maxOpenPositions=many'] }, /--limit maxOpenPositions/],
  [{ limit: ['0.05'] }, /name=value \(given '0.05'\)/],
  [{ protect: ['stopLoss=5'] }, /--protect stopLoss: .*five percent/],
  [{ protect: ['takeProfit=0.2:0.5,0.1:0.5'] }, /--protect takeProfit/],
  [{ sizing: 'all-in' }, /--sizing .*\(given 'all-in'\)/],
  [{ sizing: 'fixed-amount:-1' }, /--sizing/],
  [{ deny: 'btc' }, /--deny: .*BTC\/USD \(given/],
  [{ follows: 'u-ann' }, /--follows: .*m-apex \(given 'u-ann'\)/],
  [{ strategy: 'apex' }, /--symbols/],
  [{ symbols: 'BTC/USD' }, /--strategy/],
] satisfies [
  Partial<SettingOptions>,
  RegExp,
][])('what cannot be meant is refused, with what was given (%#)', (given, says) => {
  expect(() => settingsOf(options(given))).toThrow(UsageProblem);
  expect(() => settingsOf(options(given))).toThrow(says);
});
