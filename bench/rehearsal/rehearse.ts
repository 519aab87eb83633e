import * as z from 'zod';
import { VirtualClock } from '../../infra/local/clock/virtual-clock.ts';
import { openAccount, register } from '../../infra/local/owner/open-account.ts';
import { type Owner, ownerOf } from '../../infra/local/owner/owner.ts';
import { fixedPrice } from '../../infra/local/prices/price-source.ts';
import { bootRuntime, type Runtime } from '../../infra/local/runtime.ts';
import { openState } from '../../infra/local/state/state-folder.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { type Clock, type Instant, iso } from '../../shared/time/clock.ts';

const BTC = marketSymbol('BTC/USD');
const MASTER = 'm-hand';
const SIZE = '0.1';
const CAP = '50500';
const EXCHANGE_MS = 25;
/** Copies in flight at the moment of a stop are at most as many. */
export const COPIES_AT_ONCE = 16;
const REGISTERED_AT_ONCE = 8;

export type Stop = 'by its limit' | 'by control halt';

/** What one stop in the middle of many BUYs came to, by the exchange's own books. */
export interface Rehearsed {
  readonly stop: Stop;
  readonly users: number;
  /** From the call of `control` until it answered; a trip has none. */
  readonly callMs: number | undefined;
  readonly buysBefore: number;
  /** That reached the exchange after the stop was in force: asked and begun before it. */
  readonly buysAfter: number;
  /** From the stop being in force until the last BUY reached the exchange; 0 where none came after. */
  readonly lastBuyMs: number;
  /** Copies that ended as HALTED. */
  readonly halted: number;
  /** While all buying was stopped: accounts that held what the master sold, and how many of them sold it. */
  readonly holders: number;
  readonly sold: number;
  /** How an exit ended meanwhile. */
  readonly exit: string;
  /** What of the exchange's books does not add up. */
  readonly wrong: readonly string[];
}

/**
 * Lets many accounts buy in the local runtime and stops them in the middle of it, once by the limits of the breaker
 * over all accounts and once by an operator's halt; sells and exits while it is in force; then resumes.
 */
export const rehearseHalt = async (users: number): Promise<readonly Rehearsed[]> => {
  const clock = new VirtualClock();
  const state = await openState('throw-away', clock.now());
  const trips: Instant[] = [];
  try {
    const runtime = await bootRuntime({
      state,
      clock,
      seed: 1,
      copyConcurrency: COPIES_AT_ONCE,
      simulator: {
        prices: [fixedPrice(BTC, '50000')],
        latencyMs: EXCHANGE_MS,
        rateLimits: { private: false, engine: false },
      },
      onLine: ({ level, message }) => {
        if (level === 'metric' && message === 'RunawayTripped') trips.push(clock.now());
      },
    });
    try {
      const stage = await setUp(runtime, clock, users);
      return [await byLimit(stage, trips), await byHalt(stage)];
    } finally {
      await runtime.stop();
    }
  } finally {
    await state.close();
  }
};

interface Stage {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly owner: Owner;
  readonly users: readonly string[];
}

const setUp = async (runtime: Runtime, clock: Clock, count: number): Promise<Stage> => {
  const open = async (accountId: string, usd: string, registration: object): Promise<void> => {
    await openAccount(runtime, { accountId, balances: { USD: usd } });
    await register(runtime, accountId, registration);
  };
  await open(MASTER, '100000', { strategy: { name: 'manual', symbols: [BTC], mode: 'live' } });
  const users = Array.from({ length: count }, (_, index) => `u-${index + 1}`);
  for (let from = 0; from < count; from += REGISTERED_AT_ONCE) {
    const some = users.slice(from, from + REGISTERED_AT_ONCE);
    await Promise.all(some.map((id) => open(id, '10000', { follows: MASTER })));
  }
  const stage = { runtime, clock, owner: await ownerOf(MASTER, runtime, clock), users };
  await tick(stage);
  return stage;
};

const tick = async ({ runtime, clock }: Stage): Promise<void> => {
  await runtime.call('master-tick', { accountId: MASTER, scheduledAt: iso(clock.now()) });
};

const control = async ({ runtime }: Stage, event: object): Promise<void> => {
  await runtime.call('control', { by: 'rehearsal', why: 'a rehearsal', ...event });
};

/** Orders of users, of one side, that reached the exchange at `since` or later. */
const ordersOf = ({ runtime }: Stage, side: 'BUY' | 'SELL', since: Instant) =>
  runtime.simulator.books
    .orders()
    .filter((order) => order.accountId !== MASTER && order.side === side && order.openedAt >= since);

/** The owner buys by hand; resolves when the tick has found it, while the followers' copies go out. */
const masterBuys = async (stage: Stage): Promise<void> => {
  await stage.owner.trade('BUY', BTC, SIZE, CAP);
  await tick(stage);
};

const byLimit = async (stage: Stage, trips: readonly Instant[]): Promise<Rehearsed> => {
  const from = stage.clock.now();
  const maxOrders = Math.max(1, Math.floor(stage.users.length / 2));
  await control(stage, { action: 'set-runaway-limits', limits: { maxOrders } });
  await masterBuys(stage);
  await stage.runtime.settle();
  const [trip] = trips;
  if (trip === undefined)
    throw new Error(
      `nothing tripped, although ${stage.users.length} accounts were to buy and ${maxOrders} may`,
    );
  return await conclude(stage, 'by its limit', { from, inForceAt: trip, callMs: undefined });
};

const byHalt = async (stage: Stage): Promise<Rehearsed> => {
  await control(stage, {
    action: 'set-runaway-limits',
    limits: { maxOrders: 1_000_000, maxNotional: '1000000000' },
  });
  const from = stage.clock.now();
  await masterBuys(stage);
  const settled = stage.runtime.settle();
  const some = Math.max(1, Math.floor(stage.users.length / 4));
  while (ordersOf(stage, 'BUY', from).length < some) await stage.clock.sleep(1);
  const askedAt = stage.clock.now();
  await control(stage, { action: 'halt' });
  const inForceAt = stage.clock.now();
  await settled;
  return await conclude(stage, 'by control halt', { from, inForceAt, callMs: inForceAt - askedAt });
};

const zExit = z.looseObject({ state: z.string() });

/** Sells while all buying is stopped, counts, and resumes. */
const conclude = async (
  stage: Stage,
  stop: Stop,
  {
    from,
    inForceAt,
    callMs,
  }: { readonly from: Instant; readonly inForceAt: Instant; readonly callMs: number | undefined },
): Promise<Rehearsed> => {
  const { runtime, owner, users } = stage;
  const buys = ordersOf(stage, 'BUY', from);
  const after = buys.filter(({ openedAt }) => openedAt >= inForceAt);
  const copies = (await Promise.all(users.map((id) => runtime.ledger.copies.list(id)))).flat();
  const halted = copies.filter(
    ({ outcome, trade }) => trade.at >= from && outcome?.state === 'SKIPPED' && outcome.reason === 'HALTED',
  );
  const holders: string[] = [];
  for (const id of users) if ((await runtime.ledger.positions.list(id)).length > 0) holders.push(id);

  const [leaver, ...others] = holders;
  const exit =
    leaver === undefined
      ? 'nobody held anything'
      : zExit.parse(await runtime.call('exit', { accountId: leaver, scope: 'managed' })).state;
  const sellsFrom = stage.clock.now();
  await owner.trade('SELL', BTC, SIZE, CAP);
  await tick(stage);
  await runtime.settle();
  const sellers = new Set(ordersOf(stage, 'SELL', sellsFrom).map(({ accountId }) => accountId));
  await control(stage, { action: 'resume' });
  return {
    stop,
    users: users.length,
    callMs,
    buysBefore: buys.length - after.length,
    buysAfter: after.length,
    lastBuyMs: Math.max(0, ...after.map(({ openedAt }) => openedAt - inForceAt)),
    halted: halted.length,
    holders: others.length,
    sold: others.filter((id) => sellers.has(id)).length,
    exit,
    wrong: runtime.simulator.books.audit(),
  };
};
