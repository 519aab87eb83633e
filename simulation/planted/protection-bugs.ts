import type { PlantedBug } from './bug.ts';

/** Mistakes in what protects positions, and in what ends and keeps its promises to operators. */
export const PROTECTION_BUGS: readonly PlantedBug[] = [
  {
    name: 'stop-that-never-fires',
    edits: [
      {
        file: 'shared/protection/decide.ts',
        find: 'if (settings.stopLoss === null || !position.costBasis.gt(0)) return undefined;',
        replace: 'if (settings.stopLoss === null || position.costBasis.gt(0)) return undefined;',
      },
    ],
    guarantee: '2',
    steps: 60,
    withinSeeds: 120,
  },
  {
    name: 'stop-taken-for-what-may-be-left',
    edits: [
      {
        file: 'shared/protection/decide.ts',
        find: 'if (notional(position.quantity, bid).gt(scale(position.costBasis, kept))) return undefined;',
        replace:
          'if (notional(position.quantity, bid).gt(scale(position.costBasis, plus(ONE, settings.stopLoss)))) return undefined;',
      },
    ],
    guarantee: '7',
    steps: 60,
    withinSeeds: 30,
  },
  {
    name: 'loss-judged-by-cash-alone',
    edits: [
      {
        file: 'shared/protection/equity-losses.ts',
        find: 'const { equity } = valuation;',
        replace: 'const { cash: equity } = valuation;',
      },
    ],
    guarantee: '7',
    steps: 60,
    withinSeeds: 60,
  },
  {
    name: 'symbol-left-out-of-an-exit',
    edits: [
      {
        file: 'shared/exit/exit-targets.ts',
        find: '...input.positions.map(({ symbol }) => symbol),',
        replace: '...input.positions.slice(1).map(({ symbol }) => symbol),',
      },
    ],
    guarantee: '3',
    steps: 40,
    withinSeeds: 100,
  },
  {
    name: 'refused-debt-called-dust',
    edits: [
      {
        file: 'shared/copying/make-good.ts',
        find: 'if (wasAll && isTooLittle(over))',
        replace: 'if (wasAll)',
      },
    ],
    guarantee: '3',
    steps: 60,
    withinSeeds: 120,
  },
  {
    name: 'halt-not-stored',
    edits: [
      {
        file: 'shared/ledger/dynamodb/control.ts',
        find: 'toItem(haltEntity, { engaged, ...asked })',
        replace: 'toItem(haltEntity, { ...asked, engaged: false })',
      },
    ],
    guarantee: '8',
    steps: 60,
    withinSeeds: 60,
  },
  {
    name: 'queue-group-for-each-copy',
    edits: [
      {
        file: 'shared/copying/sqs/copy-queue.ts',
        find: 'MessageGroupId: message.accountId,',
        replace: 'MessageGroupId: message.tradeId,',
      },
    ],
    guarantee: '5',
    steps: 60,
    withinSeeds: 60,
  },
];
