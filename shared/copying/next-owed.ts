import type { Connection } from '../account/connect.ts';
import type { Market } from '../exchange/market.ts';
import { whyDelisted } from '../exit/why-unsold.ts';
import { attemptRead } from '../ledger/read.ts';
import { floorTo, type Quantity } from '../money/money.ts';
import { minimumPriceOf } from '../order/fit.ts';
import { type Instant, iso, MINUTE } from '../time/clock.ts';
import type { CopyPorts } from './copy-ports.ts';
import {
  GONE_FOR_MS,
  isGone,
  laterThan,
  type MadeGoodBy,
  type OwedSale,
  type OwingCopy,
  StillOwed,
  shownAgain,
  stillOwed,
} from './owed-sale.ts';
import { cameLater, reachOf } from './reach.ts';
import { sizeOwed } from './size-owed.ts';
import type { SaleSize } from './size-sale.ts';

export type NextSale = { readonly copy: OwingCopy } & (
  | {
      readonly state: 'SELL';
      readonly quantity: Quantity;
      readonly asked: Quantity;
      /** Whether nothing of the position would be left. */
      readonly isAll: boolean;
    }
  | { readonly state: 'MADE_GOOD'; readonly by: MadeGoodBy; readonly detail: string }
  | { readonly state: 'LOCKED'; readonly detail: string }
);

/** What is to be sold now. What others have sold meanwhile leaves the owed sale for good. */
export const nextSale = async (
  copy: OwingCopy,
  market: Market,
  { session }: Connection,
  ports: CopyPorts,
): Promise<NextSale> => {
  const { accountId, trade, owed } = copy;
  const position = await ports.ledger.positions.get(accountId, trade.symbol);
  if (position === undefined || position.quantity.isZero())
    return { copy, state: 'MADE_GOOD', by: 'CLOSED', detail: 'the position was sold meanwhile' };
  if (position.openedAt > owed.since) {
    const detail = 'the position was sold meanwhile; what is held now was bought later and is not owed';
    return { copy, state: 'MADE_GOOD', by: 'CLOSED', detail };
  }
  const reach = await reachOf(copy, position, ports.ledger);
  if (reach.isZero()) return { copy, state: 'MADE_GOOD', by: 'CLOSED', detail: cameLater(trade.symbol) };
  if (market.status === 'delisted')
    return {
      copy,
      state: 'MADE_GOOD',
      by: 'DELISTED',
      detail: whyDelisted(market, stillOwed(owed, reach, trade)),
    };
  const tickers = await attemptRead(() => ports.exchange(trade.exchange).marketData.tickers([trade.symbol]));
  if (!tickers.readable)
    ports.log.warn('selling without a price', { account: accountId, trade: trade.tradeId, why: tickers.why });
  const size = sizeOwed({
    owed: stillOwed(owed, reach, trade),
    position: position.quantity,
    reach,
    shown: (await session.balances()).find(({ asset }) => asset === market.base),
    market,
    price: minimumPriceOf(tickers.readable ? tickers.value.get(trade.symbol) : undefined),
  });
  const now = ports.clock.now();
  const known = await remember(copy, stillOwed(owed, reach, trade), size, now, ports);
  if (size.ok) {
    const isAll = size.quantity.eq(floorTo(position.quantity, market.quantityStep));
    return { copy: known, state: 'SELL', quantity: size.quantity, asked: size.asked, isAll };
  }
  switch (size.reason) {
    case 'TOO_LITTLE':
      return { copy: known, state: 'MADE_GOOD', by: 'DUST', detail: size.detail };
    case 'LOCKED':
      return { copy: known, state: 'LOCKED', detail: `LOCKED: ${size.detail}` };
    case 'NOTHING_HELD_YET': {
      const since = iso(known.owed.missingSince ?? now);
      if (isGone(known.owed, now))
        return {
          copy: known,
          state: 'MADE_GOOD',
          by: 'NOTHING_HELD',
          detail: `since ${since} ${size.detail}`,
        };
      throw new StillOwed(
        `NOTHING_HELD_YET: ${size.detail}, since ${since}: it is over where a check ${GONE_FOR_MS / MINUTE} minutes later still shows none`,
      );
    }
  }
};

/** Stores what is known better now: how much is still owed, and since when the exchange shows none of it. */
const remember = async (
  copy: OwingCopy,
  remaining: Quantity,
  size: SaleSize,
  now: Instant,
  ports: CopyPorts,
): Promise<OwingCopy> => {
  const { owed } = copy;
  const isMissing = !size.ok && size.reason === 'NOTHING_HELD_YET';
  const less = owed.remaining === undefined || remaining.lt(owed.remaining);
  if (!less && isMissing === (owed.missingSince !== undefined)) return copy;
  const seen = isMissing ? { ...owed, missingSince: owed.missingSince ?? now } : shownAgain(owed);
  return await saveOwed(copy, { ...laterThan(seen), ...(less ? { remaining } : {}) }, ports);
};

/** @throws ConcurrentChange when another run has changed it */
export const saveOwed = async (
  copy: OwingCopy,
  owed: OwedSale,
  { ledger }: CopyPorts,
): Promise<OwingCopy> => {
  await ledger.copies.saveOwed(copy, owed);
  return { ...copy, owed };
};
