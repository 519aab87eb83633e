import { SECOND } from '../time/clock.ts';
import type { LeasePriority } from '../vault/lease.ts';
import type { ExitInput } from './exit-contract.ts';

/** Longer than the lease's time to live: an exit is served next. */
const EXIT_WAIT_MS = 30 * SECOND;
/** Who goes on by itself gives way to who asks. */
const CONTINUING_WAIT_MS = 10 * SECOND;
/** Who only looks takes the key from nobody: a look served next would end a sale that is under way. */
const LOOK_WAIT_MS = 5 * SECOND;

/** On which terms an exit asks for the account's key. */
export const keyTermsOf = (
  { requestId = 'without an id', dryRun }: Pick<ExitInput, 'requestId' | 'dryRun'>,
  continuing: boolean,
): { readonly holder: string; readonly priority: LeasePriority; readonly waitMs: number } => {
  if (dryRun)
    return { holder: 'a look at what an exit would sell', priority: 'normal', waitMs: LOOK_WAIT_MS };
  return continuing
    ? { holder: `goes on with exit ${requestId}`, priority: 'normal', waitMs: CONTINUING_WAIT_MS }
    : { holder: `exit ${requestId}`, priority: 'exit', waitMs: EXIT_WAIT_MS };
};
