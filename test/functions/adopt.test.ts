import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAdopt } from '../../functions/adopt/adopt.ts';
import { AdoptionRefused, type AdoptReport, zAdoptInput } from '../../functions/adopt/adopt-contract.ts';
import { createHandler } from '../../functions/adopt/handler.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { UnknownAccount } from '../../shared/account/errors.ts';
import { quantity, text } from '../../shared/money/money.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { check, marketOrder, missedOrder } from '../reconciliation/checked.ts';
import { ordersAtExchange } from './books.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

const ASKED = { requestId: 'first', by: 'Ann', why: 'my old coins' };

const adopt = async (accountId: string, more: Record<string, unknown> = {}): Promise<AdoptReport> =>
  await runAdopt(
    zAdoptInput.parse({
      action: 'adopt',
      accountId,
      symbol: BTC,
      quantity: '0.3',
      costPerUnit: '20000',
      ...ASKED,
      ...more,
    }),
    lab.process(),
  );

const release = async (accountId: string, more: Record<string, unknown> = {}): Promise<AdoptReport> =>
  await runAdopt(
    zAdoptInput.parse({ action: 'release', accountId, symbol: BTC, ...ASKED, ...more }),
    lab.process(),
  );

const owner = async (balances: Readonly<Record<string, string>> = { USD: '1000', BTC: '0.5' }) =>
  (await lab.openAccount('user', { balances })).accountId;

const positionOf = async (accountId: string) => {
  const position = await lab.ledger.positions.get(accountId, BTC);
  return position === undefined ? 'none' : `${text(position.quantity)} for ${text(position.costBasis)}`;
};

describe('an adoption', () => {
  it('takes coins into management at the cost that the owner names, sends no order and is kept', async () => {
    const accountId = await owner();

    const report = await adopt(accountId);

    expect(await positionOf(accountId)).toBe('0.3 for 6000');
    expect(report.summary).toBe(`The position BTC/USD of ${accountId} was 0 for 0 and is now 0.3 for 6000.`);
    expect(ordersAtExchange(lab, accountId)).toEqual([]);
    expect(await lab.ledger.reconciliation.adjustments(accountId)).toEqual([report.adjustment]);
    expect(report.adjustment).toMatchObject({ reason: 'ADOPTED', by: 'Ann', why: 'my old coins' });
    expect((await check(lab, accountId)).report).toMatchObject({ adjusted: [], drifts: [] });
  });

  it('adds to a position and leaves what that has cost as it is', async () => {
    const accountId = await owner();
    await lab.givePosition(accountId, BTC, '0.02');
    const before = await lab.ledger.positions.get(accountId, BTC);
    lab.clock.advance(60_000);

    await adopt(accountId);

    expect(await positionOf(accountId)).toBe('0.32 for 6100');
    expect((await lab.ledger.positions.get(accountId, BTC))?.openedAt).toBe(before?.openedAt);
  });

  it('asked for again with the same request id does nothing more', async () => {
    const accountId = await owner();
    const first = await adopt(accountId);

    const again = await adopt(accountId);

    expect(again).toMatchObject({ repeated: true, adjustment: first.adjustment });
    expect(await positionOf(accountId)).toBe('0.3 for 6000');
  });

  it.each([
    [{ quantity: '0.2' }],
    [{ costPerUnit: '20001' }],
    [{ symbol: ETH }],
  ])('of something else (%j) with a request id that was used is refused', async (other) => {
    const accountId = await owner({ BTC: '0.5', ETH: '1' });
    await adopt(accountId);

    await expect(adopt(accountId, other)).rejects.toThrow(/belongs to another change .* use a new id/);
  });

  it('of more than is held and not managed is refused, with the figures', async () => {
    const accountId = await owner();
    await adopt(accountId);

    const more = adopt(accountId, { requestId: 'second', quantity: '0.20000001' });

    await expect(more).rejects.toThrow(
      `${accountId} has 0.2 BTC to adopt: the exchange holds 0.5, of which 0.3 is managed already (given 0.20000001)`,
    );
    expect(await positionOf(accountId)).toBe('0.3 for 6000');
  });

  it('takes no coins that an order of ours has bought and the ledger has missed', async () => {
    const accountId = await owner({ USD: '100000' });
    await missedOrder(lab, accountId, BTC, 'BUY', '0.01');

    await expect(adopt(accountId, { quantity: '0.01' })).rejects.toThrow('has 0 BTC to adopt');
  });

  it('waits until an order in doubt is known', async () => {
    const accountId = await owner();
    const at = lab.clock.now();
    await missedOrder(lab, accountId, BTC, 'BUY', '0.01', { state: 'INTENT', deadline: at + 3_600_000 });
    lab.simulator.faults.inject({
      kind: 'HTTP_5XX',
      endpoint: 'OpenOrders',
      times: Number.POSITIVE_INFINITY,
    });

    const asked = adopt(accountId);

    await expect(asked).rejects.toThrow(/nothing of BTC\/USD was adopted .* is in doubt.* Ask again later/);
    lab.simulator.faults.clear();
  });

  it('is refused while executions are not known, saying why', async () => {
    const accountId = await owner();
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', endpoint: 'TradesHistory', accountId });

    await expect(adopt(accountId)).rejects.toThrow(
      /nothing of BTC\/USD was adopted .*its executions cannot be read: .*HTTP 503.* Ask again later/,
    );
    expect(await positionOf(accountId)).toBe('none');
  });

  it('right after a sale of the same coins is refused: the exchange may still show those that were sold', async () => {
    const accountId = await owner();
    await lab.givePosition(accountId, BTC, '0.02');
    lab.clock.advance(MINUTE);
    lab.simulator.freezeBalances({ accountId, calls: 1 });
    await marketOrder(lab, accountId, BTC, 'SELL', '0.2');

    const soon = adopt(accountId, { quantity: '0.5' });
    await expect(soon).rejects.toThrow(
      /nothing of BTC\/USD was adopted .* BTC left it within the last minute/,
    );
    lab.clock.advance(MINUTE);
    const later = adopt(accountId, { quantity: '0.5' });
    await expect(later).rejects.toThrow(`${accountId} has 0.3 BTC to adopt`);
    const atLast = await adopt(accountId);

    expect(atLast.adjustment).toMatchObject({ reason: 'ADOPTED', held: quantity('0.32') });
    expect(await positionOf(accountId)).toBe('0.32 for 6100');
  });

  it('right after a purchase of the same coins takes them', async () => {
    const accountId = await owner({ USD: '100000' });
    await marketOrder(lab, accountId, BTC, 'BUY', '0.3');

    await adopt(accountId);

    expect(await positionOf(accountId)).toBe('0.3 for 6000');
  });

  it('in a market that is not there is refused', async () => {
    const accountId = await owner();

    await expect(adopt(accountId, { symbol: 'BTC/NIL' })).rejects.toThrow("given 'BTC/NIL'");
  });

  it.each([
    [{ costPerUnit: undefined }],
    [{ costPerUnit: '0' }],
    [{ quantity: '0' }],
    [{ quantity: 0.3 }],
    [{ requestId: undefined }],
    [{ by: ' ' }],
    [{ why: undefined }],
    [{ accountId: 'm-boss' }],
    [{ price: '1' }],
  ])('with %j is not taken', (wrong) => {
    const whole = {
      action: 'adopt',
      accountId: 'u-1',
      symbol: BTC,
      quantity: '1',
      costPerUnit: '1',
      ...ASKED,
    };

    expect(zAdoptInput.safeParse(whole).success).toBe(true);
    expect(zAdoptInput.safeParse({ ...whole, ...wrong }).success).toBe(false);
  });

  it('of an unknown account is refused', async () => {
    await expect(adopt('u-nobody')).rejects.toThrow(UnknownAccount);
  });
});

describe('a release', () => {
  it('gives the position back, sells nothing and is kept', async () => {
    const accountId = await owner();
    await lab.givePosition(accountId, BTC, '0.02');

    const report = await release(accountId);

    expect(await positionOf(accountId)).toBe('0 for 0');
    expect(report.summary).toBe(
      `0.02 of BTC/USD are ${accountId}'s own again: Nija neither sells nor protects them.`,
    );
    expect(report.adjustment).toMatchObject({ reason: 'RELEASED', by: 'Ann', why: 'my old coins' });
    expect(ordersAtExchange(lab, accountId)).toEqual([]);
  });

  it('asked for again with the same request id leaves alone what was bought since', async () => {
    const accountId = await owner();
    await lab.givePosition(accountId, BTC, '0.02');
    await release(accountId);
    await adopt(accountId, { requestId: 'back' });

    const again = await release(accountId);

    expect(again.repeated).toBe(true);
    expect(await positionOf(accountId)).toBe('0.3 for 6000');
  });

  it('works with the exchange and the secret gone', async () => {
    const accountId = await owner();
    await lab.givePosition(accountId, BTC, '0.02');
    await lab.deleteSecret(accountId);

    await release(accountId);

    expect(await positionOf(accountId)).toBe('0 for 0');
  });

  it('ends a drift', async () => {
    const accountId = await owner({ USD: '1000' });
    await lab.givePosition(accountId, BTC, '0.02');
    lab.simulator.withdraw(accountId, 'BTC', '0.01');
    await check(lab, accountId);

    await release(accountId);
    const { report } = await check(lab, accountId);

    expect(report).toMatchObject({ drifts: [], closedDrifts: [{ asset: 'BTC' }] });
  });

  it('of nothing, or with an order in doubt, is refused', async () => {
    const accountId = await owner();
    const nothing = release(accountId);
    await expect(nothing).rejects.toThrow(AdoptionRefused);
    await lab.givePosition(accountId, BTC, '0.02');
    await missedOrder(lab, accountId, BTC, 'SELL', '0.01', { state: 'INTENT' });

    await expect(release(accountId)).rejects.toThrow(/SELL order \w+ ended is not known yet/);
    expect(await positionOf(accountId)).toBe('0.02 for 100');
  });
});

const call = async (event: unknown): Promise<unknown> =>
  await invoke({ name: 'adopt', handler: createHandler(lab.host), timeoutMs: 30_000 }, event);

describe('the function', () => {
  it('shows what is managed, what is the owner’s own, and where both differ', async () => {
    const accountId = await owner({ USD: '1000', ETH: '2' });
    await lab.givePosition(accountId, BTC, '0.02');
    lab.simulator.withdraw(accountId, 'BTC', '0.01');
    await check(lab, accountId);

    const shown = await call({ action: 'status', accountId });

    expect(shown).toMatchObject({
      summary: `${accountId} has 1 managed positions; 2 ETH is the owner's own, and the ledger differs from the exchange in 1 assets.`,
      positions: [{ symbol: BTC }],
      unmanaged: [{ asset: 'ETH' }],
      drifts: [{ asset: 'BTC' }],
      lastChanges: [],
    });
  });

  it('refuses what it does not know, naming the field', async () => {
    const called = call({ action: 'adopt', accountId: 'u-1', symbol: BTC });

    await expect(called).rejects.toThrow(/requestId: give the request an id/);
  });
});
