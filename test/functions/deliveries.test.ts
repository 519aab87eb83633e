import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CopyUnknown, runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { runTick, zTickInput } from '../../functions/master-tick/master-tick.ts';
import { VirtualClock } from '../../infra/local/clock/virtual-clock.ts';
import { fraction } from '../../shared/money/money.ts';
import { DAY, iso } from '../../shared/time/clock.ts';
import { BTC, ETH, NOON, SOL } from '../local/kraken/exchange.ts';
import { expectLedgerAsExchange, heldAtExchange, ordersAtExchange } from './books.ts';
import { alwaysBuys, bossTrade, giveCopy, liveMaster } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

// Those who wait for a key must not make the time of its holder pass: this clock runs by itself.
const clock = new VirtualClock(NOON);
let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ clock });
  await lab.ledger.publishStatus({
    masterId: 'm-boss',
    healthy: true,
    reason: 'ok',
    at: clock.now(),
    periodMs: DAY,
  });
});
afterAll(() => lab.stop());

/** Each delivery by a process of its own, all at once; gives how they ended. */
const atOnce = async <T>(times: number, run: (ports: ReturnType<Lab['process']>) => Promise<T>) =>
  await Promise.allSettled(Array.from({ length: times }, () => run(lab.process())));

const endings = (results: readonly PromiseSettledResult<unknown>[]): readonly string[] =>
  results.map((result) => (result.status === 'fulfilled' ? 'done' : String(result.reason)));

/** Until the lease says that an exit is served next. */
const untilSomebodyWaits = async (accountId: string, fingerprint: string): Promise<void> => {
  const { client, table } = lab.table;
  const Key = { pk: accountId, sk: `LEASE#${fingerprint}` };
  for (;;) {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
    if (Item?.['waiter'] !== undefined) return;
    await clock.sleep(5);
  }
};

describe('a copy message', () => {
  it('delivered again after the end changes nothing and gives the same outcome', async () => {
    const { accountId } = await lab.openAccount('user');
    const message = await giveCopy(lab, accountId, bossTrade(clock.now()));

    const first = await runCopy(message, lab.process());
    const requests = lab.simulator.books.requests().reduce((sum, { count }) => sum + count, 0);
    const second = await runCopy(message, lab.process());

    expect(first.state).toBe('FILLED');
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    expect(lab.simulator.books.requests().reduce((sum, { count }) => sum + count, 0)).toBe(requests);
    expect(ordersAtExchange(lab, accountId)).toHaveLength(1);
  });

  it.each(['BUY', 'SELL'] as const)('of a %s delivered three times at once makes one order', async (side) => {
    const { accountId } = await lab.openAccount('user');
    if (side === 'SELL') await lab.givePosition(accountId, BTC, '0.02');
    const trade = bossTrade(clock.now(), { side, soldFraction: fraction('0.5') });
    const message = await giveCopy(lab, accountId, trade);

    const results = await atOnce(3, (ports) => runCopy(message, ports));

    expect(endings(results)).toEqual(['done', 'done', 'done']);
    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side }]);
    await expectLedgerAsExchange(lab, accountId, BTC, side);
  });

  it('that names no copy of the ledger is refused and places nothing', async () => {
    const { accountId } = await lab.openAccount('user');

    const refused = runCopy({ accountId, masterId: 'm-boss', tradeId: 't-none' }, lab.process());

    await expect(refused).rejects.toThrow(CopyUnknown);
    expect(ordersAtExchange(lab, accountId)).toEqual([]);
  });
});

describe('two trades of one master', () => {
  it('are copied in their order: what was bought is sold again', async () => {
    const { accountId } = await lab.openAccount('user');
    const bought = await giveCopy(lab, accountId, bossTrade(clock.now()));
    const sold = await giveCopy(lab, accountId, bossTrade(clock.now() + 1, { side: 'SELL' }));

    const outcomes = [await runCopy(bought, lab.process()), await runCopy(sold, lab.process())];

    expect(outcomes.map(({ state }) => state)).toEqual(['FILLED', 'FILLED']);
    expect(ordersAtExchange(lab, accountId).map(({ side }) => side)).toEqual(['BUY', 'SELL']);
    expect(Number(heldAtExchange(lab, accountId, BTC))).toBe(0);
    await expectLedgerAsExchange(lab, accountId, BTC, 'both');
  });

  it('that are worked on at once move the position by both', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.04');
    const messages = [
      await giveCopy(lab, accountId, bossTrade(clock.now())),
      await giveCopy(lab, accountId, bossTrade(clock.now(), { side: 'SELL', soldFraction: fraction('0.5') })),
    ];

    const results = await Promise.all(messages.map((message) => runCopy(message, lab.process())));

    expect(results.map(({ state }) => state)).toEqual(['FILLED', 'FILLED']);
    expect(ordersAtExchange(lab, accountId)).toHaveLength(2);
    await expectLedgerAsExchange(lab, accountId, BTC, 'both');
  });
});

describe('an exit request', () => {
  it('made twice at once sells once', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    const input = zExitInput.parse({ accountId, requestId: 'twice' });

    await atOnce(2, (ports) => runExit(input, ports));
    const after = await runExit(input, lab.process());

    expect(after).toMatchObject({ state: 'FLAT', results: [{ symbol: BTC, state: 'SOLD', rounds: 1 }] });
    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: 'SELL', filled: '0.02' }]);
    await expectLedgerAsExchange(lab, accountId, BTC, 'twice');
  });

  it.each([
    ['three presses at once', undefined, 3],
    ['three presses at once, the first order of which goes unanswered', 'RESET_AFTER', 3],
  ] as const)('without an id, %s, sells what was held and nothing twice', async (_what, kind, presses) => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '100', BTC: '0.5', SOL: '3' } });
    await lab.givePosition(accountId, BTC, '0.02');
    await lab.givePosition(accountId, ETH, '0.4');
    if (kind !== undefined) lab.simulator.faults.inject({ kind, accountId, endpoint: 'AddOrder' });
    const input = zExitInput.parse({ accountId });

    const results = await atOnce(presses, (ports) => runExit(input, ports));
    const after = await runExit(input, lab.process());

    expect(endings(results)).toEqual(results.map(() => 'done'));
    expect(after.state).toBe('FLAT');
    const orders = ordersAtExchange(lab, accountId);
    const soldOf = (symbol: string): readonly string[] =>
      orders.filter((order) => order.symbol === symbol && order.filled !== '0').map(({ filled }) => filled);
    expect(soldOf(BTC)).toEqual(['0.02']);
    expect(soldOf(ETH)).toEqual(['0.4']);
    expect(new Set(orders.map(({ clientOrderId }) => clientOrderId)).size).toBe(orders.length);
    // The owner's own is still there.
    expect([heldAtExchange(lab, accountId, BTC), heldAtExchange(lab, accountId, SOL)]).toEqual(['0.5', '3']);
    const exits = await lab.ledger.exits.list(accountId);
    expect(exits.filter(({ state }) => state !== 'FLAT')).toEqual([]);
    const told = exits.flatMap((request) => request.results).filter(({ state }) => state === 'SOLD');
    expect(told.map(({ symbol }) => symbol).toSorted()).toEqual([BTC, ETH]);
  });

  it('beside another one sells what is there once', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');

    const results = await Promise.all(
      ['one', 'two'].map((requestId) => runExit(zExitInput.parse({ accountId, requestId }), lab.process())),
    );

    expect(results.map(({ state }) => state)).toEqual(['FLAT', 'FLAT']);
    expect(ordersAtExchange(lab, accountId)).toHaveLength(1);
    await expectLedgerAsExchange(lab, accountId, BTC, 'beside');
  });

  it('beside a copied SELL of everything never sells more than is held', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    const message = await giveCopy(lab, accountId, bossTrade(clock.now(), { side: 'SELL' }));

    await Promise.all([
      runCopy(message, lab.process()),
      runExit(zExitInput.parse({ accountId, requestId: 'beside' }), lab.process()),
    ]);

    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: 'SELL', filled: '0.02' }]);
    await expectLedgerAsExchange(lab, accountId, BTC, 'beside');
  });

  it('waits for a lease that is held and is served next, before a copy that came first', async () => {
    const { accountId, keyFingerprint } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    const sold: string[] = [];
    const { leases } = lab.process();
    const terms = { accountId, fingerprint: keyFingerprint, waitMs: 0 } as const;
    const held = await leases.acquire({ ...terms, holder: 'somebody', priority: 'normal' });
    const message = await giveCopy(lab, accountId, bossTrade(clock.now(), { side: 'SELL' }));

    const copying = runCopy(message, lab.process()).then(() => sold.push('copy'));
    const exiting = runExit(zExitInput.parse({ accountId, requestId: 'next' }), lab.process()).then(
      (report) => sold.push(`exit ${report.results[0]?.state}`),
    );
    await untilSomebodyWaits(accountId, keyFingerprint);
    await held.release();
    await Promise.all([copying, exiting]);

    expect(sold).toEqual(['exit SOLD', 'copy']);
    expect(ordersAtExchange(lab, accountId)).toHaveLength(1);
  });
});

describe('a tick', () => {
  it('delivered twice at once, and again later, buys once and publishes one trade', async () => {
    const { accountId } = await lab.openAccount('master', liveMaster);
    const input = zTickInput.parse({ accountId, scheduledAt: iso(clock.now()) });
    const run = (ports: ReturnType<Lab['process']>) =>
      runTick(input, { ...ports, strategy: () => alwaysBuys });

    const results = await atOnce(2, run);
    await run(lab.process());

    expect(endings(results)).toContain('done');
    expect(ordersAtExchange(lab, accountId)).toHaveLength(1);
    expect(await lab.ledger.trades(accountId)).toHaveLength(1);
    await expectLedgerAsExchange(lab, accountId, BTC, 'twice');
  });
});
