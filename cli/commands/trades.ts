import * as z from 'zod';
import { zMasterId } from '../../shared/account/account.ts';
import type { TradeView } from '../../shared/reporting/contract/trade-answer.ts';
import type { ViewAnswerOf } from '../../shared/reporting/view-contract.ts';
import { type AddCommand, examples } from '../command.ts';
import type { Context } from '../context.ts';
import { EXIT_CODES } from '../outcome.ts';
import { average, exact, moment, money } from '../screen/figures.ts';
import type { Block, Cell, Shown } from '../screen/shown.ts';
import { view } from '../transport/view.ts';
import { periodOf, zPeriodOptions } from './moments.ts';

const MOST = 100;
const zOptions = z.object({
  master: zMasterId.optional(),
  limit: z.coerce.number().int().min(1).max(10_000, 'at most 10000').default(20),
  copies: z.boolean().default(true),
  ...zPeriodOptions,
});
type TradesOptions = z.infer<typeof zOptions>;

export const addTrades: AddCommand = (program, does) => {
  program
    .command('trades')
    .summary('what masters traded, the newest first, and how its copies ended')
    .option('--master <master>', 'of one master, like m-apex')
    .option('--from <moment>', 'from then on, like 2026-01-31 (UTC)')
    .option('--to <moment>', 'until then')
    .option('--limit <n>', 'so many at most (default: 20)')
    .option('--no-copies', 'without how the copies ended: less is read')
    .addHelpText('after', examples('trades', 'trades --from 2026-01-31 --limit 100', 'copies TRADE'))
    .action(does(zOptions, async (context, _args, options) => shownOf(await read(context, options))));
};

interface Trades {
  readonly trades: readonly TradeView[];
  readonly failing: ViewAnswerOf<'trades'>['failing'];
  readonly more: boolean;
}

const read = async ({ functions, progress }: Context, options: TradesOptions): Promise<Trades> => {
  const { master, limit, copies } = options;
  const trades: TradeView[] = [];
  const failing = new Map<string, Trades['failing'][number]>();
  const all = async (): Promise<boolean> => {
    let cursor: string | undefined;
    do {
      const page = await view(functions, 'trades', {
        copies,
        ...periodOf(options),
        ...(master === undefined ? {} : { masterId: master }),
        limit: Math.min(MOST, limit - trades.length),
        ...(cursor === undefined ? {} : { cursor }),
      });
      trades.push(...page.trades);
      for (const one of page.failing) failing.set(one.accountId, one);
      cursor = page.next;
    } while (cursor !== undefined && trades.length < limit);
    return cursor !== undefined;
  };
  const more = await progress.during(() => `reading trades: ${trades.length}`, all());
  return { trades, failing: [...failing.values()], more };
};

const shownOf = (answer: Trades): Shown => {
  const { trades, failing, more } = answer;
  const whole = failing.length === 0 && trades.every(({ readable }) => readable);
  return {
    exitCode: whole ? EXIT_CODES.done : EXIT_CODES.failed,
    document: answer,
    blocks: [
      {
        kind: 'table',
        columns: [
          { title: 'WHEN (UTC)' },
          { title: 'MASTER' },
          { title: 'SIDE' },
          { title: 'SYMBOL' },
          { title: 'QUANTITY', right: true },
          { title: 'PRICE', right: true },
          { title: 'WORTH', right: true },
          { title: 'COPIES' },
          { title: 'TRADE' },
        ],
        rows: trades.map(rowOf),
        none: 'There are no trades.',
      },
      ...failing.map(
        ({ accountId, why }): Block => ({
          kind: 'text',
          tone: 'bad',
          text: `The trades of ${accountId} could not be read: ${why}`,
        }),
      ),
      ...(more
        ? [{ kind: 'text', tone: 'faint', text: 'There are more: ask with a higher --limit.' } as const]
        : []),
    ],
  };
};

const rowOf = (trade: TradeView): readonly Cell[] => {
  if (!trade.readable)
    return [
      moment(trade.at),
      trade.masterId,
      { text: 'unreadable', tone: 'bad' },
      '',
      '',
      '',
      '',
      trade.why,
      trade.tradeId,
    ];
  return [
    moment(trade.at),
    trade.masterId,
    trade.side,
    trade.symbol,
    exact(trade.quantity),
    average(trade.price),
    money(trade.notional),
    copiesOf(trade),
    trade.tradeId,
  ];
};

const copiesOf = ({ copies }: Extract<TradeView, { readable: true }>): Cell => {
  if (copies === undefined) return '';
  const { counts, next } = copies;
  const parts = [
    ...(counts.filled > 0 ? [`${counts.filled} filled`] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} skipped`] : []),
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(counts.open > 0 ? [`${counts.open} open`] : []),
    ...(counts.unreadable > 0 ? [`${counts.unreadable} unreadable`] : []),
  ];
  const text = `${parts.join(', ') || 'none'}${next === undefined ? '' : ' of the first accounts'}`;
  return counts.failed + counts.unreadable > 0 ? { text, tone: 'bad' } : text;
};
