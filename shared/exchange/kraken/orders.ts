import { MoneyError, type Price, price, type Quantity, quantity } from '../../money/money.ts';
import type { ExchangeOrder, ExchangeOrderStatus, Fill } from '../exchange.ts';
import type { Market } from '../market.ts';
import { type Caller, failure } from './answer.ts';
import { type MarketIndex, unlistedSymbol } from './pairs.ts';
import type { RawOrder, RawTrade } from './schemas.ts';

const STATUS: Readonly<Record<RawOrder['status'], ExchangeOrderStatus>> = {
  pending: 'OPEN',
  open: 'OPEN',
  closed: 'CLOSED',
  canceled: 'CANCELED',
  expired: 'EXPIRED',
};

const flagsOf = (raw: RawOrder): readonly string[] => raw.oflags.split(',').map((flag) => flag.trim());

/** Fees are taken in quote unless the order asks for base. */
export const paysFeeInBase = (raw: RawOrder): boolean => flagsOf(raw).includes('fcib');

const HEX_32 = /^[0-9a-f]{32}$/;

/** Ours are 32 hex digits, which may come back written as a UUID. */
const plainId = (id: string): string => {
  const plain = id.replaceAll('-', '').toLowerCase();
  return HEX_32.test(plain) ? plain : id;
};

/** Orders of an unlisted pair keep their place under a stand-in symbol: one of them must not hide the rest. */
export const orderFrom = (exchangeOrderId: string, raw: RawOrder, index: MarketIndex): ExchangeOrder => ({
  exchangeOrderId,
  ...(raw.cl_ord_id ? { clientOrderId: plainId(raw.cl_ord_id) } : {}),
  symbol: index.byPair(raw.descr.pair)?.symbol ?? unlistedSymbol(raw.descr.pair),
  side: raw.descr.type,
  // With `viqc` the volume was asked for in quote units: only what was filled is known in base units.
  quantity: flagsOf(raw).includes('viqc') ? raw.vol_exec : raw.vol,
  filled: raw.vol_exec,
  cost: raw.cost,
  status: STATUS[raw.status],
  openedAt: raw.opentm,
  fillIds: raw.trades ?? [],
});

/** The last of the five decimals that Kraken writes fees with, in quote units; whether it rounds or cuts off, it does not say. */
const LEFT_OUT = quantity('0.00001');

/**
 * Kraken states a trade's fee in quote units even where it took it in base units. What it took is then worth
 * the same at the trade's price, and may be more by what its decimals leave out, which is many steps of a cheap coin.
 * Taken as the most that it can be, up to the step, so that no more counts as held than is.
 */
const baseFee = (fee: Quantity, at: Price, { quantityStep }: TradedMarket): Quantity =>
  quantity(fee.plus(LEFT_OUT).div(at).div(quantityStep).ceil().times(quantityStep));

/** What reading an execution takes of its market. */
export type TradedMarket = Pick<Market, 'symbol' | 'base' | 'quote' | 'quantityStep'>;

/** @throws ExchangeError MALFORMED_ANSWER for an impossible price */
export const fillFrom = (
  caller: Caller,
  endpoint: string,
  fillId: string,
  raw: RawTrade,
  market: TradedMarket,
  feeInBase: boolean,
): Fill => {
  try {
    const at = price(raw.price);
    return {
      fillId,
      exchangeOrderId: raw.ordertxid,
      symbol: market.symbol,
      side: raw.type,
      quantity: raw.vol,
      price: at,
      cost: raw.cost,
      fee: feeInBase
        ? { asset: market.base, amount: baseFee(raw.fee, at, market) }
        : { asset: market.quote, amount: raw.fee },
      at: raw.time,
    };
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
    throw failure(caller, endpoint, 'MALFORMED_ANSWER', `fill ${fillId}: ${error.message}`);
  }
};
