import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import { type Instant, SECOND } from '../../../shared/time/clock.ts';
import { CHECKS } from '../check-schedule.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { ownerOf } from '../owner/owner.ts';
import type { Runtime } from '../runtime.ts';
import { tickRuns } from './answers.ts';
import { MASTER_ID, REFUSED, SCHEDULE, TICK_MS } from './cast.ts';
import type { CheckRecord } from './check-record.ts';
import { AFTER_DUE_MS, passUntil } from './passing.ts';

/** What became of a SELL and a BUY that the owner made by hand while everything was halted. */
export interface HaltPhase {
  /** Of the master, published from the fills of the owner's own orders. */
  readonly tradeIds: readonly string[];
  readonly soldOrderId: string;
  readonly boughtOrderId: string;
  readonly ownerKey: string;
  readonly ownerSecret: string;
  /** How often the exchange refused the sale of one follower. */
  readonly refusals: number;
  /** Whether the halt was engaged at its beginning and at its end, as the ledger has it. */
  readonly engaged: readonly boolean[];
  readonly from: Instant;
  readonly until: Instant;
}

/** Before the tick that finds them: nobody's stop is to come in between. */
const BEFORE_TICK_MS = 2 * SECOND;

/**
 * Engages the halt, lets the owner sell and buy by hand on the master account, with a key that Nija does not
 * know, and lets the next tick find it. The exchange refuses one follower's sale; a round of checks makes that
 * good. Then resumes.
 *
 * @param shared a symbol that the master and its followers hold
 */
export const tradeWhileHalted = async (
  runtime: Runtime,
  clock: VirtualClock,
  {
    symbols,
    shared,
    checks,
  }: {
    readonly symbols: readonly MarketSymbol[];
    readonly shared: MarketSymbol;
    readonly checks: CheckRecord;
  },
): Promise<HaltPhase> => {
  const { scheduler, simulator } = runtime;
  await runtime.call('control', { action: 'halt', by: 'operator', why: 'demonstration' });
  const from = clock.now();
  const engagedAtFirst = await isHalted(runtime);
  const owner = await ownerOf(MASTER_ID, runtime, clock);
  const due = scheduler.list().find(({ name }) => name === SCHEDULE)?.nextAt ?? clock.now() + TICK_MS;
  checks.addRounds(await passUntil(runtime, clock, due - BEFORE_TICK_MS));

  const refusal = simulator.faults.inject({
    kind: 'ERROR_TEXT',
    accountId: REFUSED,
    endpoint: 'AddOrder',
    text: 'EOrder:Orders limit exceeded',
    times: 1,
  });
  const soldOrderId = await owner.sellAll(shared);
  const boughtOrderId = await owner.buyFor(await notHeld(runtime, symbols, shared), '1500');
  const runs = await passUntil(runtime, clock, due + AFTER_DUE_MS);
  refusal.clear();
  checks.addRounds(runs);
  const { answers, failed } = tickRuns(runs);
  if (failed.length > 0) throw new Error(`the tick failed that was to find the owner's trades: ${failed[0]}`);
  const tradeIds = answers.flatMap(({ trades }) => trades.map(({ tradeId }) => tradeId));
  await checkAllNow(runtime, clock, checks);
  const engaged = [engagedAtFirst, await isHalted(runtime)];
  const until = clock.now();
  await runtime.call('control', { action: 'resume', by: 'operator', why: 'demonstration over' });
  return {
    tradeIds,
    soldOrderId,
    boughtOrderId,
    ownerKey: owner.apiKey,
    ownerSecret: owner.apiSecret,
    refusals: refusal.hits(),
    engaged,
    from,
    until,
  };
};

export const isHalted = async ({ ledger }: Runtime): Promise<boolean> =>
  (await ledger.control.halt()).engaged;

const notHeld = async (
  { ledger }: Runtime,
  symbols: readonly MarketSymbol[],
  sold: MarketSymbol,
): Promise<MarketSymbol> => {
  const held = new Set((await ledger.positions.list(MASTER_ID)).map(({ symbol }) => symbol));
  return symbols.find((candidate) => !held.has(candidate)) ?? sold;
};

/** As an operator may ask for, without waiting for the schedule. */
const checkAllNow = async (runtime: Runtime, clock: VirtualClock, checks: CheckRecord): Promise<void> => {
  const at = clock.now();
  const result = await runtime.call('check-dispatcher', {});
  checks.addRounds([{ schedule: CHECKS, scheduledAt: at, state: 'SUCCEEDED', result }]);
  await runtime.settle();
};
