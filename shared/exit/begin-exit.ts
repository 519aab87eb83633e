import { utcDay } from '../time/clock.ts';
import type { ExitInput, ExitPorts } from './exit-contract.ts';
import type { ExitRequest } from './exit-request.ts';

/** The same request id was used for another exit: nothing was done. */
export class ExitMismatch extends Error {
  override readonly name = 'ExitMismatch';
}

/** Which exit a call is about: one that is stored, or one that is still to begin. */
export interface FoundExit {
  readonly requestId: string;
  readonly stored?: ExitRequest;
}

/**
 * The exit with the id given. Without an id the newest of the same scope and symbols that is not flat yet, else
 * a new one: who asks again goes on, and who asks again after the end sells what has been bought since.
 *
 * To be asked as the only writer with the account's key: two calls at once must find the same exit.
 *
 * @throws ExitMismatch, LedgerError
 */
export const findExit = async (
  input: ExitInput,
  { ledger, clock, chance }: ExitPorts,
): Promise<FoundExit> => {
  const { accountId, requestId } = input;
  if (requestId !== undefined) {
    const stored = await ledger.exits.get(accountId, requestId);
    if (stored === undefined) return { requestId };
    if (isSame(stored, input)) return { requestId, stored };
    throw new ExitMismatch(
      `request id '${requestId}' of ${accountId} belongs to another exit (${stored.scope}, ${stored.symbols?.join(', ') ?? 'all symbols'}): use a new id`,
    );
  }
  const known = await ledger.exits.list(accountId);
  const open = known.findLast((request) => request.state === 'RUNNING' && isSame(request, input));
  if (open !== undefined) return { requestId: open.requestId, stored: open };
  const taken = new Set(known.map((request) => request.requestId));
  for (;;) {
    const fresh = `${utcDay(clock.now())}-${chance.id().replaceAll('-', '').slice(0, RANDOM_DIGITS)}`;
    if (!taken.has(fresh)) return { requestId: fresh };
  }
};

/** Short enough to be read out; an id that the account has had is not taken again. */
const RANDOM_DIGITS = 8;

/**
 * The stored exit, or the new one as it was just stored.
 *
 * @param continuing nobody asks for it now
 */
export const beginExit = async (
  input: ExitInput,
  { requestId, stored }: FoundExit,
  continuing: boolean,
  { ledger, clock, log }: ExitPorts,
): Promise<ExitRequest> => {
  const { accountId, scope, symbols } = input;
  const resumed = stored !== undefined;
  log.info('an exit begins', { account: accountId, cause: `exit ${requestId}`, scope, resumed });
  // Stored with what is told of it next.
  if (resumed) return continuing ? stored : { ...stored, askedAgainAt: clock.now() };
  const request: ExitRequest = {
    accountId,
    requestId,
    scope,
    ...(symbols === undefined ? {} : { symbols }),
    state: 'RUNNING',
    results: [],
    requestedAt: clock.now(),
    version: 1,
  };
  await ledger.exits.save(request);
  return request;
};

const isSame = (stored: ExitRequest, { scope, symbols }: ExitInput): boolean =>
  stored.scope === scope && setOf(stored.symbols) === setOf(symbols);

const setOf = (symbols: readonly string[] | undefined): string =>
  symbols === undefined ? 'all' : JSON.stringify([...new Set(symbols)].sort());
