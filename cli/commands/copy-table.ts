import type { CopyView } from '../../shared/reporting/contract/trade-answer.ts';
import { average, basisPoints, duration, exact, moment } from '../screen/figures.ts';
import type { Block, Cell, Tone } from '../screen/shown.ts';

const TONES: Readonly<Record<CopyView['outcome'], Tone>> = {
  FILLED: 'good',
  SKIPPED: 'warn',
  FAILED: 'bad',
  OPEN: 'strong',
  UNREADABLE: 'bad',
};

/** Who got what, why not, how late and at which price against the master's. */
export const copyTable = (copies: readonly CopyView[]): Block => ({
  kind: 'table',
  columns: [
    { title: 'TRADED (UTC)' },
    { title: 'ACCOUNT' },
    { title: 'SIDE' },
    { title: 'SYMBOL' },
    { title: 'OUTCOME' },
    { title: 'FILLED', right: true },
    { title: 'PRICE', right: true },
    { title: 'LATENCY', right: true },
    { title: 'SLIP BP', right: true },
    { title: 'WHY' },
  ],
  rows: copies.map((copy): readonly Cell[] => [
    copy.tradedAt === undefined ? 'unknown' : moment(copy.tradedAt),
    copy.accountId,
    copy.side ?? '',
    copy.symbol ?? '',
    { text: copy.outcome, tone: TONES[copy.outcome] },
    copy.filled === undefined ? '' : exact(copy.filled),
    copy.price === undefined ? '' : average(copy.price),
    copy.fillLatencyMs === undefined ? '' : duration(copy.fillLatencyMs),
    copy.slippageBps === undefined ? '' : basisPoints(copy.slippageBps),
    whyOf(copy),
  ]),
  none: 'There are no copies.',
});

const whyOf = ({ reason, detail, owed }: CopyView): string =>
  [
    ...(reason === undefined ? [] : [detail === undefined ? reason : `${reason}: ${detail}`]),
    ...(reason === undefined && detail !== undefined ? [detail] : []),
    ...(owed === undefined ? [] : [owedInWords(owed)]),
  ].join('; ');

const owedInWords = ({ remaining, madeGood, lastReason, tries }: NonNullable<CopyView['owed']>): string =>
  madeGood === undefined
    ? `owes ${remaining === undefined ? 'a sale' : exact(remaining)} after ${tries} tries: ${lastReason}`
    : `made good at ${moment(madeGood.at)} UTC, ${madeGood.by}: ${madeGood.detail}`;
