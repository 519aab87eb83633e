import type { PlantedBug } from './bug.ts';

/**
 * What was not found in `withinSeeds` seeds. Kept so that nobody takes those that are found for all that can be wrong; one
 * that comes to be found moves to them.
 */
export const MISSED_BUGS: readonly PlantedBug[] = [
  {
    name: 'absence-believed-before-the-deadline',
    edits: [
      {
        file: 'shared/order/resume-order.ts',
        find: 'if (askedAt >= certainAt) return undefined;',
        replace: 'return undefined;',
      },
    ],
    guarantee: '4',
    withinSeeds: 60,
  },
  {
    name: 'missed-executions-forgotten',
    edits: [
      {
        file: 'shared/reconciliation/missed-fills.ts',
        find: 'const fills = await session.fillsOf(order);',
        replace: 'const fills: readonly Fill[] = [];',
      },
    ],
    guarantee: '10',
    withinSeeds: 60,
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
    steps: 60,
    withinSeeds: 30,
  },
  {
    name: 'position-closed-at-the-first-late-balance',
    edits: [
      {
        file: 'shared/reconciliation/judge-shortfall.ts',
        find: 'if (gone && goneBefore) {',
        replace: 'if (gone) {',
      },
    ],
    guarantee: '10',
    steps: 60,
    withinSeeds: 30,
  },
];
