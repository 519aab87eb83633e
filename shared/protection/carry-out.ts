import type { CheckFacts } from '../check/check-facts.ts';
import type { ExitSymbolResult } from '../exit/exit-request.ts';
import { type SellLedger, sellOut } from '../exit/sell-out.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { plus, type Quantity, text, ZERO_QUANTITY } from '../money/money.ts';
import type { Log, LogFields, Meter } from '../telemetry/telemetry.ts';
import { type Clock, DAY } from '../time/clock.ts';
import { usableBid } from './decide.ts';
import { causeOf, exitIdOf, type ProtectiveExit } from './protective-exit.ts';
import type { Watch } from './watch.ts';

export interface CarryOutPorts {
  readonly ledger: SellLedger & Pick<Ledger, 'protections'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

/** An exit and the watch that it belongs to, as they are stored. */
export interface Carried {
  readonly watch: Watch;
  readonly exit: ProtectiveExit;
}

/** How an exit stands after a sale was tried. */
const STATE_AFTER = {
  SOLD: 'SOLD',
  FLAT: 'FLAT',
  DUST: 'DUST',
  STAKED: 'RUNNING',
  // Where the market is listed again, its rules judge anew.
  DELISTED: 'ABANDONED',
  WOULD_SELL: 'RUNNING',
  FAILED: 'RUNNING',
} as const satisfies Record<ExitSymbolResult['state'], ProtectiveExit['state']>;

/**
 * Sells what a stored exit is about, or goes on with it, and stores what came of it. An exit that has lost its
 * reason sends nothing any more: it is only found out what it had sold, and rules judge anew from then on.
 *
 * @param lostReason why nothing more is to be sold for it
 * @throws LedgerError, ConcurrentChange: the next check goes on from what is stored
 */
export const carryOut = async (
  { watch, exit }: Carried,
  lostReason: string | undefined,
  { connection, tickers }: Pick<CheckFacts, 'connection' | 'tickers'>,
  ports: CarryOutPorts,
): Promise<Carried> => {
  const { accountId, symbol } = exit;
  const most = lostReason === undefined ? exit.most : ZERO_QUANTITY;
  const sold = await sellOut(
    {
      accountId,
      symbol,
      scope: 'managed',
      ...(most === undefined ? {} : { most }),
      mayRest: true,
      earlier: exit.result,
      why: `protection ${exitIdOf(exit)}`,
      causeOf: (round) => causeOf(exit, round),
    },
    {
      ...ports,
      session: connection.session,
      everListed: connection.everListed,
      keep: connection.keep,
      priceOf: async (of) => usableBid(tickers.get(of)?.bid),
    },
  );
  const result =
    lostReason === undefined ? sold : { ...sold, detail: `${lostReason}; until then: ${sold.detail}` };
  const state = STATE_AFTER[sold.state];
  const after =
    state === 'RUNNING'
      ? { watch: next(watch), exit: nextOf(exit, { result }) }
      : ended({ watch, exit }, lostReason === undefined ? state : 'ABANDONED', result, ports.clock.now());
  await ports.ledger.protections.save(after.watch, after.exit);
  tell(after.exit, result, ports);
  return after;
};

/** A part that could not be sold gives way to the sale of the whole. @throws as carryOut */
export const giveUpPart = async (
  carried: Carried,
  { ledger, clock }: Pick<CarryOutPorts, 'ledger' | 'clock'>,
): Promise<Watch> => {
  const after = ended(carried, 'ABANDONED', carried.exit.result, clock.now());
  await ledger.protections.save(after.watch, after.exit);
  return after.watch;
};

const ended = (
  { watch, exit }: Carried,
  state: Exclude<ProtectiveExit['state'], 'RUNNING'>,
  result: ExitSymbolResult | undefined,
  at: number,
): Carried => {
  const { running: _ended, ...rest } = next(watch);
  const whole = exit.most === undefined && state !== 'ABANDONED';
  return {
    watch: {
      ...(state === 'ABANDONED' ? renewed(rest, exit, result?.quantity ?? ZERO_QUANTITY) : rest),
      over: watch.over || whole,
      ...(whole && result?.tooLittle ? { tooLittle: { quantity: result.left, until: at + DAY } } : {}),
    },
    exit: nextOf(exit, { state, endedAt: at, ...(result === undefined ? {} : { result }) }),
  };
};

/**
 * What is watched begins a new life, so that the next exit has another id; all else that was seen is kept. The
 * level that was not sold in full may fire again, for the rest of it.
 */
const renewed = (watch: Watch, { level, most }: ProtectiveExit, sold: Quantity): Watch => ({
  ...watch,
  since: watch.since + 1,
  levels: watch.levels.map((known) =>
    known.at === level
      ? {
          ...known,
          fired: most !== undefined && sold.gte(most),
          ...(sold.isZero() ? {} : { sold: plus(known.sold ?? ZERO_QUANTITY, sold) }),
        }
      : known,
  ),
});

const next = (watch: Watch): Watch => ({ ...watch, version: watch.version + 1 });
const nextOf = (exit: ProtectiveExit, changes: Partial<ProtectiveExit>): ProtectiveExit => ({
  ...exit,
  ...changes,
  version: exit.version + 1,
});

const tell = (exit: ProtectiveExit, result: ExitSymbolResult, { log, meter }: CarryOutPorts): void => {
  const fields: LogFields = {
    ...nameOf(exit),
    state: exit.state,
    sold: text(result.quantity),
    proceeds: text(result.proceeds),
    left: text(result.left),
    detail: result.detail,
  };
  if (exit.state !== 'RUNNING') {
    log.info('a protective exit ended', fields);
    return;
  }
  log.warn('a protective exit did not succeed and is tried again with the next check', fields);
  meter.count('ProtectionFailed', { ...nameOf(exit), why: result.detail });
};

/** What an exit is called in logs and metrics. */
export const nameOf = ({ accountId, symbol, rule, level }: ProtectiveExit): LogFields => ({
  account: accountId,
  symbol,
  rule,
  ...(level === undefined ? {} : { level }),
});
