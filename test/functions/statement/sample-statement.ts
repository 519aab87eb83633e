import type { Copy, CopyOutcome } from '../../../shared/copying/copy.ts';
import { bps, fraction, price, quantity, quote } from '../../../shared/money/money.ts';
import type { Statement } from '../../../shared/statement/statement.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../shared/time/clock.ts';
import { account, NOON, trade } from '../../copying/made.ts';
import type { Happening } from '../../snapshot/model.ts';
import { statementsOf } from '../../statement/facts.ts';
import { type Event, historyOf } from '../../statement/history.ts';

const CHECK: Happening = { what: 'check', between: [], late: 0 };
const wait = (ms: number): Happening => ({ what: 'wait', ms });

/** A fortnight of everything that a statement can tell. */
const EVENTS: readonly Event[] = [
  wait(HOUR),
  { what: 'buy', coin: 'BTC', share: 300, baseFee: false },
  wait(HOUR),
  CHECK,
  { what: 'price', coin: 'BTC', percent: 108 },
  wait(DAY),
  CHECK,
  { what: 'deposit', asset: 'USD', amount: 2_500 },
  { what: 'buy', coin: 'ETH', share: 400, baseFee: true },
  wait(2 * DAY),
  CHECK,
  { what: 'price', coin: 'ETH', percent: 91 },
  { what: 'sell', coin: 'BTC', share: 500, baseFee: false },
  wait(DAY),
  CHECK,
  { what: 'adopt', coin: 'BTC', share: 200 },
  wait(DAY),
  CHECK,
  { what: 'price', coin: 'BTC', percent: 104 },
  { what: 'withdraw', asset: 'USD', share: 120 },
  wait(2 * DAY),
  CHECK,
];

const filled: CopyOutcome = {
  state: 'FILLED',
  quantity: quantity('0.0594'),
  price: price('50100'),
  marketPrice: price('50040'),
  fees: quote('11.88'),
  orderLatencyMs: 1_250,
  fillLatencyMs: 1_900,
  slippageBps: bps('20'),
  clientOrderId: 'c1',
};

const COPIES: readonly Copy[] = [
  { outcome: filled, at: NOON + HOUR },
  { outcome: { state: 'SKIPPED', reason: 'PRICE_MOVED', detail: 'too high' } as const, at: NOON + 2 * DAY },
  { outcome: { state: 'FAILED', reason: 'REJECTED', detail: 'no' } as const, at: NOON + 3 * DAY },
].map(({ outcome, at }, index) => ({
  accountId: 'u-ann',
  trade: trade({ tradeId: `t-${index}`, at }),
  createdAt: at,
  outcome,
  finishedAt: at + SECOND,
}));

export const sampleStatement = (changes: Partial<Statement> = {}): Statement => {
  const history = historyOf({ USD: '10000', BTC: '0.1' }, EVENTS);
  const masters = historyOf({ USD: '100000', BTC: '1' }, [
    { what: 'price', coin: 'BTC', percent: 110 },
    wait(9 * DAY),
  ]);
  const [one] = statementsOf(history, {
    account: account({ registeredAt: NOON - MINUTE }),
    profitShare: fraction('0.2'),
    copies: COPIES,
    master: {
      readable: true,
      value: { snapshots: masters.snapshots, records: { fills: [], adjustments: [] } },
    },
  });
  if (one === undefined) throw new Error('there are two snapshots in the month');
  return { ...one, ...changes };
};
