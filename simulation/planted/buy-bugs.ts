import type { PlantedBug } from './bug.ts';

/** Of what stops a BUY, and of how much is bought. */
export const BUY_BUGS: readonly PlantedBug[] = [
  {
    name: 'switches-not-read-right-before-sending',
    edits: [
      {
        file: 'shared/copying/copy-buy.ts',
        find: '): Promise<Refusal | typeof LIMITS_CHANGED | undefined> => {',
        replace: `): Promise<Refusal | typeof LIMITS_CHANGED | undefined> => {
  if (copy.outcome === undefined) return undefined;
`,
      },
    ],
    guarantee: '8',
    withinSeeds: 4,
  },
  {
    name: 'unreadable-halt-taken-for-none',
    edits: [
      {
        file: 'shared/copying/guards.ts',
        find: 'if (!halt.readable)',
        replace: 'if (!halt.readable && account.exitOnly)',
      },
      {
        file: 'shared/copying/guards.ts',
        find: 'if (halt.value.engaged)',
        replace: 'if (halt.readable && halt.value.engaged)',
      },
    ],
    guarantee: '8',
    steps: 60,
    withinSeeds: 60,
  },
  {
    name: 'halt-ignored',
    edits: [
      {
        file: 'shared/copying/guards.ts',
        find: 'if (halt.value.engaged)',
        replace: 'if (halt.value.engaged && account.exitOnly)',
      },
    ],
    guarantee: '8',
    steps: 60,
    withinSeeds: 60,
  },
  {
    name: 'stale-buy-executed',
    edits: [
      { file: 'shared/copying/guards.ts', find: 'if (age > oldest)', replace: 'if (age > oldest * SECOND)' },
    ],
    guarantee: '8',
    withinSeeds: 15,
  },
  {
    name: 'old-status-of-a-master-taken-for-health',
    edits: [
      {
        file: 'shared/copying/guards.ts',
        find: 'if (!masterHealth.healthy)',
        replace: 'if (!masterHealth.healthy && !halt.readable)',
      },
    ],
    guarantee: '8',
    withinSeeds: 45,
  },
  {
    name: 'percent-taken-for-a-fraction',
    edits: [
      {
        file: 'shared/copying/size.ts',
        find: 'scale(greatest(equity, ZERO_QUOTE), limits.maxTradeFraction))',
        replace: 'scale(greatest(equity, ZERO_QUOTE), limits.maxTradeFraction.times(100)))',
      },
    ],
    guarantee: '6',
    withinSeeds: 4,
  },
  {
    name: 'master-notional-not-put-in-proportion',
    edits: [
      {
        file: 'shared/copying/size.ts',
        find: 'scale(greatest(equity, ZERO_QUOTE), ratio(trade.notional, trade.masterEquityBefore)),',
        replace: 'trade.notional,',
      },
    ],
    guarantee: '6',
    withinSeeds: 4,
  },
  {
    name: 'bought-for-a-master-not-followed-any-more',
    edits: [
      {
        file: 'shared/copying/guards.ts',
        find: 'if (account.follows !== trade.masterId)',
        replace: "if (account.follows === 'nobody')",
      },
    ],
    guarantee: '8',
    withinSeeds: 4,
  },
  {
    name: 'more-bought-than-cash-pays',
    edits: [
      {
        file: 'shared/copying/size.ts',
        find: 'quantityFor(least(capped, affordable), limitPrice)',
        replace: 'quantityFor(capped, limitPrice)',
      },
    ],
    guarantee: '6',
    withinSeeds: 45,
  },
  {
    name: 'reserve-and-fee-spent',
    edits: [
      {
        file: 'shared/copying/size.ts',
        find: 'const affordable = quote(spendable.div(ONE.plus(input.takerFee)));',
        replace: 'const affordable = greatest(input.freeQuote, spendable);',
      },
    ],
    guarantee: '6',
    withinSeeds: 45,
  },
];
