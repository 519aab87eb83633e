import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, withConnection } from '../../shared/account/connect.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { settleDoubtful } from '../../shared/ledger/settle-doubtful.ts';
import { quantity, text } from '../../shared/money/money.ts';
import { clientOrderIdOf } from '../../shared/order/order.ts';
import { HOUR, SECOND } from '../../shared/time/clock.ts';
import { type Lab, openLab } from '../functions/lab.ts';
import { BTC, ETH, SOL } from '../local/kraken/exchange.ts';
import { missedOrder } from '../reconciliation/checked.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

const user = async (): Promise<string> => (await lab.openAccount('user')).accountId;

const settle = async (
  accountId: string,
  { only, withinMs }: { only?: readonly MarketSymbol[]; withinMs?: number } = {},
  seen: (connection: Connection) => Connection = (connection) => connection,
) => {
  const ports = lab.process();
  const account = await lab.ledger.accounts.get(accountId);
  if (account === undefined) throw new Error(`no account ${accountId}`);
  const terms = { holder: 'a test', priority: 'normal', waitMs: 0 } as const;
  const from = lab.clock.now();
  const doubtful = await withConnection(account, terms, ports, async (connection) =>
    settleDoubtful(accountId, only, seen(connection), ports, withinMs),
  );
  return { doubtful, tookMs: lab.clock.now() - from };
};

/** Sent, as far as the ledger knows, and executed by the exchange. */
const executed = async (accountId: string, symbol: MarketSymbol, amount: string) =>
  await missedOrder(lab, accountId, symbol, 'BUY', amount, { state: 'INTENT' });

/** Sent, as far as the ledger knows; the exchange has no such order, and may still get it until `certainIn`. */
const unseen = async (accountId: string, symbol: MarketSymbol, certainIn: number) => {
  const cause = { kind: 'copy', accountId, tradeId: `t-unseen-${symbol}` } as const;
  const at = lab.clock.now();
  const record = {
    accountId,
    clientOrderId: clientOrderIdOf(cause),
    cause: JSON.stringify(cause),
    symbol,
    side: 'BUY',
    type: 'MARKET',
    quantity: quantity('0.01'),
    state: 'INTENT',
    attempt: 1,
    createdAt: at,
    intendedAt: at,
    deadline: at + certainIn,
  } as const;
  await lab.ledger.orders.create(record);
  return record;
};

const stateOf = async ({ accountId, clientOrderId }: { accountId: string; clientOrderId: string }) =>
  (await lab.ledger.orders.get(accountId, clientOrderId))?.state;
const held = async (accountId: string) =>
  (await lab.ledger.positions.list(accountId)).map(({ symbol, quantity: q }) => `${symbol} ${text(q)}`);

describe('orders in doubt', () => {
  it('are found out, each recorded in its own market', async () => {
    const accountId = await user();
    const orders = [await executed(accountId, BTC, '0.01'), await executed(accountId, SOL, '2')];

    const { doubtful } = await settle(accountId);

    expect([...doubtful]).toEqual([]);
    expect(await Promise.all(orders.map(stateOf))).toEqual(['CLOSED', 'CLOSED']);
    expect(await held(accountId)).toEqual(['BTC/USD 0.01', 'SOL/USD 2']);
  });

  it('of which one is not to be seen yet keep no other waiting', async () => {
    const accountId = await user();
    const waiting = await unseen(accountId, BTC, HOUR);
    const done = await executed(accountId, ETH, '0.1');

    const { doubtful, tookMs } = await settle(accountId, { withinMs: 5 * SECOND });

    expect([...doubtful]).toEqual([
      [
        BTC,
        expect.stringMatching(
          new RegExp(`^BUY order ${waiting.clientOrderId} is in doubt: .*not to be seen yet`),
        ),
      ],
    ]);
    expect(await Promise.all([waiting, done].map(stateOf))).toEqual(['INTENT', 'CLOSED']);
    expect(await held(accountId)).toEqual(['ETH/USD 0.1']);
    expect(tookMs).toBeLessThanOrEqual(5 * SECOND);
  });

  it('are waited for as long as the call has, and no longer', async () => {
    const accountId = await user();
    await unseen(accountId, BTC, HOUR);

    const short = await settle(accountId, { withinMs: 2 * SECOND });
    const long = await settle(accountId);

    expect(short.tookMs).toBeLessThanOrEqual(2 * SECOND);
    // Of one order: sixteen seconds, though all together may take twenty.
    expect(long.tookMs).toBeGreaterThan(10 * SECOND);
    expect(long.tookMs).toBeLessThanOrEqual(16 * SECOND);
  });

  it('are not looked up where no time is left, and say so', async () => {
    const accountId = await user();
    const order = await executed(accountId, BTC, '0.01');

    const { doubtful } = await settle(accountId, { withinMs: 0 });

    expect([...doubtful.values()]).toEqual([
      expect.stringContaining('the 0 ms for orders in doubt were over'),
    ]);
    expect(await stateOf(order)).toBe('INTENT');
  });

  it('that the exchange never got are absent once that is certain, and in doubt no more', async () => {
    const accountId = await user();
    const order = await unseen(accountId, BTC, SECOND);

    const { doubtful } = await settle(accountId);

    expect([...doubtful]).toEqual([]);
    expect(await stateOf(order)).toBe('NOT_PLACED');
    expect(await held(accountId)).toEqual([]);
  });

  it('of other symbols than those asked for are left alone', async () => {
    const accountId = await user();
    const orders = [await executed(accountId, BTC, '0.01'), await executed(accountId, ETH, '0.1')];

    const { doubtful } = await settle(accountId, { only: [ETH] });

    expect([...doubtful]).toEqual([]);
    expect(await Promise.all(orders.map(stateOf))).toEqual(['INTENT', 'CLOSED']);
  });

  it('in a market whose rules are not known stay in doubt, and are recorded when they are', async () => {
    const accountId = await user();
    const order = await executed(accountId, ETH, '0.1');

    const { doubtful } = await settle(accountId, {}, (connection) => ({
      ...connection,
      everListed: connection.everListed.filter(({ symbol }) => symbol !== ETH),
    }));
    const before = await stateOf(order);
    await settle(accountId);

    expect(doubtful.get(ETH)).toContain('the rules of the market ETH/USD are not known');
    expect(before).toBe('INTENT');
    expect(await stateOf(order)).toBe('CLOSED');
  });
});
