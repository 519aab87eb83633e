import type * as z from 'zod';
import {
  lessAtMost,
  plus,
  type Quantity,
  quantity,
  type Units,
  ZERO_QUANTITY,
  ZERO_UNITS,
} from '../../money/money.ts';
import type { AssetBalance } from '../exchange.ts';
import type { Asset } from '../market.ts';
import { holdingOf } from './assets.ts';
import type { zBalances } from './schemas.ts';

interface Sum {
  readonly spendable: Units;
  readonly bonded: Units;
  readonly onHold: Quantity;
}
const NOTHING: Sum = { spendable: ZERO_UNITS, bonded: ZERO_UNITS, onHold: ZERO_QUANTITY };

/**
 * One line per asset, all its variants together, without what is zero. What is bonded or staked counts as held: it
 * belongs to the account, and no order can sell it. What orders hold is booked on the plain code, also where the coins
 * lie in a variant that earns rewards, so it is taken from the sum of both.
 */
export const balancesFrom = (raw: z.output<typeof zBalances>): readonly AssetBalance[] => {
  const sums = new Map<Asset, Sum>();
  for (const [code, { balance, hold_trade: hold }] of Object.entries(raw)) {
    if (balance.isZero() && hold.isZero()) continue;
    const { asset, sellable } = holdingOf(code);
    const { spendable, bonded, onHold } = sums.get(asset) ?? NOTHING;
    sums.set(
      asset,
      sellable
        ? { spendable: plus(spendable, balance), bonded, onHold: plus(onHold, hold) }
        : { spendable, bonded: plus(bonded, balance), onHold },
    );
  }
  return [...sums].map(([asset, sum]) => balanceOf(asset, sum));
};

const balanceOf = (asset: Asset, { spendable, bonded, onHold }: Sum): AssetBalance => {
  const there = atLeastZero(spendable);
  const staked = atLeastZero(bonded);
  const total = plus(there, staked);
  const free = lessAtMost(there, onHold);
  return {
    asset,
    total,
    free,
    held: lessAtMost(total, free),
    ...(staked.isZero() ? {} : { bonded: staked }),
    ...(spendable.isNegative() ? { owed: quantity(spendable.negated()) } : {}),
  };
};

const atLeastZero = (amount: Units) => (amount.isNegative() ? ZERO_QUANTITY : quantity(amount));
