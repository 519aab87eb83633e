import type { Account } from '../../shared/account/account.ts';
import type { Connection } from '../../shared/account/connect.ts';
import { type Valuation, whyIncomplete } from '../../shared/account/equity.ts';
import { type Instant, iso, MINUTE } from '../../shared/time/clock.ts';
import { type Ingested, ingestFills, type ReadFrom, type Recorded } from './ingest-fills.ts';
import type { MasterTickPorts } from './master-tick.ts';

/** What one reading of the executions recorded and published; a part where it failed. */
export interface Ingestion extends Ingested {
  /** All of it, up to now. */
  readonly isKnown: boolean;
  /** What the tick must fail with in the end. */
  readonly problems: readonly Error[];
  /** The rest of an earlier reading: what was executed before its cursor need not be read again in this tick. */
  readonly isRest?: true;
}

/** The readings of one tick. None throws: positions are guarded all the same. */
export interface Ingestions {
  since(cursor: Instant | undefined): Promise<Ingestion>;
  /**
   * A part of what a reading left that ended before now, or failed; only this. Undefined where there is nothing to
   * go on with.
   */
  readOn(earlier: Ingestion): Promise<Ingestion | undefined>;
  /** What was executed since a reading in this tick. */
  after(earlier: Ingestion): Promise<Ingestion>;
}

/** Between two readings of the rules for a price that is missing. */
const REFRESH_MS = 10 * MINUTE;
/** The exchange's clock may lag behind ours. */
const LOOK_BACK_MS = MINUTE;

export interface ReadBy {
  readonly account: Account;
  readonly connection: Connection;
  /** For what is read beyond what every tick reads. */
  readonly patient: Connection;
}

export const ingestionsOf = (
  { account, connection, patient }: ReadBy,
  valuation: Valuation,
  ports: MasterTickPorts,
): Ingestions => {
  const { accountId } = account;

  const ingest = async (from: ReadFrom, by: Connection): Promise<Ingestion> => {
    const recorded: Recorded = { trades: [], sales: [] };
    try {
      await requirePrices(account, valuation, ports);
      const ingested = await ingestFills(account, by, valuation.equity, from, ports, recorded);
      const { unlisted, readTo } = ingested;
      const problems: Error[] = [];
      if (unlisted !== undefined)
        problems.push(
          new Error(
            `fill ${unlisted.fillId} of ${accountId} is in a market that was listed since the rules were read (given '${unlisted.pair}'): the next tick publishes it`,
          ),
        );
      if (readTo !== undefined)
        problems.push(
          new Error(
            `the executions of ${accountId} are read and published up to ${iso(readTo)} so far: the next ticks go on`,
          ),
        );
      return { ...ingested, problems, isKnown: readTo === undefined };
    } catch (error) {
      // The fills are still there in the next tick.
      const { trades, sales, missing } = recorded;
      const behind = missing === undefined ? {} : { readTo: missing };
      return { cursor: from.cursor, trades, sales, ...behind, problems: [asError(error)], isKnown: false };
    }
  };

  const since = async (cursor: Instant | undefined) => await ingest({ cursor }, connection);

  const readOn = async (earlier: Ingestion): Promise<Ingestion | undefined> => {
    const { cursor, readTo, unlisted, isKnown } = earlier;
    // What is not ingested yet would lie before what is read on from.
    if (isKnown || unlisted !== undefined) return undefined;
    if (readTo === undefined) return await ingest({ cursor }, patient);
    const rest = await ingest({ cursor, since: readTo }, patient);
    if (rest.isKnown || rest.readTo !== undefined) return { ...rest, isRest: true };
    return { ...rest, readTo, isRest: true, problems: [...earlier.problems, ...rest.problems] };
  };

  const after = async ({ cursor, isRest, unlisted }: Ingestion): Promise<Ingestion> => {
    const from = isRest && cursor !== undefined ? { cursor, since: cursor - LOOK_BACK_MS } : { cursor };
    const now = await ingest(from, patient);
    // One that is not ingested yet is met again, and must be by the next tick, too.
    return unlisted === undefined || cursor === undefined ? now : { ...now, cursor };
  };

  return { since, readOn, after };
};

/**
 * A master without the price of what it holds has no equity that its trades could be measured by. Where the price is
 * missing because the exchange does not list the market any more, the rules are known to say so in the next tick. By
 * what it owes its equity is too high, so that its purchases are copied too small: no reason to keep a sale back.
 */
const requirePrices = async (
  { accountId, exchange }: Account,
  valuation: Valuation,
  ports: MasterTickPorts,
): Promise<void> => {
  if (valuation.priced) return;
  await ports.marketRules.refresh(exchange, ports.clock.now() - REFRESH_MS);
  throw new Error(
    `what ${accountId} is worth is not known, and its fills are published when it is: ${whyIncomplete(valuation)}`,
  );
};

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
