import type * as z from 'zod';
import { lessAtMost, plus, type Quantity, text, ZERO_QUANTITY } from '../../money/money.ts';
import type { AssetBalance } from '../exchange.ts';
import type { Asset } from '../market.ts';
import { type Caller, failure } from './answer.ts';
import { holdingOf } from './assets.ts';
import type { zBalances } from './schemas.ts';

/**
 * One line per asset, all its variants together, without what is zero. What is bonded or staked counts as
 * held: it belongs to the account, and no order can sell it.
 * @throws ExchangeError MALFORMED_ANSWER when more is on hold than there is
 */
export const balancesFrom = (
  caller: Caller,
  endpoint: string,
  raw: z.output<typeof zBalances>,
): readonly AssetBalance[] => {
  const sums = new Map<Asset, { total: Quantity; free: Quantity; bonded: Quantity }>();
  for (const [code, { balance, hold_trade: hold }] of Object.entries(raw)) {
    if (hold.gt(balance)) {
      const said = `${code} has ${text(hold)} on hold, which is more than its balance of ${text(balance)}`;
      throw failure(caller, endpoint, 'MALFORMED_ANSWER', said);
    }
    if (balance.isZero()) continue;
    const { asset, sellable } = holdingOf(code);
    const sum = sums.get(asset) ?? { total: ZERO_QUANTITY, free: ZERO_QUANTITY, bonded: ZERO_QUANTITY };
    sums.set(asset, {
      total: plus(sum.total, balance),
      free: sellable ? plus(sum.free, lessAtMost(balance, hold)) : sum.free,
      bonded: sellable ? sum.bonded : plus(sum.bonded, balance),
    });
  }
  return [...sums].map(([asset, { total, free, bonded }]) => ({
    asset,
    total,
    free,
    held: lessAtMost(total, free),
    ...(bonded.isZero() ? {} : { bonded }),
  }));
};
