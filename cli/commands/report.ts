import * as z from 'zod';
import type { ViewAnswerOf } from '../../shared/reporting/view-contract.ts';
import { type AddCommand, examples } from '../command.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT_CODES } from '../outcome.ts';
import { basisPoints, counted, duration, moment, money } from '../screen/figures.ts';
import type { Block, Cell, Shown } from '../screen/shown.ts';
import { everyPage, view } from '../transport/view.ts';
import { isFailing } from './accounts/list.ts';
import { findingsBlock } from './findings-block.ts';
import { periodOf, zPeriodOptions } from './moments.ts';
import { stateCell } from './state-cell.ts';

const zOptions = z.object(zPeriodOptions);
type Period = ReturnType<typeof periodOf>;

export const addReport: AddCommand = (program, does) => {
  program
    .command('report')
    .summary('all at once: switches, masters, accounts, copies, events, findings')
    .description(
      'Reads the ledger alone. Copies and events are those of the last 30 days unless told. What cannot be read says so, beside the rest.',
    )
    .option('--from <moment>', 'copies and events from then on, like 2026-01-31 (UTC)')
    .option('--to <moment>', 'until then')
    .addHelpText(
      'after',
      `\nEnds with 1 where a part, or something of an account, could not be read.\n${examples('report', 'report --from 2026-01-01 --stage prod', 'report --json > report.json')}`,
    )
    .action(does(zOptions, async (context, _args, options) => await report(context, periodOf(options))));
};

/** A part that could not be read, beside those that could. */
type Part<T> =
  | { readonly readable: true; readonly answer: T }
  | { readonly readable: false; readonly code: string; readonly message: string };

const partOf = async <T>(read: Promise<T>): Promise<Part<T>> => {
  try {
    return { readable: true, answer: await read };
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return { readable: false, code: error.code, message: error.message };
  }
};

const report = async ({ functions, progress }: Context, period: Period): Promise<Shown> => {
  const [overview, copies, events] = await progress.during(
    () => 'reading the ledger',
    Promise.all([
      partOf(everyPage(functions, 'overview', { limit: 100 })),
      partOf(view(functions, 'distribution', period)),
      partOf(view(functions, 'events', { most: 30, limit: 200, ...period })),
    ]),
  );
  const whole =
    overview.readable &&
    overview.answer.every(isWhole) &&
    copies.readable &&
    events.readable &&
    events.answer.failing.length === 0;
  return {
    exitCode: whole ? EXIT_CODES.done : EXIT_CODES.failed,
    document: { target: functions.target, overview, copies, events },
    blocks: [
      ...sectionOf('Accounts', overview, overviewBlocks),
      ...sectionOf('Copies', copies, copiesBlocks),
      ...sectionOf('Events', events, eventBlocks),
    ],
  };
};

const isWhole = ({ accounts, halts }: ViewAnswerOf<'overview'>): boolean =>
  !accounts.some(isFailing) && [halts.halt, halts.breaker].every(({ state }) => state !== 'unreadable');

const sectionOf = <T>(
  title: string,
  part: Part<T>,
  blocks: (answer: T) => readonly Block[],
): readonly Block[] => [
  { kind: 'heading', text: title },
  ...(part.readable
    ? blocks(part.answer)
    : [{ kind: 'text', tone: 'bad', text: `It could not be read: ${part.message}` } as const]),
];

const overviewBlocks = (pages: readonly ViewAnswerOf<'overview'>[]): readonly Block[] => {
  const [first] = pages;
  if (first === undefined) return [];
  const findings = pages.flatMap((page) => page.findings);
  return [
    {
      kind: 'facts',
      facts: [['stage', first.stage], ['at', `${moment(first.at)} UTC`], ...haltFacts(first)],
    },
    {
      kind: 'table',
      columns: [
        { title: 'MASTER' },
        { title: 'LAST TICK (UTC)' },
        { title: 'MODE' },
        { title: 'FOLLOWERS', right: true },
        { title: 'HEALTH' },
      ],
      rows: first.masters.map((master): readonly Cell[] => [
        master.masterId,
        master.lastTick === undefined ? 'never' : moment(master.lastTick.at),
        master.mode ?? '',
        master.followers === undefined ? 'unknown' : String(master.followers),
        master.healthy ? { text: 'healthy', tone: 'good' } : { text: master.reason, tone: 'bad' },
      ]),
      none: 'There are no masters.',
    },
    {
      kind: 'table',
      columns: [
        { title: 'ACCOUNT' },
        { title: 'STATE' },
        { title: 'EQUITY', right: true },
        { title: 'PROFIT', right: true },
        { title: 'WHY' },
      ],
      rows: pages
        .flatMap((page) => page.accounts)
        .map(({ accountId, state, worth, reason }): readonly Cell[] => [
          accountId,
          stateCell(state),
          worth.known ? money(worth.equity) : { text: 'unknown', tone: 'warn' },
          worth.known ? money(worth.profit) : { text: 'unknown', tone: 'warn' },
          reason,
        ]),
      none: 'There are no accounts.',
    },
    ...(findings.length === 0 ? [] : [findingsBlock(findings)]),
  ];
};

const haltFacts = ({ halts }: ViewAnswerOf<'overview'>): readonly (readonly [string, Cell])[] => [
  ['halt', switchCell(halts.halt)],
  ['breaker', switchCell(halts.breaker)],
];

const switchCell = (
  one: ViewAnswerOf<'overview'>['halts']['halt'] | ViewAnswerOf<'overview'>['halts']['breaker'],
): Cell => {
  switch (one.state) {
    case 'off':
      return { text: 'off', tone: 'good' };
    case 'on':
      return { text: `on since ${moment(one.since)} UTC, by ${one.by}: ${one.why}`, tone: 'warn' };
    case 'unreadable':
      return { text: `unreadable, so nobody buys: ${one.why}`, tone: 'bad' };
  }
};

const copiesBlocks = (answer: ViewAnswerOf<'distribution'>): readonly Block[] => [
  {
    kind: 'text',
    text: `${counted(answer.copies, 'copy', 'copies')} of trades since ${moment(answer.since)} UTC${answer.complete ? '' : ': there were more, these are the newest'}.`,
  },
  {
    kind: 'table',
    columns: [{ title: 'OUTCOME' }, { title: 'COPIES', right: true }],
    rows: Object.entries(answer.outcomes)
      .sort(([, a], [, b]) => b - a)
      .map(([outcome, count]) => [outcome, String(count)]),
    none: 'There were none.',
  },
  {
    kind: 'table',
    columns: [
      { title: 'OF FILLED COPIES' },
      { title: 'LEAST', right: true },
      { title: 'MEDIAN', right: true },
      { title: '95 %', right: true },
      { title: 'MOST', right: true },
    ],
    rows: [
      ...spreadRow('latency to the order', answer.orderLatencyMs, duration),
      ...spreadRow('latency to the fill', answer.fillLatencyMs, duration),
      ...spreadRow('slippage, bp', answer.slippageBps, basisPoints),
    ],
    none: 'None was filled.',
  },
];

const spreadRow = <T>(
  name: string,
  spread: { readonly min: T; readonly median: T; readonly p95: T; readonly max: T } | null,
  shown: (figure: T) => string,
): readonly (readonly Cell[])[] =>
  spread === null
    ? []
    : [[name, shown(spread.min), shown(spread.median), shown(spread.p95), shown(spread.max)]];

const eventBlocks = (answer: ViewAnswerOf<'events'>): readonly Block[] => [
  {
    kind: 'table',
    columns: [{ title: 'WHEN (UTC)' }, { title: 'ACCOUNT' }, { title: 'KIND' }, { title: 'WHAT' }],
    rows: answer.events.map(({ at, accountId, kind, what, severity, by, why }): readonly Cell[] => [
      moment(at),
      accountId ?? 'all',
      severity === 'info' ? kind : { text: kind, tone: severity === 'critical' ? 'bad' : 'warn' },
      `${what}${by === undefined ? '' : ` (by ${by}${why === undefined ? '' : `: ${why}`})`}`,
    ]),
    none: answer.failing.length === 0 ? 'Nothing happened.' : 'Nothing in what could be read.',
  },
  ...leftOut(answer).map((text): Block => ({ kind: 'text', tone: 'warn', text })),
  ...answer.failing.map(
    ({ accountId, part, why }): Block => ({
      kind: 'text',
      tone: 'bad',
      text: `${part}${accountId === undefined ? '' : ` of ${accountId}`} could not be read: ${why}`,
    }),
  ),
];

/** What of the events is not among those shown. */
const leftOut = ({ cutKinds, page }: ViewAnswerOf<'events'>): readonly string[] => [
  ...(cutKinds.length === 0
    ? []
    : [
        `There were more (${cutKinds.join(', ')}): these are the newest. A shorter time, by --from and --to, has them.`,
      ]),
  ...(page.next === undefined
    ? []
    : [`Of single accounts these are the events of the first ${page.covered} of ${page.accounts}.`]),
];
