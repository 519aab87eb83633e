import {
  VIEW_ANSWERS,
  type ViewAnswerOf,
  type ViewQueryName,
  type ViewRequest,
} from '../../shared/reporting/view-contract.ts';
import { CallFailed, call, type Functions } from './functions.ts';

/** What else may be said with a question of this name. */
type Asked<Name extends ViewQueryName> = Omit<Extract<ViewRequest, { query: Name }>, 'query'>;

/** A question of this name to `view`, which reads the ledger and changes nothing. @throws CallFailed */
export const view = async <Name extends ViewQueryName>(
  functions: Functions,
  name: Name,
  asked: Asked<Name>,
): Promise<ViewAnswerOf<Name>> => await ask(functions, name, asked);

const ask = async <Name extends ViewQueryName>(
  functions: Functions,
  query: Name,
  asked: object,
): Promise<ViewAnswerOf<Name>> =>
  (await call(functions, 'view', { query, ...asked }, VIEW_ANSWERS[query])) as ViewAnswerOf<Name>;

/** Questions whose answers are about a page of accounts. */
type Paged = 'overview' | 'accounts' | 'positions' | 'events' | 'equity' | 'separation' | 'doctor';

/**
 * All pages of an answer, one after the other.
 *
 * @param seen told after each page how many accounts were covered, of how many
 * @throws CallFailed
 */
export const everyPage = async <Name extends Paged>(
  functions: Functions,
  name: Name,
  asked: Omit<Asked<Name>, 'cursor'>,
  seen: (covered: number, accounts: number) => void = () => undefined,
): Promise<readonly ViewAnswerOf<Name>[]> => {
  const pages: ViewAnswerOf<Name>[] = [];
  let cursor: string | undefined;
  let covered = 0;
  do {
    const page = await ask(functions, name, { ...asked, ...(cursor === undefined ? {} : { cursor }) });
    pages.push(page);
    covered += page.page.covered;
    seen(covered, page.page.accounts);
    if (page.page.next !== undefined && page.page.next === cursor) throw goesInCircles(name);
    cursor = page.page.next;
  } while (cursor !== undefined);
  return pages;
};

const goesInCircles = (query: string): CallFailed =>
  new CallFailed({
    functionName: 'view',
    code: 'UNEXPECTED_ANSWER',
    message: `view names a page of '${query}' as the one after itself: nothing is shown, since accounts would be missing`,
  });
