import type { Market } from '../exchange/market.ts';
import { type Price, type Quantity, text } from '../money/money.ts';
import { fitToMarket } from '../order/fit.ts';
import { type ExitHolding, whyStaked } from './exit-holding.ts';
import type { ExitSymbolResult } from './exit-request.ts';

/** How the sale of a symbol ends, and why. */
export interface SaleEnd {
  readonly state: ExitSymbolResult['state'];
  readonly detail: string;
  /** See ExitSymbolResult. */
  readonly tooLittle?: true;
}

/** What no order can sell at this exchange any more, and what its owner can do about it. */
export const whyDelisted = (
  { exchange, symbol, base }: Pick<Market, 'exchange' | 'symbol' | 'base'>,
  left: Quantity,
): string =>
  `${exchange} lists ${symbol} no more: ${text(left)} ${base} cannot be sold here; withdraw it, or sell it by hand in another market; where ${symbol} is listed again, exit again under another request id`;

/** Locked in orders, staked, or too little. */
export const whyUnsold = ({
  wanted,
  sellable,
  held,
  market,
  bid,
}: {
  readonly wanted: Quantity;
  /** Of what is wanted, what is not staked. */
  readonly sellable: Quantity;
  readonly held: ExitHolding;
  readonly market: Market;
  readonly bid: Price | undefined;
}): SaleEnd => {
  if (fitToMarket(sellable, market, bid).fits)
    return {
      state: 'FAILED',
      detail: `${text(held.free)} of ${text(sellable)} ${market.base} is free; the rest is locked in open orders: an exit that you ask for cancels them`,
    };
  const fit = fitToMarket(wanted, market, bid);
  return fit.fits ? { state: 'STAKED', detail: whyStaked(held, market) } : { state: 'DUST', detail: fit.why };
};
