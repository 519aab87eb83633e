import type { Copy } from '../copying/copy.ts';
import { text } from '../money/money.ts';
import { HOUR, type Instant, iso } from '../time/clock.ts';
import type { Month } from './month.ts';
import type { Parts } from './parts.ts';
import type { Stretch } from './stretch.ts';

/** Snapshots come every quarter of an hour: one so far from the end of a month is worth a word. */
const FAR_MS = HOUR;

export interface NotedFacts {
  readonly month: Month;
  readonly asOf: Instant;
  readonly stretches: readonly [Stretch, ...Stretch[]];
  readonly parts: Parts;
  /** Whether measuring of the account began in the month. */
  readonly begins: boolean;
  readonly copies: readonly Copy[];
  /** Snapshots of before are kept no longer than this statement looks back. */
  readonly earlierForgotten: boolean;
  readonly shared: boolean;
}

/** What the reader must know to read the figures right. */
export const notesOf = (facts: NotedFacts): string[] => [
  ...ofEnds(facts),
  ...ofParts(facts),
  ...ofTrades(facts),
  ...(facts.shared && facts.earlierForgotten
    ? [
        'Snapshots are kept for 400 days: the high-water mark looks back no further, and profit of before counts for nothing in it.',
      ]
    : []),
];

const ofEnds = ({ month, asOf, stretches, begins }: NotedFacts): readonly string[] => {
  const opened = stretches[0].from.snapshot.at;
  const closed = stretches.at(-1)?.to.snapshot.at ?? opened;
  const farFrom = (end: Instant, at: Instant) => Math.abs(end - at) > FAR_MS;
  return [
    ...(begins
      ? [`The account was measured for the first time at ${iso(opened)}: what was before is in no figure.`]
      : []),
    ...(!begins && farFrom(month.from, opened)
      ? [`The last snapshot before the month is of ${iso(opened)}: all since then is in this statement.`]
      : []),
    ...(asOf < month.to
      ? [`The month is not over: this is as of ${iso(closed)}, and what comes after it is not in it yet.`]
      : []),
    ...(asOf >= month.to && farFrom(month.to, closed)
      ? [
          `The last snapshot of the month is of ${iso(closed)}: what came after it is in the statement of the next month.`,
        ]
      : []),
  ];
};

const ofParts = ({ stretches, parts }: NotedFacts): readonly string[] => {
  const unknown = stretches.filter((stretch) => stretch.unknown);
  const spans = unknown.map(({ from, to }) => `${iso(from.snapshot.at)} to ${iso(to.snapshot.at)}`);
  return [
    ...(unknown.length === 0
      ? []
      : [
          `${text(parts.unexplained)} is unexplained: from ${spans.slice(0, 5).join(', from ')}${spans.length > 5 ? ` and ${spans.length - 5} more times` : ''} it is not known what came, what left and what was traded beside Nija.`,
        ]),
    ...(parts.otherTrades.isZero()
      ? []
      : [
          `${text(parts.otherTrades)} came of executions that are not in the ledger as Nija's: trades of the owner, valued at the prices of the next snapshot. No profit by lots is known of them.`,
        ]),
    ...(parts.unpriced.isZero()
      ? []
      : [
          `${text(parts.unpriced)} came of coins that had no price at one of two snapshots, and count as nothing without one.`,
        ]),
    ...(stretches.some(({ handOvers }) => handOvers.length > 0)
      ? [
          'Coins that passed between the owner and Nija did so at the price of the next snapshot, not at the cost that the ledger has: each accounts for what the price did while it had them.',
        ]
      : []),
  ];
};

const ofTrades = ({ stretches, copies }: NotedFacts): readonly string[] => {
  const fills = stretches.flatMap(({ trades }) => trades);
  const unvalued = fills.filter(({ fee }) => fee.value.isZero() && !fee.amount.isZero());
  const filled = copies.filter(({ outcome }) => outcome?.state === 'FILLED');
  const blind = filled.filter(
    ({ outcome }) => outcome?.state === 'FILLED' && outcome.marketPrice === undefined,
  );
  const open = copies.filter(({ outcome }) => outcome === undefined);
  return [
    ...(unvalued.length === 0
      ? []
      : [
          `The fees of ${unvalued.length} executions were taken in an asset without a price, and count as nothing.`,
        ]),
    ...(blind.length === 0
      ? []
      : [
          `With ${blind.length} of ${filled.length} copies the market's price at the decision was not kept: all of their price difference counts as slippage, none as latency.`,
        ]),
    ...(open.length === 0 ? [] : [`${open.length} copies had not ended when this was written.`]),
  ];
};
