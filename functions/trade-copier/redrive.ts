import type { Trade, TradeRange } from '../../shared/copying/trade.ts';
import { HOUR, iso, MINUTE } from '../../shared/time/clock.ts';
import { fanOutFailed } from './fan-out-failed.ts';
import type {
  RedriveInput,
  RedrivenTrade,
  RedrivePorts,
  RedriveReport,
  RedriveRequest,
} from './redrive-contract.ts';
import { type FanOut, FanOutUnfinished, fanOut, lookAtFanOut } from './trade-copier.ts';

/** Trades of one call. */
const MOST_TRADES = 1_000;
/** A trade is published after it was made, by a tick that may itself have been late. */
const PUBLISHED_LATE_MS = HOUR;
/** The exchange's clock, which times a trade, may be ahead of the one that times its publication. */
const CLOCKS_APART_MS = MINUTE;

/**
 * Fans a master's trades out again, oldest first: those of an hour before the time asked for, too, since a
 * trade that is done already is not harmed. Stops at the first that fails, so that no later one goes before
 * it, and says from where to go on.
 *
 * @param mayGoOn whether there is time left
 * @throws LedgerError when the trades cannot be read: nothing was done
 */
export const redriveTrades = async (
  input: RedriveInput,
  ports: RedrivePorts,
  mayGoOn: () => boolean,
): Promise<RedriveReport> => {
  const { masterId, dryRun } = input;
  const range = rangeOf(input);
  const found = await ports.trades.list(masterId, range, MOST_TRADES + 1);
  const trades: RedrivenTrade[] = [];
  let why: string | undefined;
  for (const trade of found.slice(0, MOST_TRADES)) {
    try {
      const result = await (dryRun ? lookAtFanOut : fanOut)(trade, ports, mayGoOn);
      trades.push(lineOf(trade, result));
    } catch (error) {
      why = reasonOf(trade, error, ports);
      break;
    }
  }
  if (why === undefined && found.length > MOST_TRADES) why = `one call does at most ${MOST_TRADES} trades`;
  ports.log.info('trades redriven', {
    master: masterId,
    found: found.length,
    done: trades.length,
    dryRun,
    why,
  });
  const done = why === undefined;
  return {
    masterId,
    state: dryRun ? (done ? 'PLANNED' : 'PLANNED_IN_PART') : done ? 'DONE' : 'INCOMPLETE',
    lookedAt: {
      since: iso(range.since),
      ...(range.until === undefined ? {} : { until: iso(range.until) }),
    },
    found: Math.min(found.length, MOST_TRADES),
    trades,
    ...(why === undefined ? {} : { why, next: { redrive: nextOf(input, trades) } }),
  };
};

const rangeOf = ({ since, until, after }: RedriveInput): TradeRange => ({
  ...(after === undefined ? { since: Math.max(0, since - PUBLISHED_LATE_MS) } : { since, after }),
  ...(until === undefined ? {} : { until: until + CLOCKS_APART_MS }),
});

const lineOf = ({ tradeId, symbol, side, at }: Trade, result: FanOut): RedrivenTrade => ({
  tradeId,
  symbol,
  side,
  at: iso(at),
  ...result,
});

/** Why it stops here. Running out of time is no failure: the operator asks again. */
const reasonOf = (trade: Trade, error: unknown, ports: RedrivePorts): string => {
  if (error instanceof FanOutUnfinished) return error.message;
  fanOutFailed(error, { trade: trade.tradeId, master: trade.masterId }, ports);
  return `trade ${trade.tradeId} could not be fanned out, and none behind it was tried: ${error instanceof Error ? error.message : String(error)}`;
};

const nextOf = (
  { masterId, since, until, after, dryRun }: RedriveInput,
  done: readonly RedrivenTrade[],
): RedriveRequest => {
  const last = done.at(-1);
  const from = last === undefined ? { since: iso(since), after } : { since: last.at, after: last.tradeId };
  return {
    masterId,
    since: from.since,
    ...(from.after === undefined ? {} : { after: from.after }),
    ...(until === undefined ? {} : { until: iso(until) }),
    dryRun,
  };
};
