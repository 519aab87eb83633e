import type { PlantedBug } from './bug.ts';

/** Of what must never stop a SELL, and of how much is sold. */
export const SALE_BUGS: readonly PlantedBug[] = [
  {
    name: 'sell-stopped-by-a-halt',
    edits: [
      {
        file: 'shared/copying/copy-sell.ts',
        find: `  if (nothingKnown && !(await mayStillHold(copy, ports)) && (await holdsNothing())) {`,
        replace: `  if (context.halt.readable && context.halt.value.engaged)
    return await skip(copy, 'HALTED', 'all trading is halted', ports);
  if (nothingKnown && !(await mayStillHold(copy, ports)) && (await holdsNothing())) {`,
      },
    ],
    guarantee: '3',
    withinSeeds: 8,
  },
  {
    name: 'sell-waits-for-the-end-of-exit-only',
    edits: [
      {
        file: 'shared/copying/copy-sell.ts',
        find: `  if (nothingKnown && !(await mayStillHold(copy, ports)) && (await holdsNothing())) {`,
        replace: `  if (account.exitOnly || account.copyPaused) throw new Error('not now');
  if (nothingKnown && !(await mayStillHold(copy, ports)) && (await holdsNothing())) {`,
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
    withinSeeds: 80,
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
    withinSeeds: 15,
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
    withinSeeds: 4,
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
    steps: 60,
    withinSeeds: 10,
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
    withinSeeds: 20,
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
    withinSeeds: 60,
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
    withinSeeds: 4,
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
    withinSeeds: 30,
  },
  {
    name: 'exit-believes-its-first-order',
    edits: [
      {
        file: 'shared/exit/sell-out.ts',
        find: `  const fees = fills.reduce(
    (sum, { fee }) => (fee.asset === market.quote ? plus(sum, quote(fee.amount)) : sum),
    ZERO_QUOTE,
  );
  return {
    tally: {`,
        replace: `  const fees = fills.reduce(
    (sum, { fee }) => (fee.asset === market.quote ? plus(sum, quote(fee.amount)) : sum),
    ZERO_QUOTE,
  );
  return {
    end: { state: 'SOLD', detail: 'sold' },
    tally: {`,
      },
    ],
    guarantee: '3',
    withinSeeds: 15,
  },
  {
    name: 'owed-sale-not-told',
    edits: [
      {
        file: 'shared/copying/run-copy.ts',
        find: "if (owed !== undefined) meter.count('SaleOwed'",
        replace: "if (owed !== undefined && outcome.state === 'FILLED') meter.count('SaleOwed'",
      },
    ],
    guarantee: 'liveness',
    withinSeeds: 100,
  },
  {
    name: 'unfinished-exit-not-told',
    edits: [
      {
        file: 'shared/exit/run-exit.ts',
        find: "if (report.state === 'INCOMPLETE') ports.meter.count(",
        replace: "if (report.state === 'INCOMPLETE' && report.results.length > 99) ports.meter.count(",
      },
    ],
    guarantee: 'liveness',
    withinSeeds: 15,
  },
  {
    name: 'ended-copy-delivered-for-ever',
    edits: [
      {
        file: 'shared/copying/run-copy.ts',
        find: 'if (copy.outcome !== undefined) return copy.outcome;',
        replace: "if (copy.outcome !== undefined) throw new Error('it has ended');",
      },
    ],
    guarantee: 'liveness',
    withinSeeds: 45,
  },
];
