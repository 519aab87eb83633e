import type { Account } from '../../shared/account/account.ts';
import { type Connection, withConnection } from '../../shared/account/connect.ts';
import type { Fill } from '../../shared/exchange/exchange.ts';
import { type Asset, isCash, type Market } from '../../shared/exchange/market.ts';
import { type Adjustment, askedId, figuresOf } from '../../shared/ledger/adjustment.ts';
import { beginsAnew } from '../../shared/ledger/apply-fills.ts';
import type { Position } from '../../shared/ledger/position.ts';
import { settleDoubtful } from '../../shared/ledger/settle-doubtful.ts';
import { notional, plus, text, ZERO_QUANTITY, ZERO_QUOTE } from '../../shared/money/money.ts';
import { assetsOf, holdingsOf } from '../../shared/reconciliation/holdings.ts';
import { recordMissedFills } from '../../shared/reconciliation/missed-fills.ts';
import { flowOf } from '../../shared/reconciliation/own-trades.ts';
import { UNSETTLED_MS } from '../../shared/snapshot/measure.ts';
import { SECOND } from '../../shared/time/clock.ts';
import { type Adoption, AdoptionRefused, type AdoptPorts } from './adopt-contract.ts';

const LEASE_WAIT_MS = 25 * SECOND;

/**
 * Adds coins that the exchange holds and no position counts to the position of a symbol, at the cost that the
 * owner names; what was there keeps its cost.
 */
export const takeOver = async (input: Adoption, account: Account, ports: AdoptPorts): Promise<Adjustment> => {
  const terms = { holder: 'adopt', priority: 'normal', waitMs: LEASE_WAIT_MS } as const;
  return await withConnection(account, terms, ports, async (connection) => {
    const market = marketOf(input, connection);
    const held = await unmanagedOf(input, account, connection, ports);
    const before = await ports.ledger.positions.get(account.accountId, input.symbol);
    const at = ports.clock.now();
    const after = grown(before, market, input, at);
    const { by, why, requestId } = input;
    const id = askedId(requestId);
    const adjustment: Adjustment = { ...figuresOf(before, after), id, reason: 'ADOPTED', held, by, why, at };
    await ports.ledger.reconciliation.adjust({ before, after, adjustment });
    return adjustment;
  });
};

const marketOf = ({ symbol }: Adoption, { markets }: Connection): Market => {
  const market = markets.find((known) => known.symbol === symbol);
  if (market === undefined)
    throw new AdoptionRefused(
      `the exchange lists no market ${symbol}: check the spelling (given '${symbol}')`,
    );
  if (!isCash(market.quote))
    throw new AdoptionRefused(
      `a position is adopted in a market against cash, so that its cost is in cash (given '${symbol}')`,
    );
  return market;
};

/** What the exchange holds of the base. @throws AdoptionRefused where less than the quantity of it is unmanaged */
const unmanagedOf = async (
  { symbol, quantity }: Adoption,
  account: Account,
  connection: Connection,
  ports: AdoptPorts,
) => {
  const { accountId } = account;
  const { base } = assetsOf(symbol);
  // What a purchase of ours brought must not be taken for the owner's own, and then be counted again.
  const doubtful = await settleDoubtful(accountId, undefined, connection, ports);
  const { open, executed, behind } = await recordMissedFills(account, connection, ports);
  if (behind !== undefined)
    throw new AdoptionRefused(
      `nothing of ${symbol} was adopted for ${accountId}: ${behind.why}. Ask again later`,
    );
  for (const [about, why] of [...doubtful, ...open]) {
    const { base: bought, quote } = assetsOf(about);
    if (bought === base || quote === base)
      throw new AdoptionRefused(`nothing of ${symbol} was adopted for ${accountId}: ${why}. Ask again later`);
  }
  const balances = await connection.session.balances();
  const settledBy = ports.clock.now() - UNSETTLED_MS;
  if (executed.some((fill) => fill.at > settledBy && takesOf(base, fill)))
    throw new AdoptionRefused(
      `nothing of ${symbol} was adopted for ${accountId}: ${base} left it within the last minute, and the exchange may show a balance of before that. Ask again in a minute`,
    );
  const positions = await ports.ledger.positions.list(accountId);
  const holding = holdingsOf(positions, balances, connection.markets).find(({ asset }) => asset === base);
  const held = holding?.held ?? ZERO_QUANTITY;
  const unmanaged = holding?.unmanaged ?? ZERO_QUANTITY;
  if (quantity.gt(unmanaged))
    throw new AdoptionRefused(
      `${accountId} has ${text(unmanaged)} ${base} to adopt: the exchange holds ${text(held)}, of which ${text(holding?.managed ?? ZERO_QUANTITY)} is managed already (given ${text(quantity)})`,
    );
  return held;
};

const takesOf = (asset: Asset, fill: Fill): boolean => {
  const { out, in: brought } = flowOf(asset, [fill]);
  return out.gt(brought);
};

const grown = (
  before: Position | undefined,
  market: Market,
  { accountId, quantity, costPerUnit }: Adoption,
  at: number,
): Position => {
  const held = before?.quantity ?? ZERO_QUANTITY;
  // What the coins once cost is no price that they are sold at.
  const anew = before === undefined || beginsAnew(held, market, undefined);
  return {
    ...before,
    accountId,
    symbol: market.symbol,
    quantity: plus(held, quantity),
    costBasis: plus(before?.costBasis ?? ZERO_QUOTE, notional(quantity, costPerUnit)),
    openedAt: anew ? at : before.openedAt,
    grewAt: Math.max(before?.grewAt ?? at, at),
    version: (before?.version ?? 0) + 1,
  };
};
