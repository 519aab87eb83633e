import type { PlantedBug } from './bug.ts';

/** Of what must never stop a SELL, and of how much is sold. */
export const SALE_BUGS: readonly PlantedBug[] = [
  {
    name: 'sell-stopped-by-a-halt',
    edits: [
      {
        file: 'shared/copying/copy-sell.ts',
        find: `  if (nothingKnown && !(await mayStillHold(copy, ports))) {`,
        replace: `  if (context.halt.readable && context.halt.value.engaged)
    return await skip(copy, 'HALTED', 'all trading is halted', ports);
  if (nothingKnown && !(await mayStillHold(copy, ports))) {`,
      },
    ],
    guarantee: '3',
    steps: 60,
    withinSeeds: 15,
  },
  {
    name: 'sell-waits-for-the-end-of-exit-only',
    edits: [
      {
        file: 'shared/copying/copy-sell.ts',
        find: `  if (nothingKnown && !(await mayStillHold(copy, ports))) {`,
        replace: `  if (account.exitOnly || account.copyPaused) throw new Error('not now');
  if (nothingKnown && !(await mayStillHold(copy, ports))) {`,
      },
    ],
    guarantee: '5',
    withinSeeds: 8,
  },
  {
    name: 'dust-too-early',
    edits: [
      {
        file: 'shared/copying/size-sale.ts',
        find: 'const whole = fitToMarket(asked, market, price);',
        replace:
          'const whole = fitToMarket(asked, { ...market, minimumCost: market.minimumCost.times(50) }, price);',
      },
    ],
    guarantee: '3',
    withinSeeds: 10,
  },
  {
    name: 'share-of-cash-sold',
    edits: [
      {
        file: 'shared/copying/copy-sell.ts',
        find: 'soldFraction: trade.soldFraction,',
        replace: 'soldFraction: trade.notional.div(trade.masterEquityBefore),',
      },
    ],
    guarantee: '3',
    withinSeeds: 4,
  },
  {
    name: 'share-of-the-whole-balance-sold',
    edits: [
      {
        file: 'shared/copying/size.ts',
        find: 'const wanted = scale(reach, share);',
        replace: 'const wanted = scale(shown?.total ?? reach, share);',
      },
    ],
    guarantee: '4',
    withinSeeds: 5,
  },
  {
    name: 'owners-coins-sold-by-an-exit',
    edits: [
      {
        file: 'shared/exit/exit-holding.ts',
        find: "scope === 'everything' ? total : least(managed, total)",
        replace: 'total',
      },
    ],
    guarantee: '6',
    withinSeeds: 20,
  },
  {
    name: 'failed-sell-forgotten',
    edits: [
      {
        file: 'shared/copying/owed-sale.ts',
        find: "if (outcome.state === 'FAILED') {",
        replace: `if (outcome.state === 'FAILED') return undefined;
  if (outcome.state === 'FAILED') {`,
      },
    ],
    guarantee: '3',
    steps: 60,
    withinSeeds: 10,
  },
  {
    name: 'rest-of-a-sell-forgotten',
    edits: [
      {
        file: 'shared/copying/owed-sale.ts',
        find: 'if (short === undefined) return undefined;',
        replace: 'return undefined;',
      },
    ],
    guarantee: '3',
    steps: 60,
    withinSeeds: 6,
  },
  {
    name: 'exit-flat-without-looking',
    edits: [
      {
        file: 'shared/exit/run-exit.ts',
        find: "const flat = canceled.failed === 0 && request.results.every(({ state }) => state !== 'FAILED');",
        replace: 'const flat = true;',
      },
    ],
    guarantee: '3',
    withinSeeds: 8,
  },
  {
    name: 'protective-part-sold-again',
    edits: [
      {
        file: 'shared/exit/sell-out.ts',
        find: 'least(all, lessAtMost(target.most, tally.quantity))',
        replace: 'least(all, target.most)',
      },
    ],
    guarantee: '4',
    steps: 60,
    withinSeeds: 5,
  },
];
