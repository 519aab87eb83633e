import type { Account, AccountId } from '../account/account.ts';
import { UnknownAccount } from '../account/errors.ts';
import { isUnusable } from '../account/unusable.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { ExitPorts } from '../exit/exit-contract.ts';
import type { ExitRequest } from '../exit/exit-request.ts';
import { runExit } from '../exit/run-exit.ts';
import { attemptRead, type Read } from '../ledger/read.ts';
import { describeError } from '../telemetry/describe-error.ts';
import { type Instant, SECOND } from '../time/clock.ts';
import { giveWay } from '../vault/give-way.ts';
import type { Copy, CopyOutcome } from './copy.ts';
import { QUEUE_RETRIES_MS } from './copy-message.ts';
import { makeGood } from './make-good.ts';
import { type MadeGoodBy, type OwingCopy, owesSale } from './owed-sale.ts';
import { runCopy } from './run-copy.ts';
import type { Trade } from './trade.ts';

export type RedrivePorts = ExitPorts;

/** What there is of time for it. */
export interface RedriveTime {
  /** Asked before each thing that is gone on with: one of them may take half a minute, and its patience. */
  mayGoOn(): boolean;
  /** Of all pauses of the next one for a key that has asked too often. */
  patienceMs(): number;
}

/** Of one copy: a check has other work, and its next one tries again. Most of it is for the order. */
const COPY_MS = 40 * SECOND;

/** What became of the unfinished work of one account. Empty lists: there was none. */
export interface RedriveReport {
  readonly accountId: AccountId;
  readonly exits: readonly {
    readonly requestId: string;
    readonly state: 'FLAT' | 'INCOMPLETE' | 'FAILED';
    readonly notes: readonly string[];
  }[];
  readonly sales: readonly {
    readonly tradeId: string;
    readonly symbol: MarketSymbol;
    readonly state: 'MADE_GOOD' | 'STILL_OWED';
    /** Only where it is made good. */
    readonly by?: MadeGoodBy;
    readonly detail: string;
  }[];
  readonly copies: readonly {
    readonly tradeId: string;
    readonly symbol: MarketSymbol;
    readonly state: CopyOutcome['state'] | 'OPEN';
    readonly detail: string;
  }[];
  /** What could not even be looked for, and why. */
  readonly failures: readonly string[];
  /** How many were left for the next check: time ran out, or an older sale of the same symbol is still owed. */
  readonly left: number;
  /** How many of these for want of time. */
  readonly outOfTime: number;
}

/**
 * Goes on with what an account has begun and not finished: its exits that are not flat, then the sales that it
 * owes and the copies that the queue has given up or never had, the oldest first. Each takes the account's key for
 * itself.
 *
 * Never throws: what fails is in the report, stops nothing else but younger owed sales of its symbol, and is
 * tried again with the next call.
 */
export const redriveWork = async (
  accountId: AccountId,
  { mayGoOn, patienceMs }: RedriveTime,
  ports: RedrivePorts,
): Promise<RedriveReport> => {
  const { ledger, log, clock } = ports;
  const inTurn = async <T>(goOn: () => Promise<T>): Promise<T> => {
    const since = clock.now();
    const result = await goOn();
    await giveWay(since, clock);
    return result;
  };
  const failures: string[] = [];
  const orNone = <T>(read: Read<T>, what: string): T | undefined => {
    if (read.readable) return read.value;
    failures.push(`${what}: ${read.why}`);
    log.warn('unfinished work could not be looked for', { account: accountId, what, why: read.why });
    return undefined;
  };
  const exits: RedriveReport['exits'][number][] = [];
  let left = 0;
  let outOfTime = 0;
  const open = await attemptRead(() => ledger.exits.unfinished(accountId));
  for (const request of orNone(open, 'its exits') ?? []) {
    if (mayGoOn()) exits.push(await inTurn(() => goOn(request, patienceMs(), ports)));
    else {
      left += 1;
      outOfTime += 1;
    }
  }
  const found = orNone(await attemptRead(() => ledger.copies.unfinished(accountId)), 'its copies') ?? [];
  const account =
    found.length === 0
      ? undefined
      : orNone(await attemptRead(() => accountOf(accountId, ports)), 'its profile');
  const due = found.filter((copy) => isDue(copy, account, ports.clock.now()));
  const sales: RedriveReport['sales'][number][] = [];
  const copies: RedriveReport['copies'][number][] = [];
  const waiting = new Set<MarketSymbol>();
  let unusable: Error | undefined;
  for (const copy of due) {
    const { symbol } = copy.trade;
    const mayNot = account !== undefined && !mayGoOn();
    if (mayNot) outOfTime += 1;
    if (account === undefined || mayNot || (owesSale(copy) && waiting.has(symbol))) {
      left += 1;
      continue;
    }
    if (!owesSale(copy)) {
      copies.push(await inTurn(() => copyAgain(copy, ports)));
      continue;
    }
    const result = await inTurn(() =>
      sellAgain(copy, account, { unusable, patienceMs: patienceMs() }, ports),
    );
    if (isUnusable(result.error)) unusable = result.error;
    if (result.sale.state === 'STILL_OWED') waiting.add(symbol);
    sales.push(result.sale);
  }
  return { accountId, exits, sales, copies, failures, left, outOfTime };
};

const accountOf = async (accountId: AccountId, { ledger }: RedrivePorts): Promise<Account> => {
  const account = await ledger.accounts.get(accountId);
  if (account === undefined) throw new UnknownAccount(accountId);
  return account;
};

const isDue = (copy: Copy, account: Account | undefined, now: Instant): boolean => {
  if (copy.outcome !== undefined) return owesSale(copy);
  return (
    now - copy.createdAt >= QUEUE_RETRIES_MS ||
    // Whoever stopped following is not handed the trade again: where the first message was lost, no other comes.
    (account !== undefined && !followedWhen(copy.trade, account))
  );
};

/** As fan-outs see it: who left, or left and came back since, is not among the followers any more. */
const followedWhen = ({ masterId, at }: Trade, { follows, followsSince, registeredAt }: Account): boolean =>
  follows === masterId && (followsSince ?? registeredAt) <= at;

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const goOn = async (
  { accountId, requestId, scope, symbols }: ExitRequest,
  patienceMs: number,
  ports: RedrivePorts,
): Promise<RedriveReport['exits'][number]> => {
  const input = {
    accountId,
    requestId,
    scope,
    dryRun: false,
    ...(symbols === undefined ? {} : { symbols: [...symbols] }),
  };
  try {
    const { state, notes } = await runExit(input, ports, { patienceMs });
    return { requestId, state: state === 'FLAT' ? 'FLAT' : 'INCOMPLETE', notes };
  } catch (error) {
    ports.log.warn('an exit could not go on', {
      account: accountId,
      cause: `exit ${requestId}`,
      why: said(error),
    });
    return { requestId, state: 'FAILED', notes: [said(error)] };
  }
};

const copyAgain = async (
  { accountId, trade }: Copy,
  ports: RedrivePorts,
): Promise<RedriveReport['copies'][number]> => {
  const { tradeId, masterId, symbol } = trade;
  const until = ports.clock.now() + COPY_MS;
  const remainingMs = (): number => until - ports.clock.now();
  try {
    const outcome = await runCopy({ accountId, masterId, tradeId }, { ...ports, remainingMs });
    return {
      tradeId,
      symbol,
      state: outcome.state,
      detail: outcome.state === 'FILLED' ? 'filled' : `${outcome.reason}: ${outcome.detail}`,
    };
  } catch (error) {
    const fields = { account: accountId, trade: tradeId };
    ports.log.error('a copy stays open and is run again with the next check', error, fields);
    ports.meter.count('CopyUnfinished', { ...fields, error: describeError(error)['error'] });
    return { tradeId, symbol, state: 'OPEN', detail: said(error) };
  }
};

/** @param unusable why the account's key serves for nothing: then the exchange is not asked again */
const sellAgain = async (
  copy: OwingCopy,
  account: Account,
  { unusable, patienceMs }: { readonly unusable: Error | undefined; readonly patienceMs: number },
  ports: RedrivePorts,
): Promise<{ readonly sale: RedriveReport['sales'][number]; readonly error?: unknown }> => {
  const { tradeId, symbol } = copy.trade;
  try {
    if (unusable !== undefined) throw unusable;
    const { madeGood } = await makeGood(copy, account, patienceMs, ports);
    const head = {
      tradeId,
      symbol,
      state: 'MADE_GOOD',
      detail: madeGood?.detail ?? 'by another check',
    } as const;
    return { sale: madeGood === undefined ? head : { ...head, by: madeGood.by } };
  } catch (error) {
    await noteTry(copy, error, ports);
    return { sale: { tradeId, symbol, state: 'STILL_OWED', detail: said(error) }, error };
  }
};

/** Counted in any case: the alarm must not hang on a write. */
const noteTry = async (
  { accountId, trade }: OwingCopy,
  error: unknown,
  { ledger, clock, log, meter }: RedrivePorts,
): Promise<void> => {
  const fields = { account: accountId, trade: trade.tradeId, symbol: trade.symbol };
  log.error('a sale is still owed', error, fields);
  meter.count('SaleStillOwed', { ...fields, error: describeError(error)['error'] });
  const noted = await attemptRead(async () => {
    const copy = await ledger.copies.get(accountId, trade.tradeId);
    if (copy === undefined || !owesSale(copy)) return;
    const { owed } = copy;
    await ledger.copies.saveOwed(copy, {
      ...owed,
      tries: owed.tries + 1,
      lastReason: said(error),
      lastTriedAt: clock.now(),
      version: owed.version + 1,
    });
  });
  if (!noted.readable) log.warn('a try of an owed sale was not noted', { ...fields, why: noted.why });
};
