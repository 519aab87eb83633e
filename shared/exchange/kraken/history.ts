import type { Instant } from '../../time/clock.ts';
import { atOnce, type PagedReading } from '../exchange.ts';
import { failure, resultOf } from './answer.ts';
import type { KrakenClient } from './client.ts';
import { type RawTrade, zTradesHistory } from './schemas.ts';

const ENDPOINT = 'TradesHistory';

type Trades = ReadonlyMap<string, RawTrade>;

export interface History {
  readonly trades: Trades;
  /** As in Executions. */
  readonly readTo?: Instant;
}

interface Page {
  readonly entries: readonly (readonly [string, RawTrade])[];
  readonly count: number;
}

type ReadPage = (offset: number) => Promise<Page>;

/**
 * An account's trades at or after `since`. Kraken gives the newest first. Where there are more pages than may be
 * read, those from the other end are, so that whoever asks again from `readTo` on comes to all of them.
 */
export const tradesSince = async (
  client: KrakenClient,
  since: Instant,
  { keep, mostPages, patiently = atOnce }: PagedReading,
): Promise<History> => {
  // Whole seconds and exclusive at the exchange: ask for one second more.
  const start = String(Math.max(0, Math.floor(since / 1000) - 1));
  const readPage: ReadPage = async (offset) =>
    await patiently(async () => {
      const params = { start, ofs: String(offset), type: 'all', consolidate_taker: 'false' };
      const answer = await client.ask(ENDPOINT, params);
      const { trades, count } = resultOf(client.caller, ENDPOINT, answer, zTradesHistory);
      return { entries: Object.entries(trades), count };
    });
  const kept: ReadPage = async (offset) => {
    await keep();
    return await readPage(offset);
  };
  const newest = await readPage(0);
  const size = newest.entries.length;
  const history =
    size > 0 && newest.count > mostPages * size
      ? await oldest({ client, since, count: newest.count, size, pages: mostPages - 1 }, kept)
      : { trades: await all(newest, kept, client) };
  const { readTo } = history;
  const wanted = [...history.trades].filter(
    ([, { time }]) => time >= since && (readTo === undefined || time < readTo),
  );
  return { ...history, trades: new Map(wanted) };
};

/**
 * A trade that happens meanwhile pushes the list down: pages then overlap, and the ids tell. What is newer than the
 * first page is left to the next call.
 */
const all = async (newest: Page, readPage: ReadPage, client: KrakenClient): Promise<Trades> => {
  const trades = new Map(newest.entries);
  let offset = newest.entries.length;
  for (let page = newest; page.entries.length > 0 && offset < page.count; ) {
    page = await readPage(offset);
    const before = trades.size;
    for (const [id, trade] of page.entries) trades.set(id, trade);
    // The same page over and over, whatever is announced.
    if (trades.size === before) break;
    offset += page.entries.length;
  }
  if (trades.size >= newest.count) return trades;
  const said = `${trades.size} trades came of ${newest.count} announced`;
  throw failure(client.caller, ENDPOINT, 'MALFORMED_ANSWER', said);
};

/** How often a page is asked for again because the list grew meanwhile. */
const MOST_REPEATS = 5;

/**
 * At most as many pages as asked for; more only where they do not come beyond `since`, whose moment alone may have
 * more trades than that: who asks again from `readTo` on would read the same for ever.
 */
const oldest = async (
  {
    client,
    since,
    count,
    size,
    pages,
  }: { client: KrakenClient; since: Instant; count: number; size: number; pages: number },
  readPage: ReadPage,
): Promise<History> => {
  const trades = new Map<string, RawTrade>();
  let announced = count;
  let repeats = 0;
  for (let read = 0; ; ) {
    const page = await readPage(Math.max(0, announced - trades.size - size));
    if (page.count !== announced) {
      // A trade that happened meanwhile has pushed the list down: this page is not the one that was meant.
      repeats += 1;
      if (repeats > MOST_REPEATS) {
        const said = `the list of trades grew from ${count} to ${page.count} while it was read`;
        throw failure(client.caller, ENDPOINT, 'MALFORMED_ANSWER', said);
      }
      announced = page.count;
      continue;
    }
    const before = trades.size;
    for (const [id, trade] of page.entries) trades.set(id, trade);
    read += 1;
    if (trades.size >= announced) return { trades };
    if (trades.size === before) {
      const said = `${trades.size} trades came of ${announced} announced`;
      throw failure(client.caller, ENDPOINT, 'MALFORMED_ANSWER', said);
    }
    const times = [...trades.values()].map(({ time }) => time);
    const readTo = Math.max(...times);
    if (read >= pages && readTo > Math.max(since, Math.min(...times))) return { trades, readTo };
  }
};
