import fc from 'fast-check';
import { marketSymbol } from '../../shared/exchange/market.ts';
import type { Adjustment } from '../../shared/ledger/adjustment.ts';
import type { RecordedFill } from '../../shared/ledger/ledger.ts';
import {
  floorTo,
  fraction,
  lessAtMost,
  plus,
  quantity,
  quote,
  scale,
  ZERO_QUANTITY,
  ZERO_QUOTE,
} from '../../shared/money/money.ts';
import type { EquitySnapshot } from '../../shared/snapshot/snapshot.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import {
  COINS,
  checking,
  flowing,
  type Happening,
  Model,
  moving,
  quietCheck,
  trading,
  waiting,
} from '../snapshot/model.ts';

/** Coins that pass between owner and management: thousandths of what is held, or of what is managed. */
export interface HandedOver {
  readonly what: 'adopt' | 'release';
  readonly coin: (typeof COINS)[number];
  readonly share: number;
}
export type Event = Happening | HandedOver;
const isHandOver = (event: Event): event is HandedOver => event.what === 'adopt' || event.what === 'release';

const handingOver: fc.Arbitrary<HandedOver> = fc.record({
  what: fc.constantFrom('adopt' as const, 'release' as const),
  coin: fc.constantFrom(...COINS),
  share: fc.integer({ min: 1, max: 1000 }),
});

const ASSETS = ['USD', 'BTC', 'ETH'] as const;
const between = fc.oneof(trading, flowing(ASSETS), moving);

/** Trades, prices, flows, hand-overs and checks, with races between what a check reads and what happens meanwhile. */
export const anyHistory: fc.Arbitrary<readonly Event[]> = fc.array(
  fc.oneof(trading, trading, moving, flowing(ASSETS), waiting, checking(between, fc.nat(3)), handingOver),
  { minLength: 1, maxLength: 50, size: 'max' },
);

/** By Nija alone: only cash comes and goes, nothing is handed over, and checks see all that is there. */
export const managedHistory = (baseFees: boolean): fc.Arbitrary<readonly Happening[]> =>
  fc.array(
    fc.oneof(
      trading.map((one) =>
        one.what === 'buy' || one.what === 'sell' ? { ...one, baseFee: baseFees && one.baseFee } : one,
      ),
      moving,
      flowing(['USD']),
      waiting,
      quietCheck,
    ),
    { minLength: 1, maxLength: 50, size: 'max' },
  );

export interface History {
  readonly snapshots: readonly [EquitySnapshot, ...EquitySnapshot[]];
  readonly fills: readonly RecordedFill[];
  readonly adjustments: readonly Adjustment[];
  readonly model: Model;
}

const STEP = quantity('0.00000001');

/** @param isOurs which of the executions, by their number, the ledger has */
export const historyOf = (
  balances: Readonly<Record<string, string>>,
  events: readonly Event[],
  isOurs: (fill: number) => boolean = () => true,
): History => {
  const model = new Model(balances);
  const adjustments: Adjustment[] = [];
  const managed = new Map<string, ReturnType<typeof quantity>>();
  for (const event of events) {
    if (!isHandOver(event)) {
      model.happen(event);
      continue;
    }
    const { coin, share } = event;
    const before = managed.get(coin) ?? ZERO_QUANTITY;
    const part = fraction(String(share / 1000));
    const after =
      event.what === 'adopt'
        ? plus(before, floorTo(scale(model.of(coin), part), STEP))
        : lessAtMost(before, floorTo(scale(before, part), STEP));
    managed.set(coin, after);
    adjustments.push({
      accountId: 'u-ann',
      id: `adjustment-${adjustments.length}`,
      symbol: marketSymbol(`${coin}/USD`),
      reason: event.what === 'adopt' ? 'ADOPTED' : 'RELEASED',
      quantityBefore: before,
      quantityAfter: after,
      // As an owner may name it: it is not what the statement values them at.
      costBefore: ZERO_QUOTE,
      costAfter: quote('12.34'),
      by: 'the owner',
      why: 'asked',
      at: model.now,
    });
  }
  model.happen({ what: 'wait', ms: 2 * MINUTE });
  model.happen({ what: 'check', between: [], late: 0 });
  const [first, ...later] = model.snapshots;
  if (first === undefined) throw new Error('a model begins with a snapshot');
  const fills = model.fills
    .filter((_, index) => isOurs(index))
    .map((fill) => ({ ...fill, recordedAt: fill.at }));
  return { snapshots: [first, ...later], fills, adjustments, model };
};
