import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Copy } from '../../shared/copying/copy.ts';
import { concludeCopy } from '../../shared/copying/copy-ports.ts';
import type { Fill } from '../../shared/exchange/exchange.ts';
import {
  notional,
  plus,
  price,
  quantity,
  text,
  ZERO_QUANTITY,
  ZERO_QUOTE,
} from '../../shared/money/money.ts';
import type { OrderRecord } from '../../shared/order/order.ts';
import { SECOND } from '../../shared/time/clock.ts';
import { bossTrade } from '../functions/causes.ts';
import { type Lab, openLab } from '../functions/lab.ts';
import { closedOrder } from '../order/at-the-exchange.ts';
import { BTC, market } from './made.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

/** A copy of a trade at 50,000 whose order was sent two seconds after it. */
const begun = async (side: 'BUY' | 'SELL', order: Partial<OrderRecord> = {}) => {
  const { accountId } = await lab.openAccount('user');
  if (side === 'SELL') await lab.givePosition(accountId, BTC, '0.05');
  const trade = bossTrade(lab.clock.now(), { side });
  const copy: Copy = { accountId, trade, createdAt: trade.at };
  const before: OrderRecord = {
    accountId,
    clientOrderId: `c-${accountId}`,
    cause: 'test',
    symbol: BTC,
    side,
    type: side === 'BUY' ? 'LIMIT_IOC' : 'MARKET',
    quantity: quantity('0.04'),
    ...(side === 'BUY' ? { limitPrice: price('50250') } : {}),
    state: 'INTENT',
    attempt: 1,
    createdAt: trade.at + SECOND,
    intendedAt: trade.at + 2 * SECOND,
    deadline: trade.at + 10 * SECOND,
    ...order,
  };
  await lab.ledger.copies.create(copy);
  await lab.ledger.orders.create(before);
  return { accountId, trade, copy, before };
};

let fills = 0;
const fillOf = (side: 'BUY' | 'SELL', amount: string, at: string, fee: Fill['fee'], when: number): Fill => {
  fills += 1;
  const [filled, paid] = [quantity(amount), price(at)];
  return {
    fillId: `T-${fills}`,
    exchangeOrderId: 'O-1',
    symbol: BTC,
    side,
    quantity: filled,
    price: paid,
    cost: notional(filled, paid),
    fee,
    at: when,
  };
};

const concluded = async ({ copy, before }: Awaited<ReturnType<typeof begun>>, executed: readonly Fill[]) => {
  const filled = executed.reduce((sum, one) => plus(sum, one.quantity), ZERO_QUANTITY);
  const cost = executed.reduce((sum, one) => plus(sum, one.cost), ZERO_QUOTE);
  const order = closedOrder({ filled, cost });
  const after: OrderRecord = { ...before, state: 'CLOSED', exchangeOrderId: 'O-1', filledQuantity: filled };
  const result = { state: 'CLOSED', before, after, order, fills: executed } as const;
  return await concludeCopy(copy, market('BTC/USD'), result, lab.process());
};

describe('the end of a copy', () => {
  it('that was filled in parts tells what it paid, took, and how late it was', async () => {
    const copy = await begun('BUY', { marketPrice: price('50100') });
    const { at } = copy.trade;
    const usd = { asset: 'USD', amount: quantity('0.5') };

    const outcome = await concluded(copy, [
      fillOf('BUY', '0.01', '50000', usd, at + 3 * SECOND),
      fillOf('BUY', '0.03', '50200', usd, at + 5 * SECOND),
    ]);

    expect(outcome).toMatchObject({
      state: 'FILLED',
      orderLatencyMs: 2 * SECOND,
      fillLatencyMs: 5 * SECOND,
      clientOrderId: copy.before.clientOrderId,
    });
    if (outcome.state !== 'FILLED') throw new Error('it was filled');
    expect([text(outcome.quantity), text(outcome.price), text(outcome.fees)]).toEqual(['0.04', '50150', '1']);
    expect([outcome.slippageBps.toFixed(), outcome.marketPrice?.toFixed()]).toEqual(['30', '50100']);
    expect(outcome).not.toHaveProperty('short');
    expect((await lab.ledger.copies.get(copy.accountId, copy.trade.tradeId))?.outcome).toEqual(outcome);
    expect((await lab.ledger.positions.get(copy.accountId, BTC))?.quantity.toFixed()).toBe('0.04');
  });

  it.each<readonly [string, Fill['fee'], string]>([
    ['in the quote currency counts as it is', { asset: 'USD', amount: quantity('2') }, '2'],
    ['in another currency of cash counts as it is', { asset: 'USDT', amount: quantity('2') }, '2'],
    ['in the coin that is bought counts by its price', { asset: 'BTC', amount: quantity('0.0001') }, '5'],
    ['in a third asset counts as nothing', { asset: 'KFEE', amount: quantity('100') }, '0'],
  ])('whose fee is %s', async (_which, fee, fees) => {
    const copy = await begun('BUY');

    const outcome = await concluded(copy, [fillOf('BUY', '0.04', '50000', fee, copy.trade.at)]);

    expect(outcome.state === 'FILLED' && text(outcome.fees)).toBe(fees);
  });

  it('that was filled before the trade that it copies, by another clock, is not early', async () => {
    const copy = await begun('BUY', { intendedAt: lab.clock.now() - SECOND });
    const fee = { asset: 'USD', amount: quantity('0') };

    const outcome = await concluded(copy, [fillOf('BUY', '0.04', '50000', fee, copy.trade.at - SECOND)]);

    expect(outcome).toMatchObject({ orderLatencyMs: 0, fillLatencyMs: 0 });
    expect(outcome).not.toHaveProperty('marketPrice');
  });

  it('that was filled for less than was asked of it names what is short', async () => {
    const copy = await begun('SELL', { asked: quantity('0.05') });
    const fee = { asset: 'USD', amount: quantity('1') };

    const outcome = await concluded(copy, [fillOf('SELL', '0.03', '49000', fee, copy.trade.at + SECOND)]);

    expect(outcome.state === 'FILLED' && outcome.short?.toFixed()).toBe('0.02');
    expect(outcome.state === 'FILLED' && outcome.slippageBps.toFixed()).toBe('200');
  });

  it('whose purchase found no offer is skipped, with its cap', async () => {
    expect(await concluded(await begun('BUY'), [])).toEqual({
      state: 'SKIPPED',
      reason: 'NOT_FILLED',
      detail: 'nothing was offered at 50250 or better',
    });
  });

  it('whose sale found no buyer has failed, and owes all of it', async () => {
    const copy = await begun('SELL', { asked: quantity('0.05') });

    expect(await concluded(copy, [])).toMatchObject({
      state: 'FAILED',
      reason: 'NOT_SOLD',
      asked: quantity('0.05'),
    });
  });

  it.each([
    ['BUY', { reason: 'INSUFFICIENT_FUNDS', message: 'no money' }, 'INSUFFICIENT_FUNDS: no money', undefined],
    ['SELL', { reason: 'INSUFFICIENT_FUNDS', message: 'no coins' }, 'INSUFFICIENT_FUNDS: no coins', '0.04'],
    ['SELL', {}, 'UNKNOWN: no text', '0.04'],
  ] as const)('whose %s the exchange refused says what it said: %o', async (side, said, detail, asked) => {
    const { copy, before } = await begun(side);
    const record: OrderRecord = { ...before, state: 'REJECTED', ...said };

    const outcome = await concludeCopy(copy, market('BTC/USD'), { state: 'REJECTED', record }, lab.process());

    expect(outcome).toMatchObject({ state: 'FAILED', reason: 'REJECTED', detail });
    expect(outcome.state === 'FAILED' ? outcome.asked?.toFixed() : '').toBe(asked);
    const stored = await lab.ledger.copies.get(copy.accountId, copy.trade.tradeId);
    expect(stored).toMatchObject({ outcome, finishedAt: lab.clock.now() });
  });
});
