import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import { type Instant, MINUTE } from '../../../shared/time/clock.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { BookedBalance } from '../kraken/books.ts';
import type { Runtime } from '../runtime.ts';
import { type BalanceAnswer, type ExitAnswer, zBalanceAnswer, zExitAnswer } from './answers.ts';
import { LEAVER, MASTER_ID, SCHEDULE, STAYER } from './cast.ts';
import type { CheckRecord } from './check-record.ts';
import { isHalted } from './halt-phase.ts';
import { passUntil } from './passing.ts';
import type { FallingPrices } from './price-falls.ts';
import { type ProtectionPhase, protectedAlone } from './protection-phase.ts';

export interface OutagePhase {
  /** Why the master's tick fails now; undefined if it did not. */
  readonly masterError: string | undefined;
  /** When the master went away. */
  readonly from: Instant;
  readonly before: readonly BalanceAnswer[];
  readonly balances: readonly BalanceAnswer[];
  /** What the exchange had in its books at the moment of these answers, by account and asset. */
  readonly booked: Readonly<Record<string, Readonly<Record<string, BookedBalance>>>>;
  /** What the balance function said of an account whose exchange answered with an error page. */
  readonly failing: BalanceAnswer;
  readonly plan: ExitAnswer;
  readonly exit: ExitAnswer;
  /** Whether everything was halted when the exit had ended, as the ledger has it. */
  readonly exitHalted: boolean;
  /** The same request once more, and how many orders the exchange had of the leaver before and after it. */
  readonly again: ExitAnswer;
  readonly orders: { readonly before: number; readonly after: number };
  /** What the stayer held at the exchange when the master went away, by asset. */
  readonly stayerBefore: Readonly<Record<string, { readonly total: string }>>;
  readonly protection: ProtectionPhase;
}

const BALANCES_AT_ONCE = 8;

/** Takes the master away in every way there is, then uses all that a user has. */
export const outage = async (
  runtime: Runtime,
  clock: VirtualClock,
  parts: {
    readonly userIds: readonly string[];
    readonly masterKeys: readonly string[];
    /** Held by the master and its followers. */
    readonly symbol: MarketSymbol;
    readonly prices: FallingPrices;
    readonly checks: CheckRecord;
    readonly progress: (line: string) => void;
  },
): Promise<OutagePhase> => {
  const { simulator } = runtime;
  const from = clock.now();
  const before = await balancesOf(runtime, parts.userIds);
  const stayerBefore = simulator.books.balances(STAYER);
  for (const apiKey of parts.masterKeys) simulator.revokeKey(apiKey);
  await tickError(runtime, clock);
  await runtime.deleteSecret(MASTER_ID);
  runtime.scheduler.disable(SCHEDULE);
  const protection = await protectedAlone(runtime, clock, parts);
  parts.checks.addRounds(await passUntil(runtime, clock, clock.now() + 31 * MINUTE));
  const masterError = await tickError(runtime, clock);
  parts.progress(
    `the master is gone: key revoked, secret deleted, schedule off; its tick ${masterError === undefined ? 'succeeded all the same' : `says: ${masterError}`}`,
  );

  const balances = await balancesOf(runtime, parts.userIds);
  const booked = Object.fromEntries(parts.userIds.map((id) => [id, simulator.books.balances(id)]));
  const fault = simulator.faults.inject({
    kind: 'HTML',
    accountId: STAYER,
    endpoint: 'BalanceEx',
    times: Number.POSITIVE_INFINITY,
  });
  const [failing] = await balancesOf(runtime, [STAYER]);
  fault.clear();
  if (failing === undefined) throw new Error('the balance function gave no answer');

  const request = { accountId: LEAVER, requestId: 'outage-1', scope: 'everything' };
  const plan = zExitAnswer.parse(await runtime.call('exit', { ...request, dryRun: true }));
  const exit = zExitAnswer.parse(await runtime.call('exit', request));
  const exitHalted = await isHalted(runtime);
  const ordersBefore = ordersOf(runtime);
  const again = zExitAnswer.parse(await runtime.call('exit', request));
  parts.progress(`${LEAVER} sold everything: ${exit.state}`);
  return {
    masterError,
    from,
    before,
    balances,
    booked,
    failing,
    plan,
    exit,
    exitHalted,
    again,
    orders: { before: ordersBefore, after: ordersOf(runtime) },
    stayerBefore,
    protection,
  };
};

const balancesOf = async (runtime: Runtime, ids: readonly string[]): Promise<readonly BalanceAnswer[]> => {
  const answers: BalanceAnswer[] = [];
  for (let from = 0; from < ids.length; from += BALANCES_AT_ONCE) {
    const slice = ids.slice(from, from + BALANCES_AT_ONCE);
    answers.push(
      ...(await Promise.all(
        slice.map(async (accountId) => zBalanceAnswer.parse(await runtime.call('balance', { accountId }))),
      )),
    );
  }
  return answers;
};

const ordersOf = ({ simulator }: Runtime): number =>
  simulator.books.orders().filter(({ accountId }) => accountId === LEAVER).length;

const tickError = async (runtime: Runtime, clock: VirtualClock): Promise<string | undefined> => {
  try {
    await runtime.call('master-tick', {
      accountId: MASTER_ID,
      scheduledAt: new Date(clock.now()).toISOString(),
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
};
