import { describe, expect, it } from 'vitest';
import { marketSymbol } from '../../shared/exchange/market.ts';
import type { ExitSymbolResult } from '../../shared/exit/exit-request.ts';
import { sellOut } from '../../shared/exit/sell-out.ts';
import { quantity, quote, text, ZERO_QUANTITY, ZERO_QUOTE } from '../../shared/money/money.ts';
import { clientOrderIdOf } from '../../shared/order/order.ts';
import { BTC, NOON } from '../copying/made.ts';
import { exchangeFails } from '../order/at-the-exchange.ts';
import { COIN, type Holdings, oneCoin, target } from './one-coin.ts';

const TOO_LITTLE = { outcome: 'REJECTED', code: 'BELOW_MINIMUM', message: 'volume minimum not met' } as const;
const NO_FUNDS = { outcome: 'REJECTED', code: 'INSUFFICIENT_FUNDS', message: 'no funds' } as const;
const idOf = (round: number) => clientOrderIdOf(target().causeOf(round));

const earlier = (facts: Partial<ExitSymbolResult> = {}): ExitSymbolResult => ({
  symbol: BTC,
  state: 'FAILED',
  quantity: ZERO_QUANTITY,
  proceeds: ZERO_QUOTE,
  fees: ZERO_QUOTE,
  left: ZERO_QUANTITY,
  detail: 'no',
  rounds: 0,
  ...facts,
});

const sizes = ({ sent }: ReturnType<typeof oneCoin>) => sent.map(({ quantity: size }) => text(size));

describe('selling out a position', () => {
  it.each([
    ['what Nija bought, where its owner has more', 'managed', { managed: '2', total: '5' }, '2'],
    ['all that the account has, where everything is to go', 'everything', { managed: '2', total: '5' }, '5'],
  ] as const)('sells %s', async (_what, scope, holdings, sold) => {
    const here = oneCoin(holdings);

    const result = await sellOut(target({ scope }), here.ports);

    expect(result).toMatchObject({ state: 'SOLD', rounds: 1, detail: 'nothing left', left: ZERO_QUANTITY });
    expect([text(result.quantity), ...sizes(here)]).toEqual([sold, sold]);
    expect(here.sent).toMatchObject([{ side: 'SELL', type: 'MARKET', clientOrderId: idOf(1) }]);
  });

  it('sells no more than is there, and says what it cannot find', async () => {
    const here = oneCoin({ managed: '2', total: '1.5' });

    const result = await sellOut(target(), here.ports);

    expect(sizes(here)).toEqual(['1.5']);
    expect(result).toMatchObject({
      state: 'SOLD',
      rounds: 1,
      detail: expect.stringContaining('the ledger has 0.5 BTC'),
    });
  });

  it('tells the price before fees, the proceeds after them, and the fees', async () => {
    const { ports } = oneCoin({ managed: '2', total: '2' });

    const { price, proceeds, fees } = await sellOut(target(), ports);

    expect([price?.toFixed(), text(proceeds), text(fees)]).toEqual(['100', '199.5', '0.5']);
  });

  it('counts no fee that was taken in something else than the quote currency', async () => {
    const { ports } = oneCoin({ managed: '2', total: '2', feeAsset: 'KFEE' });

    const { proceeds, fees } = await sellOut(target(), ports);

    expect([text(proceeds), text(fees)]).toEqual(['200', '0']);
  });

  it('records what was sold before it goes on', async () => {
    const here = oneCoin({ managed: '2', total: '2' });

    await sellOut(target(), here.ports);

    expect(here.recorded).toHaveLength(1);
    expect(here.position()?.quantity.isZero()).toBe(true);
    expect(here.orders.all.get(idOf(1))).toMatchObject({ state: 'CLOSED' });
  });

  it('goes on with an order of its own for what a thin book left, and adds all up', async () => {
    const here = oneCoin({ managed: '2', total: '2', meets: [{ buys: '0.5' }, { buys: '0.7' }] });

    const result = await sellOut(target(), here.ports);

    expect(sizes(here)).toEqual(['2', '1.5', '0.8']);
    expect(here.sent.map(({ clientOrderId }) => clientOrderId)).toEqual([idOf(1), idOf(2), idOf(3)]);
    expect(result).toMatchObject({ state: 'SOLD', rounds: 3 });
    expect([text(result.quantity), text(result.proceeds), text(result.fees)]).toEqual(['2', '199.5', '0.5']);
  });

  it('keeps the key before every order', async () => {
    const here = oneCoin({ managed: '2', total: '2', meets: [{ buys: '0.5' }] });

    await sellOut(target(), here.ports);

    // Two orders, and the look that finds nothing left.
    expect(here.kept).toHaveLength(3);
  });

  it('stops after five orders, and says how much is left', async () => {
    const meets = Array.from({ length: 9 }, () => ({ buys: '0.1' }));
    const here = oneCoin({ managed: '2', total: '2', meets });

    const result = await sellOut(target(), here.ports);

    expect(here.sent).toHaveLength(5);
    expect(result).toMatchObject({
      state: 'FAILED',
      rounds: 5,
      detail: '1.5 is left after 5 orders: ask again',
    });
  });
});

describe('selling a part of a position', () => {
  it('sells at most what was asked, in one order', async () => {
    const here = oneCoin({ managed: '2', total: '2' });

    const result = await sellOut(target({ most: quantity('0.8') }), here.ports);

    expect(sizes(here)).toEqual(['0.8']);
    expect(result).toMatchObject({ state: 'SOLD', detail: 'all that was asked for', left: ZERO_QUANTITY });
  });

  it('sells over all its calls no more than was asked', async () => {
    const here = oneCoin({ managed: '2', total: '2' });
    const before = earlier({ quantity: quantity('0.3'), proceeds: quote('29'), fees: quote('1'), rounds: 2 });

    const result = await sellOut(target({ most: quantity('0.8'), earlier: before }), here.ports);

    expect(sizes(here)).toEqual(['0.5']);
    expect(here.sent[0]?.clientOrderId).toBe(idOf(3));
    expect(result).toMatchObject({ state: 'SOLD', rounds: 3 });
    expect([text(result.quantity), text(result.proceeds), text(result.fees)]).toEqual([
      '0.8',
      '78.875',
      '1.125',
    ]);
  });

  it('only finds out what was sold before, where nothing more may go', async () => {
    const here = oneCoin({ managed: '2', total: '2' });

    const result = await sellOut(target({ most: ZERO_QUANTITY }), here.ports);

    expect(here.sent).toEqual([]);
    expect(result).toMatchObject({ state: 'FLAT', detail: 'nothing was sold', rounds: 0 });
  });
});

describe('what was begun before', () => {
  const begun = async (meets: Holdings['meets']) => {
    const here = oneCoin({ managed: '2', total: '2', ...(meets === undefined ? {} : { meets }) });
    let placed = false;
    const dying = {
      ...here.ports.session,
      place: async (order: Parameters<typeof here.ports.session.place>[0]) => {
        placed = true;
        await here.ports.session.place(order);
        throw new Error('died');
      },
    };
    const died = await sellOut(target(), { ...here.ports, session: dying });
    return { here, died, placed };
  };

  it('is found by its cause and not sold twice', async () => {
    const { here, died, placed } = await begun([{ buys: '2' }]);
    expect([placed, died.state, died.detail]).toEqual([true, 'FAILED', 'died']);

    const result = await sellOut(target({ earlier: died }), here.ports);

    expect(here.sent).toHaveLength(1);
    expect(result).toMatchObject({ state: 'SOLD', rounds: 1 });
    expect(text(result.quantity)).toBe('2');
  });

  it('is sent again where it never arrived, as the same order', async () => {
    const { here, died } = await begun([{ outcome: 'NOT_PLACED', code: 'RATE_LIMITED', message: 'slow' }]);

    const result = await sellOut(target({ earlier: died }), here.ports);

    expect(here.sent.map(({ clientOrderId, firstSend }) => [clientOrderId, firstSend])).toEqual([
      [idOf(1), true],
      [idOf(1), false],
    ]);
    expect(result).toMatchObject({ state: 'SOLD', rounds: 1 });
  });
});

describe('an order for all that is refused', () => {
  it('as too little ends as dust, with the words of the exchange', async () => {
    const here = oneCoin({ managed: '2', total: '2', meets: [TOO_LITTLE] });

    const result = await sellOut(target(), here.ports);

    expect(result).toMatchObject({
      state: 'DUST',
      tooLittle: true,
      rounds: 1,
      left: quantity('2'),
      detail: 'the exchange refused: BELOW_MINIMUM: volume minimum not met',
      backOff: { refusals: 1, nextTryAt: NOON, why: expect.stringContaining('volume minimum') },
    });
    expect(here.sent).toHaveLength(1);
  });

  it('as too little is dust, too, where a rest below one step is held beside it', async () => {
    const here = oneCoin({ managed: '2.004', total: '2.004', meets: [TOO_LITTLE] });

    expect(await sellOut(target(), here.ports)).toMatchObject({ state: 'DUST', tooLittle: true });
  });

  it.each([
    ['a part alone was asked for', { most: quantity('0.8') }, {}],
    ['a part alone is free', {}, { free: '0.8' }],
  ])('as too little is tried again where %s: all of it may be enough', async (_where, asked, holdings) => {
    const here = oneCoin({ managed: '2', total: '2', meets: [TOO_LITTLE], ...holdings });

    const result = await sellOut(target(asked), here.ports);

    expect(result).toMatchObject({ state: 'FAILED', backOff: { refusals: 1 } });
    expect(result).not.toHaveProperty('tooLittle');
  });

  it('for another reason has failed, and is not sent again in the same call', async () => {
    const here = oneCoin({ managed: '2', total: '2', meets: [NO_FUNDS] });

    const result = await sellOut(target(), here.ports);

    expect(result).toMatchObject({
      state: 'FAILED',
      detail: 'the exchange refused: INSUFFICIENT_FUNDS: no funds',
      rounds: 1,
    });
    expect(here.sent).toHaveLength(1);
  });

  it('found no buyer where it sold nothing', async () => {
    const here = oneCoin({ managed: '2', total: '2', meets: [{ buys: '0' }] });

    const result = await sellOut(target(), here.ports);

    expect(result).toMatchObject({
      state: 'FAILED',
      detail: 'the market order found no buyer: ask again',
      rounds: 1,
      backOff: { refusals: 1 },
    });
    expect(result).not.toHaveProperty('price');
  });

  const twice = { refusals: 1, nextTryAt: NOON, why: 'no' };

  it('rests longer with each refusal, and is over it with the first sale', async () => {
    const refused = oneCoin({ managed: '2', total: '2', meets: [NO_FUNDS] });
    const sold = oneCoin({ managed: '2', total: '2' });
    const asked = target({ earlier: earlier({ backOff: twice, rounds: 1 }) });

    expect(await sellOut(asked, refused.ports)).toMatchObject({ backOff: { refusals: 2 } });
    expect(await sellOut(asked, sold.ports)).not.toHaveProperty('backOff');
  });

  const resting = earlier({ backOff: { refusals: 3, nextTryAt: NOON + 1, why: 'no' } });

  it('is not tried while it rests, where nobody asks for it', async () => {
    const here = oneCoin({ managed: '2', total: '2' });

    const result = await sellOut(target({ mayRest: true, earlier: resting }), here.ports);

    expect(result).toMatchObject({ state: 'FAILED', backOff: { refusals: 3 }, left: quantity('2') });
    expect(result.detail).toContain('refused 3 times in a row');
    expect(here.sent).toEqual([]);
  });

  it('is tried at once where somebody asks for it', async () => {
    const here = oneCoin({ managed: '2', total: '2' });

    expect(await sellOut(target({ earlier: resting }), here.ports)).toMatchObject({ state: 'SOLD' });
  });
});

describe('what cannot be sold', () => {
  it('is nothing, where nothing is held', async () => {
    const here = oneCoin({ managed: '0', total: '0' });

    expect(await sellOut(target(), here.ports)).toMatchObject({
      state: 'FLAT',
      detail: 'nothing held',
      rounds: 0,
    });
  });

  it('is told as dust, where it is below the minimum', async () => {
    const here = oneCoin({ managed: '0.04', total: '0.04' });

    expect(await sellOut(target(), here.ports)).toMatchObject({
      state: 'DUST',
      left: quantity('0.04'),
      detail: '0.04 BTC is below the minimum of 0.05',
    });
  });

  it('is told as staked, with what its owner can do', async () => {
    const here = oneCoin({ managed: '2', total: '2', free: '0', bonded: '2' });

    const result = await sellOut(target(), here.ports);

    expect(result).toMatchObject({ state: 'STAKED', left: quantity('2') });
    expect(result.detail).toMatch(/^2 BTC is staked, .* unstake it/);
  });

  it('is told as locked, where open orders hold it', async () => {
    const here = oneCoin({ managed: '2', total: '2', free: '0' });

    const result = await sellOut(target(), here.ports);

    expect(result).toMatchObject({ state: 'FAILED', left: quantity('2') });
    expect(result.detail).toMatch(/^0 of 2 BTC is free; the rest is locked in open orders/);
  });

  it('waits while the rest of it is sold', async () => {
    const here = oneCoin({ managed: '2', total: '2', free: '1.2', bonded: '0.8' });

    const result = await sellOut(target(), here.ports);

    expect(sizes(here)).toEqual(['1.2']);
    expect(result).toMatchObject({ state: 'STAKED', left: quantity('0.8'), rounds: 1 });
  });

  it('is what a market that is gone lists, for which no price is asked', async () => {
    const here = oneCoin({ managed: '2', total: '3' });
    const ports = {
      ...here.ports,
      everListed: [{ ...COIN, status: 'delisted' as const }],
      priceOf: async () => Promise.reject(new Error('nobody should ask')),
    };

    const result = await sellOut(target(), ports);

    expect(result).toMatchObject({ state: 'DELISTED', left: quantity('2'), rounds: 0 });
    expect(result.detail).toContain('kraken lists BTC/USD no more: 2 BTC cannot be sold here');
    expect(here.sent).toEqual([]);
  });

  it('is nothing in a market that is gone, where nothing is held', async () => {
    const here = oneCoin({ managed: '0', total: '0' });
    const ports = { ...here.ports, everListed: [{ ...COIN, status: 'delisted' as const }] };

    expect(await sellOut(target(), ports)).toMatchObject({ state: 'FLAT' });
  });

  it('is sold all the same where no price can be had', async () => {
    const here = oneCoin({ managed: '0.05', total: '0.05' });

    const result = await sellOut(target(), { ...here.ports, priceOf: async () => undefined });

    expect(result).toMatchObject({ state: 'SOLD' });
  });
});

describe('an exchange that shows less than the ledger has', () => {
  it('is asked again after three seconds before nothing is taken for sold', async () => {
    const here = oneCoin({ managed: '2', total: '0', later: { total: '2' } });

    const result = await sellOut(target(), here.ports);

    expect(here.sleeps).toEqual([3_000]);
    expect(result).toMatchObject({ state: 'SOLD', rounds: 1 });
    expect(sizes(here)).toEqual(['2']);
  });

  it('ends the sale where it shows nothing twice, and says what both have', async () => {
    const here = oneCoin({ managed: '2', total: '0.01' });

    const result = await sellOut(target(), here.ports);

    expect(here.looks()).toBe(2);
    expect(here.kept).toEqual([NOON, NOON + 3_000]);
    expect(result).toMatchObject({ state: 'DUST' });
    expect(here.told).toEqual(['DriftFound']);
  });

  it('has nothing to sell where it shows none twice', async () => {
    const here = oneCoin({ managed: '2', total: '0' });

    expect(await sellOut(target(), here.ports)).toMatchObject({
      state: 'FLAT',
      detail: expect.stringMatching(/^asked twice, the exchange shows 0 BTC, while the ledger has 2 BTC/),
    });
  });

  it('has nothing to sell where it does not even list the coin', async () => {
    const here = oneCoin({ managed: '2', total: '2', listed: false });

    expect(await sellOut(target(), here.ports)).toMatchObject({
      state: 'FLAT',
      detail: expect.stringContaining('the exchange shows 0 BTC'),
    });
  });

  it('is not asked twice where it shows enough to sell', async () => {
    const here = oneCoin({ managed: '2', total: '1.5' });

    await sellOut(target(), here.ports);

    expect(here.sent[0]?.deadline).toBe(NOON + 8_000);
  });

  it('is told once, not with every order', async () => {
    const here = oneCoin({ managed: '2', total: '1.5', meets: [{ buys: '0.5' }] });

    await sellOut(target(), here.ports);

    expect(here.sent).toHaveLength(2);
    expect(here.told).toEqual(['DriftFound']);
  });

  it('is not told of what is within one step: that is rounding', async () => {
    const here = oneCoin({ managed: '2.01', total: '2' });

    await sellOut(target(), here.ports);

    expect(here.told).toEqual([]);
  });
});

describe('a sale that fails on the way', () => {
  it('is a result and no exception, with what was sold before', async () => {
    const here = oneCoin({ managed: '2', total: '2', meets: [{ buys: '0.5' }] });
    let looks = 0;
    const session = {
      ...here.ports.session,
      balances: async () => {
        looks += 1;
        if (looks === 2) throw exchangeFails('UNAVAILABLE');
        return await here.ports.session.balances();
      },
    };

    const result = await sellOut(target(), { ...here.ports, session });

    expect(result).toMatchObject({ state: 'FAILED', rounds: 1, detail: 'it said UNAVAILABLE' });
    expect(text(result.quantity)).toBe('0.5');
  });

  it('names a market that the exchange never had', async () => {
    const here = oneCoin({ managed: '2', total: '2' });

    const result = await sellOut(target({ symbol: marketSymbol('BTX/USD') }), here.ports);

    expect(result).toMatchObject({ symbol: 'BTX/USD', state: 'FAILED', rounds: 0 });
    expect(result.detail).toContain('lists no market BTX/USD');
  });

  it('keeps what earlier calls have sold, whatever happens now', async () => {
    const here = oneCoin({ managed: '2', total: '2' });
    const before = earlier({
      quantity: quantity('1'),
      proceeds: quote('99'),
      fees: quote('1'),
      left: quantity('2'),
      rounds: 4,
      backOff: { refusals: 2, nextTryAt: NOON, why: 'no' },
    });
    const ports = { ...here.ports, priceOf: async () => Promise.reject(exchangeFails('TIMEOUT')) };

    const result = await sellOut(target({ earlier: before }), ports);

    expect(result).toMatchObject({
      quantity: quantity('1'),
      proceeds: quote('99'),
      fees: quote('1'),
      left: quantity('2'),
      rounds: 4,
      backOff: { refusals: 2 },
      detail: 'it said TIMEOUT',
    });
    expect(result.price?.toFixed()).toBe('100');
  });
});
