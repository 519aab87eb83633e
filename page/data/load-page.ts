import {
  type ViewAnswerOf,
  type ViewQueryName,
  type ViewRequest,
  viewAnswerOf,
} from '../../shared/reporting/view-contract.ts';
import { fewAtOnce } from './few-at-once.ts';
import type { PageData, Read } from './page-data.ts';

/** Asks `view`, wherever it runs. */
export type AskView = (request: ViewRequest) => Promise<unknown>;

export interface PageSource {
  readonly ask: AskView;
  /** Now, in ms: only where no answer tells the time. */
  readonly now: () => number;
  /** What a part failed with: for a log, never for the page. */
  readonly report: (part: string, error: unknown) => void;
}

/** One page of accounts, in all its parts. */
const ACCOUNTS = 50;
const TRADES = 20;
/** Of each curve: more cannot be told apart on a screen. */
const POINTS = 120;
const EVENTS = 200;
/** A look must not crowd the ledger that copies and exits work in. */
const CALLS_AT_ONCE = 2;

/** @param cursor of a further page of accounts, as an answer gave it */
export const loadPage = async (source: PageSource, cursor?: string): Promise<PageData> => {
  const accounts = { limit: ACCOUNTS, ...(cursor === undefined ? {} : { cursor }) };
  const inTurn = fewAtOnce(CALLS_AT_ONCE);
  const read = async <Name extends ViewQueryName>(
    name: Name,
    request: ViewRequest,
  ): Promise<Read<ViewAnswerOf<Name>>> => {
    try {
      return { readable: true, answer: viewAnswerOf(name, await inTurn(() => source.ask(request))) };
    } catch (error) {
      source.report(name, error);
      return { readable: false, why: UNREADABLE };
    }
  };
  const [overview, equity, positions, trades, distribution, events] = await Promise.all([
    read('overview', { query: 'overview', ...accounts }),
    read('equity', { query: 'equity', ...accounts, points: POINTS }),
    read('positions', { query: 'positions', ...accounts }),
    read('trades', { query: 'trades', copies: true, limit: TRADES }),
    read('distribution', { query: 'distribution' }),
    read('events', { query: 'events', ...accounts, most: EVENTS }),
  ]);
  const now = overview.readable ? overview.answer.at : source.now();
  return { now, overview, equity, positions, trades, distribution, events };
};

/** What it failed with may hold anything, so it goes to the log and not to the page. */
const UNREADABLE =
  'This part could not be read, so nothing of it is shown: that says nothing about the accounts. Reload the page; if it stays so, the log has the reason.';
