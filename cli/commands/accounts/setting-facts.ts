import type { AccountView } from '../../../shared/reporting/contract/account-answer.ts';
import { exact, moment, percent } from '../../screen/figures.ts';
import type { Cell } from '../../screen/shown.ts';

type Profile = NonNullable<AccountView['profile']>;
type Fact = readonly [name: string, value: Cell];

/** What is set of an account, as a person says it: percents, not fractions. */
export const settingFacts = ({ profile }: AccountView): readonly Fact[] => {
  if (profile === undefined) return [];
  const { strategy, protection, follows, followsSince } = profile;
  return [
    [
      'exchange',
      `${profile.exchange}, in ${profile.quoteCurrency}, since ${moment(profile.registeredAt)} UTC`,
    ],
    ...(follows === undefined
      ? []
      : [
          [
            'follows',
            followsSince === undefined ? follows : `${follows} since ${moment(followsSince)} UTC`,
          ] as const,
        ]),
    ...(strategy === undefined
      ? []
      : [['strategy', `${strategy.name}, ${strategy.mode}: ${strategy.symbols.join(', ')}`] as const]),
    ['switches', switchesOf(profile)],
    ['limits', limitsOf(profile)],
    ['sizing', sizingOf(profile)],
    ['symbols', symbolsOf(profile)],
    ...(protection === undefined ? [] : [['protection', protectionOf(protection)] as const]),
  ];
};

const switchesOf = ({ enabled, copyPaused, exitOnly }: Profile): Cell => {
  const on = [
    ...(enabled ? [] : ['disabled']),
    ...(exitOnly ? ['exit-only'] : []),
    ...(copyPaused ? ['copying paused'] : []),
  ];
  return on.length === 0 ? 'may buy' : { text: on.join(', '), tone: 'warn' };
};

const limitsOf = ({ limits }: Profile): string =>
  [
    `${percent(limits.maxTradeFraction)} of equity a trade`,
    `${limits.maxOpenPositions} positions`,
    `slippage ${exact(limits.maxSlippageBps)} bp`,
    `age ${limits.maxTradeAgeSeconds} s`,
    `daily loss ${percent(limits.maxDailyLoss)}`,
    `drawdown ${percent(limits.maxDrawdown)}`,
    `reserve ${percent(limits.cashReserve)}`,
    `at least ${exact(limits.minimumEquity)} of equity`,
    `an hour: ${limits.maxOrdersPerHour} BUYs, ${exact(limits.maxHourlyTurnover)} × equity`,
  ].join('; ');

const sizingOf = ({ sizing }: Profile): string => {
  switch (sizing.mode) {
    case 'proportional':
      return `proportional × ${exact(sizing.multiplier)}`;
    case 'fixed-amount':
      return `${exact(sizing.amount)} a trade`;
    case 'fixed-ratio':
      return `${exact(sizing.ratio)} of the master's quantity`;
  }
};

const symbolsOf = ({ deniedSymbols, allowedSymbols }: Profile): string => {
  const denied = deniedSymbols.length === 0 ? [] : [`not ${deniedSymbols.join(', ')}`];
  const allowed = allowedSymbols === undefined ? [] : [`only ${allowedSymbols.join(', ') || 'none'}`];
  return [...allowed, ...denied].join('; ') || 'all';
};

const protectionOf = (rules: NonNullable<Profile['protection']>): Cell => {
  if (!rules.enabled) return { text: 'off', tone: 'warn' };
  const { stopLoss, takeProfit, trailing, maxHoldingHours } = rules;
  return [
    stopLoss === null ? 'no stop loss' : `stop ${percent(stopLoss)} below cost`,
    ...takeProfit.map(({ at, sell }) => `sell ${percent(sell)} at ${percent(at)} above cost`),
    ...(trailing === null
      ? []
      : [`trailing ${percent(trailing.distance)} from ${percent(trailing.activateAt)} above cost on`]),
    ...(maxHoldingHours === null ? [] : [`held ${maxHoldingHours} h at most`]),
    ...(rules.onMaxDrawdown === 'exit' ? ['exit at the drawdown limit'] : []),
    ...(rules.onDailyLoss === 'exit' ? ['exit at the daily loss limit'] : []),
  ].join('; ');
};
