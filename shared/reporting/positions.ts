import type { Account, AccountId } from '../account/account.ts';
import { type Asset, isCash } from '../exchange/market.ts';
import type { RecordedFill } from '../ledger/ledger.ts';
import type { Position } from '../ledger/position.ts';
import { attemptRead, type Read } from '../ledger/read.ts';
import { averagePrice, minus, notional, price, text } from '../money/money.ts';
import type { Watch } from '../protection/watch.ts';
import type { EquitySnapshot } from '../snapshot/snapshot.ts';
import { readValue } from './account-facts.ts';
import { eachOf } from './at-once.ts';
import type { Level, PositionView } from './contract/position-answer.ts';
import { plannedLevels, protectiveLevels } from './levels.ts';
import { type AccountsAsked, accountPage, isUser } from './pages.ts';
import type { ReportingPorts } from './ports.ts';
import type { ViewAnswerOf } from './view-contract.ts';

type AccountPositions = ViewAnswerOf<'positions'>['accounts'][number];

/** @throws LedgerError where not even the accounts can be listed */
export const answerPositions = async (
  asked: AccountsAsked,
  ports: ReportingPorts,
): Promise<ViewAnswerOf<'positions'>> => {
  const { ids, page } = await accountPage(asked, ports);
  const accounts = await eachOf(ids, async (accountId): Promise<AccountPositions> => {
    const read = await attemptRead(async () => await positionsOf(accountId, ports));
    return read.readable ? read.value : { accountId, ...read };
  });
  return { query: 'positions', at: ports.clock.now(), accounts: [...accounts], page };
};

/** What the levels of an account's positions are judged by. */
interface Judging {
  readonly account: Account;
  readonly watches: ReadonlyMap<string, Watch>;
  readonly plans: ReadonlyMap<string, Read<unknown>>;
}

const positionsOf = async (accountId: AccountId, { ledger }: ReportingPorts): Promise<AccountPositions> => {
  const [positions, { profile, unjudged }, snapshot] = await Promise.all([
    ledger.positions.list(accountId),
    ledger.history.records(accountId),
    attemptRead(() => ledger.history.lastSnapshot(accountId)),
  ]);
  const account = readValue(profile);
  const judging = await attemptRead(async (): Promise<Judging> => {
    if (!profile.readable) throw new Error(profile.why);
    if (profile.value === undefined) throw new Error(`there is no account of this id (given '${accountId}')`);
    const user = isUser(accountId);
    const [watches, plans] = await Promise.all([
      user && positions.length > 0 ? ledger.protections.watches(accountId) : [],
      user || positions.length === 0
        ? new Map<string, Read<unknown>>()
        : ledger.strategyStates.all(accountId),
    ]);
    const bySymbol = new Map(watches.map((watch) => [String(watch.symbol), watch]));
    return { account: profile.value, watches: bySymbol, plans };
  });
  const user = isUser(accountId);
  const views = await eachOf(positions, async (position) => {
    const fill = user
      ? await attemptRead(() => ledger.history.lastFill(accountId, position.symbol))
      : undefined;
    return positionView(position, snapshot, fill === undefined ? undefined : readValue(fill), {
      judging,
      unjudged: readValue(unjudged)?.subjects.find(({ of }) => of === position.symbol),
    });
  });
  return {
    accountId,
    readable: true,
    quoteCurrency: account?.quoteCurrency ?? 'USD',
    positions: [...views],
    ...(judging.readable ? {} : { levelsUnreadable: judging.why }),
    ...(unjudged.readable || !user ? {} : { unjudgedUnreadable: unjudged.why }),
  };
};

const positionView = (
  position: Position,
  snapshot: Read<EquitySnapshot | undefined>,
  fill: RecordedFill | undefined,
  {
    judging,
    unjudged,
  }: {
    readonly judging: Read<Judging>;
    readonly unjudged: { readonly why: string; readonly since: number; readonly checks: number } | undefined;
  },
): PositionView => {
  const { symbol, quantity, costBasis, openedAt } = position;
  const known = lastPrice(position, snapshot, fill);
  const value = known.known ? notional(quantity, price(known.price)) : undefined;
  const watch = readValue(judging)?.watches.get(symbol);
  const levels = levelsOf(position, judging, watch);
  const selling = watch?.running;
  return {
    symbol,
    quantity: text(quantity),
    costBasis: text(costBasis),
    ...(costBasis.gt(0) ? { averageCost: text(averagePrice(costBasis, quantity)) } : {}),
    openedAt,
    price: known,
    ...(value === undefined ? {} : { value: text(value), unrealised: text(minus(value, costBasis)) }),
    levels: [...(readValue(levels) ?? [])],
    ...(levels.readable ? {} : { levelsUnreadable: levels.why }),
    ...(unjudged === undefined
      ? {}
      : { unjudged: { why: unjudged.why, since: unjudged.since, checks: unjudged.checks } }),
    ...(selling === undefined ? {} : { selling }),
  };
};

const levelsOf = (
  position: Position,
  judging: Read<Judging>,
  watch: Watch | undefined,
): Read<readonly Level[]> => {
  if (!judging.readable) return judging;
  const { account, plans } = judging.value;
  if (isUser(account.accountId)) return { readable: true, value: protectiveLevels(position, account, watch) };
  const plan = plans.get(position.symbol);
  if (plan === undefined) return { readable: true, value: [] };
  return plan.readable ? plannedLevels(plan.value) : plan;
};

const NO_PRICE = 'neither a snapshot nor a fill has had a price for it yet: its next check brings one';

/** The newest of what a snapshot and a fill say: both are prices in cash only where the market is one against cash. */
const lastPrice = (
  { symbol }: Position,
  snapshot: Read<EquitySnapshot | undefined>,
  fill: RecordedFill | undefined,
): PositionView['price'] => {
  const [base = '', quoted = ''] = symbol.split('/');
  const measured = isCash(quoted) ? measuredPrice(base, readValue(snapshot)) : undefined;
  if (fill !== undefined && (measured === undefined || fill.at >= measured.at))
    return { known: true, price: text(fill.price), from: 'fill', at: fill.at };
  if (measured !== undefined) return { known: true, ...measured };
  return {
    known: false,
    why: snapshot.readable ? NO_PRICE : `its last snapshot cannot be read: ${snapshot.why}`,
  };
};

const measuredPrice = (base: Asset, snapshot: EquitySnapshot | undefined) => {
  const worth = snapshot?.holdings.find(({ asset }) => asset === base)?.price;
  return snapshot === undefined || worth === undefined
    ? undefined
    : { price: text(worth), from: 'snapshot' as const, at: snapshot.at };
};
