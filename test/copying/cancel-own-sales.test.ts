import { describe, expect, it } from 'vitest';
import { cancelOwnSales } from '../../shared/copying/cancel-own-sales.ts';
import type { ExchangeOrder, PrivateSession } from '../../shared/exchange/exchange.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { quantity } from '../../shared/money/money.ts';
import { ACCOUNT, atTheExchange, closedOrder, exchangeFails } from '../order/at-the-exchange.ts';
import { BTC, NOON } from './made.ts';

const open = (exchangeOrderId: string, facts: Partial<ExchangeOrder> = {}): ExchangeOrder =>
  closedOrder({ exchangeOrderId, status: 'OPEN', side: 'SELL', clientOrderId: 'own', ...facts });

/** A ledger that knows the order 'own', and an exchange that lists these. */
const cancelling = async (
  listed: readonly ExchangeOrder[] | Error,
  refuses: readonly string[] = [],
): Promise<{ canceled: number; asked: readonly string[]; said: readonly unknown[] }> => {
  const { ports } = atTheExchange();
  const at = NOON;
  await ports.orders.create({
    accountId: ACCOUNT,
    clientOrderId: 'own',
    cause: 'test',
    symbol: BTC,
    side: 'SELL',
    type: 'MARKET',
    quantity: quantity('1'),
    state: 'INTENT',
    attempt: 1,
    createdAt: at,
    intendedAt: at,
    deadline: at,
  });
  const asked: string[] = [];
  const said: unknown[] = [];
  const session: PrivateSession = {
    ...ports.session,
    openOrders: async () => {
      if (listed instanceof Error) throw listed;
      return listed;
    },
    cancel: async (id) => {
      asked.push(id);
      if (refuses.includes(id)) throw exchangeFails('UNKNOWN_ORDER');
    },
  };
  const tell =
    (level: string) =>
    (message: string, fields: unknown = {}) => {
      said.push([level, message, fields]);
    };
  const log = { ...ports.log, info: tell('info'), warn: tell('warn') };
  const canceled = await cancelOwnSales(ACCOUNT, BTC, session, { ledger: { orders: ports.orders }, log });
  return { canceled, asked, said };
};

describe('cancelling open sales of our own', () => {
  it('leaves alone purchases, other symbols, and what the owner has placed', async () => {
    const { clientOrderId: _, ...byHand } = open('O-4');

    const { canceled, asked } = await cancelling([
      open('O-1', { side: 'BUY' }),
      open('O-2', { symbol: marketSymbol('ETH/USD') }),
      open('O-3', { clientOrderId: 'the owner’s' }),
      byHand,
      open('O-5'),
    ]);

    expect([canceled, asked]).toEqual([1, ['O-5']]);
  });

  it('goes on where one cannot be cancelled, counts what was, and tells of both', async () => {
    const { canceled, asked, said } = await cancelling([open('O-1'), open('O-2'), open('O-3')], ['O-2']);

    expect([canceled, asked]).toEqual([2, ['O-1', 'O-2', 'O-3']]);
    const of = (order: string) => ({ account: ACCOUNT, symbol: BTC, order });
    expect(said).toEqual([
      ['info', 'an open sale of our own was cancelled to be made anew', of('O-1')],
      [
        'warn',
        'an open sale of our own could not be cancelled',
        { ...of('O-2'), why: expect.stringContaining('UNKNOWN_ORDER') },
      ],
      ['info', 'an open sale of our own was cancelled to be made anew', of('O-3')],
    ]);
  });

  it('cancels none where they cannot be listed, and says why', async () => {
    const { canceled, asked, said } = await cancelling(exchangeFails('UNAVAILABLE'));

    expect([canceled, asked]).toEqual([0, []]);
    expect(said).toEqual([
      [
        'warn',
        'open orders could not be listed',
        { account: ACCOUNT, symbol: BTC, why: expect.stringContaining('UNAVAILABLE') },
      ],
    ]);
  });
});
