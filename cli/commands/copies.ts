import * as z from 'zod';
import { zMasterId, zUserId } from '../../shared/account/account.ts';
import type { CopyView } from '../../shared/reporting/contract/trade-answer.ts';
import { type AddCommand, examples } from '../command.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT_CODES, UsageProblem } from '../outcome.ts';
import { counted } from '../screen/figures.ts';
import type { Shown } from '../screen/shown.ts';
import { view } from '../transport/view.ts';
import { copyTable } from './copy-table.ts';
import { periodOf, zPeriodOptions } from './moments.ts';

const MOST = 200;
const zOptions = z.object({
  account: zUserId.optional(),
  master: zMasterId.optional(),
  limit: z.coerce.number().int().min(1).max(10_000, 'at most 10000').default(50),
  ...zPeriodOptions,
});
type CopiesOptions = z.infer<typeof zOptions>;

export const addCopies: AddCommand = (program, does) => {
  program
    .command('copies')
    .summary('who got what of a trade, why not, how late, and at which price')
    .description(
      'Of one trade, all accounts that copied it; of one account, its copies, the newest first; without either, those of the latest trade.',
    )
    .argument('[trade]', 'the id of a trade, as nija trades shows it')
    .option('--account <account>', 'a user, like u-ann')
    .option('--master <master>', 'whose trade it is; needed where there are several masters')
    .option('--from <moment>', 'of trades from then on, like 2026-01-31 (UTC)')
    .option('--to <moment>', 'of trades until then')
    .option('--limit <n>', 'so many at most (default: 50)')
    .addHelpText('after', examples('copies', 'copies --account u-ann --limit 20', 'copies TRADE --json'))
    .action(
      does(zOptions, async (context, [trade], options) => {
        const of = await whichOf(context, trade, options);
        if (of === undefined)
          return { exitCode: EXIT_CODES.done, document: { copies: [] }, blocks: [copyTable([])] };
        return shownOf(await read(context, of, options));
      }),
    );
};

interface Which {
  readonly accountId?: string;
  readonly masterId?: string;
  readonly tradeId?: string;
}

/** Undefined where there was no trade yet. @throws UsageProblem where several masters could be meant */
const whichOf = async (
  context: Context,
  tradeId: string | undefined,
  { account, master }: CopiesOptions,
): Promise<Which | undefined> => {
  if (account !== undefined) return { accountId: account, ...(tradeId === undefined ? {} : { tradeId }) };
  if (tradeId === undefined) return await latest(context, master);
  return { tradeId, masterId: master ?? (await onlyMaster(context)) };
};

const latest = async (
  { functions, progress }: Context,
  master: string | undefined,
): Promise<Which | undefined> => {
  const asked = { limit: 1, ...(master === undefined ? {} : { masterId: master }) };
  const { trades, failing } = await progress.during(
    () => 'looking for the latest trade',
    view(functions, 'trades', asked),
  );
  const [trade] = trades;
  if (trade !== undefined) return { tradeId: trade.tradeId, masterId: trade.masterId };
  if (failing.length === 0) return undefined;
  throw new CommandFailed(
    'UNREADABLE',
    `trades could not be read: ${failing.map(({ accountId, why }) => `${accountId}: ${why}`).join('; ')}`,
  );
};

const onlyMaster = async ({ functions, progress }: Context): Promise<string> => {
  const { masters } = await progress.during(() => 'looking for the master', view(functions, 'masters', {}));
  const [master, ...others] = masters;
  if (master !== undefined && others.length === 0) return master.masterId;
  throw new UsageProblem(
    `say whose trade it is with --master (given ${counted(masters.length, 'master')}: ${masters.map(({ masterId }) => masterId).join(', ')})`,
  );
};

const read = async (
  { functions, progress }: Context,
  of: Which,
  { limit, from, to }: CopiesOptions,
): Promise<{ readonly copies: readonly CopyView[]; readonly more: boolean }> => {
  const copies: CopyView[] = [];
  const all = async (): Promise<boolean> => {
    let cursor: string | undefined;
    do {
      const page = await view(functions, 'copies', {
        ...of,
        ...periodOf({ from, to }),
        limit: Math.min(MOST, limit - copies.length),
        ...(cursor === undefined ? {} : { cursor }),
      });
      copies.push(...page.copies);
      cursor = page.next;
    } while (cursor !== undefined && copies.length < limit);
    return cursor !== undefined;
  };
  const more = await progress.during(() => `reading copies: ${copies.length}`, all());
  return { copies, more };
};

const shownOf = ({
  copies,
  more,
}: {
  readonly copies: readonly CopyView[];
  readonly more: boolean;
}): Shown => {
  const unreadable = copies.filter(({ outcome }) => outcome === 'UNREADABLE').length;
  return {
    exitCode: unreadable === 0 ? EXIT_CODES.done : EXIT_CODES.failed,
    document: { copies, more },
    blocks: [
      copyTable(copies),
      ...(more
        ? [{ kind: 'text', tone: 'faint', text: 'There are more: ask with a higher --limit.' } as const]
        : []),
    ],
  };
};
