import type { AccountId } from '../account/account.ts';
import type { PrivateSession } from '../exchange/exchange.ts';
import type { Market, MarketSymbol } from '../exchange/market.ts';
import { reportDrift } from '../ledger/drift.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { least, lessAtMost, type Price, type Quantity, text, ZERO_QUANTITY } from '../money/money.ts';
import { fitToMarket } from '../order/fit.ts';
import type { Log, Meter } from '../telemetry/telemetry.ts';
import { type Clock, SECOND } from '../time/clock.ts';
import type { ExitScope } from './exit-request.ts';

/** What of a symbol there is to sell. */
export interface ExitHolding {
  /** By the ledger. */
  readonly managed: Quantity;
  /** By the exchange: all of it, what is free, and what is staked. */
  readonly total: Quantity;
  readonly free: Quantity;
  readonly bonded: Quantity;
  /** Whether the exchange showed too little of the position twice. */
  readonly lacking: boolean;
}

export interface HoldingPorts {
  readonly ledger: Pick<Ledger, 'positions'>;
  readonly session: Pick<PrivateSession, 'balances'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  keep(): Promise<void>;
}

/** After it, a balance that came late is mostly there. */
const SECOND_LOOK_MS = 3 * SECOND;

/**
 * What the exchange shows now. Where it shows nothing that could be sold of what the ledger has, it is asked once
 * more after a moment: one balance that comes late must not end a sale.
 *
 * @param due of the position, what is still to be sold
 * @param tells whether a difference to the ledger is told
 */
export const exitHolding = async (
  { accountId, symbol }: { readonly accountId: AccountId; readonly symbol: MarketSymbol },
  { market, bid, due, tells }: Due,
  ports: HoldingPorts,
): Promise<ExitHolding> => {
  const look = async (): Promise<ExitHolding> => {
    const balance = (await ports.session.balances()).find(({ asset }) => asset === market.base);
    const managed = (await ports.ledger.positions.get(accountId, symbol))?.quantity ?? ZERO_QUANTITY;
    const total = balance?.total ?? ZERO_QUANTITY;
    const fits = (amount: Quantity): boolean => fitToMarket(due(amount), market, bid).fits;
    return {
      managed,
      total,
      free: balance?.free ?? ZERO_QUANTITY,
      bonded: balance?.bonded ?? ZERO_QUANTITY,
      lacking: fits(managed) && !fits(least(managed, total)),
    };
  };
  let seen = await look();
  if (seen.lacking) {
    await ports.clock.sleep(SECOND_LOOK_MS);
    await ports.keep();
    seen = await look();
  }
  if (tells) reportDrift({ accountId, market, position: seen.managed, held: seen.total }, ports);
  return seen;
};

interface Due {
  readonly market: Market;
  readonly bid: Price | undefined;
  due(all: Quantity): Quantity;
  readonly tells: boolean;
}

/** All that the exit is about, and of it what is not staked. */
export const wantedOf = (
  scope: ExitScope,
  { managed, total, bonded }: Pick<ExitHolding, 'managed' | 'total' | 'bonded'>,
): { readonly wanted: Quantity; readonly unstaked: Quantity } => {
  const wanted = scope === 'everything' ? total : least(managed, total);
  return { wanted, unstaked: least(wanted, lessAtMost(total, bonded)) };
};

/** What no order can sell, and what its owner can do about it. */
export const whyStaked = ({ bonded }: Pick<ExitHolding, 'bonded'>, { base }: Pick<Market, 'base'>): string =>
  `${text(bonded)} ${base} is staked, and no order can sell it: unstake it at the exchange, then exit again under another request id`;

/** Why it ends with nothing held. */
export const whyNothing = ({ lacking, managed, total }: ExitHolding, { base }: Market): string =>
  lacking
    ? `asked twice, the exchange shows ${text(total)} ${base}, while the ledger has ${text(managed)} ${base}: the checks find out what became of it`
    : 'nothing held';
