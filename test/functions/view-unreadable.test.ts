import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BTC } from '../local/kraken/exchange.ts';
import { openViewWorld, type ViewWorld } from './view-world.ts';

let world: ViewWorld;
beforeAll(async () => {
  world = await openViewWorld();
  await world.openMaster();
  await world.masterBuys();
  for (const id of ['u-ann', 'u-ben', 'u-cho']) await world.user(id);
  await world.lab.hold('u-ann', BTC, '0.01', '500');
});
afterAll(() => world.stop());

const positionsOf = async (accountId: string) => {
  const [account] = (await world.view('positions', { accountId })).accounts;
  if (account?.readable !== true) throw new Error(`${accountId} cannot be read`);
  return account;
};

describe('positions whose stops cannot be read', () => {
  it("of a master say so where its strategy's plan is damaged, and are not without stops", async () => {
    await world.lab.ledger.strategyStates.put('m-boss', BTC, { plan: 'apex/1', stop: 'none' });
    const noPlan = await positionsOf('m-boss');
    await world.damage('m-boss', `STRATEGY#${BTC}`);

    const damaged = await positionsOf('m-boss');

    expect(noPlan.positions).toMatchObject([
      { levels: [], levelsUnreadable: expect.stringContaining('no plan') },
    ]);
    expect(damaged.positions).toMatchObject([
      { levels: [], levelsUnreadable: expect.stringContaining(`memory of ${BTC} is damaged`) },
    ]);
  });

  it('of a user say that nobody knows whether their stops are judged, where that is damaged', async () => {
    const before = await positionsOf('u-ann');
    await world.damage('u-ann', 'UNJUDGED');

    const damaged = await positionsOf('u-ann');

    expect(before).not.toHaveProperty('unjudgedUnreadable');
    expect(damaged).toMatchObject({
      positions: [{ symbol: BTC }],
      unjudgedUnreadable: expect.stringContaining('u-ann / UNJUDGED'),
    });
  });
});

describe('events that cannot be read', () => {
  it.each([
    ['KEYSTATE', 'key state'],
    ['FOLLOWING', 'note of its master'],
  ])('of a damaged %s are named as failing, not left out', async (sort, part) => {
    await world.damage('u-ben', sort);

    const { failing } = await world.view('events', { accountId: 'u-ben' });

    expect(failing).toContainEqual({
      accountId: 'u-ben',
      part,
      why: expect.stringContaining(`u-ben / ${sort}`),
    });
  });
});

describe('halts', () => {
  it('are told with each page of accounts', async () => {
    const { lab } = world;
    await lab.ledger.control.setHalt({ engaged: true, at: lab.clock.now(), by: 'ops', why: 'an odd day' });
    const first = await world.view('events', { limit: 2 });

    const second = await world.view('events', { limit: 2, cursor: first.page.next });

    expect(first.page.next).toBeDefined();
    for (const { events } of [first, second])
      expect(events.filter(({ kind }) => kind === 'halt')).toMatchObject([{ by: 'ops' }]);
  });
});

describe('a name that there is not', () => {
  it.each([
    { query: 'copies', accountId: 'u-typo' },
    { query: 'copies', accountId: 'u-ann', masterId: 'm-typo' },
    { query: 'trades', masterId: 'm-typo' },
    { query: 'distribution', accountId: 'u-typo' },
    { query: 'distribution', masterId: 'm-typo' },
    { query: 'equity', accountId: 'u-typo' },
    { query: 'events', accountId: 'u-typo' },
  ])('is an error of $query, never an empty answer', async (event) => {
    await expect(world.ask(event)).rejects.toMatchObject({
      name: 'UnknownAccount',
      message: expect.stringMatching(/'[um]-typo'/),
    });
  });

  it.each([
    { masterId: 'm-boss', tradeId: 'TYPO' },
    { accountId: 'u-ann', tradeId: 'TYPO' },
  ])('is an error of copies where it is a trade', async (more) => {
    await expect(world.ask({ query: 'copies', ...more })).rejects.toMatchObject({
      name: 'UnknownTrade',
      message: expect.stringContaining("'TYPO'"),
    });
  });

  it('is none where there is nothing yet of a name that is known', async () => {
    const [trade] = await world.lab.ledger.trades('m-boss');
    const before = { to: 1 };

    const empty = await Promise.all([
      world.view('copies', { accountId: 'u-cho' }),
      world.view('copies', { masterId: 'm-boss', tradeId: trade?.tradeId }),
      world.view('copies', { accountId: 'u-cho', tradeId: trade?.tradeId }),
    ]);
    const { trades } = await world.view('trades', { masterId: 'm-boss', ...before });

    expect(empty.map(({ copies }) => copies)).toEqual([[], [], []]);
    expect(trades).toEqual([]);
  });
});
