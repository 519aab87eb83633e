import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fraction } from '../../shared/money/money.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { bossTrade, giveCopy } from './causes.ts';
import { openViewWorld, type ViewWorld } from './view-world.ts';

const ops = { by: 'ops', why: 'an odd day' };
let world: ViewWorld;
let tradeIds: readonly string[];

/** m-boss has bought three times; who copied what, and what befell whom, is told by the accounts' names. */
beforeAll(async () => {
  world = await openViewWorld();
  const { lab, user, masterBuys, copy } = world;
  await world.openMaster();
  await user('u-ann', {
    protection: { stopLoss: '0.1', trailing: { activateAt: '0.02', distance: '0.01' }, maxHoldingHours: 24 },
  });
  await user('u-paused', { copyPaused: true, protection: { enabled: false } });
  await user('u-damaged');
  await user('u-own', { follows: undefined });
  await user('u-owes');
  const trades = [await masterBuys(), await masterBuys()];
  for (const trade of trades) for (const id of ['u-ann', 'u-paused', 'u-owes']) await copy(id, trade);
  lab.clock.advance(MINUTE);
  await lab.wholeCheck('u-ann');
  // A deposit, which no curve may take for profit; then the third purchase, which nobody has copied yet.
  lab.simulator.deposit('u-ann', 'USD', '5000');
  lab.clock.advance(15 * MINUTE);
  await lab.wholeCheck('u-ann');
  trades.push(await masterBuys());
  tradeIds = trades.map(({ tradeId }) => tradeId);
  await world.damage('u-damaged', 'PROFILE');
  await owingSale();
  await lab.ledger.control.setSwitch({
    accountId: 'u-paused',
    switch: 'exitOnly',
    on: false,
    at: lab.clock.now(),
    ...ops,
  });
});
afterAll(() => world.stop());

/** Its SELL is refused by the exchange. */
const owingSale = async (): Promise<void> => {
  const { lab, copy } = world;
  lab.clock.advance(1_000);
  const text = 'EOrder:Insufficient funds';
  const fault = lab.simulator.faults.inject({
    kind: 'ERROR_TEXT',
    text,
    endpoint: 'AddOrder',
    accountId: 'u-owes',
  });
  const sale = bossTrade(lab.clock.now(), { side: 'SELL', soldFraction: fraction('0.5') });
  await lab.ledger.recordExecution({
    accountId: 'm-boss',
    symbol: BTC,
    fills: [],
    position: await positionOf('m-boss'),
    trade: sale,
    at: lab.clock.now(),
  });
  await copy('u-owes', sale);
  fault.clear();
};

const positionOf = async (accountId: string) => {
  const position = await world.lab.ledger.positions.get(accountId, BTC);
  return { before: position, after: position };
};

const codes = (findings: readonly { readonly code: string }[]): readonly string[] =>
  findings.map(({ code }) => code);

describe('accounts', () => {
  it('are shown with their state and why, one that cannot be read as failing beside the others', async () => {
    const { accounts, page } = await world.view('accounts');

    expect(page).toEqual({ accounts: 6, covered: 6 });
    expect(accounts.map(({ accountId, state }) => [accountId, state])).toEqual([
      ['m-boss', 'trading'],
      ['u-ann', 'following'],
      ['u-damaged', 'failing'],
      ['u-owes', 'unattested'],
      ['u-own', 'unattested'],
      ['u-paused', 'paused'],
    ]);
    const damaged = accounts.find(({ accountId }) => accountId === 'u-damaged');
    expect(damaged?.reason).toContain('u-damaged / PROFILE is damaged');
    expect(damaged).not.toHaveProperty('profile');
    expect(damaged?.worth.known).toBe(false);
    expect(codes(damaged?.findings ?? [])).toContain('UNREADABLE');
  });

  it('have the worth of their last snapshot with its age, and none where there was none: never 0', async () => {
    const { accounts } = await world.view('accounts', { role: 'user' });
    const worth = new Map(accounts.map((account) => [account.accountId, account.worth]));

    const [last] = (await world.view('equity', { accountId: 'u-ann' })).accounts;
    if (last?.readable !== true) throw new Error('the curve cannot be read');
    expect(worth.get('u-ann')).toMatchObject({
      known: true,
      equity: last.points.at(-1)?.equity,
      ageMs: MINUTE + 1_000,
    });
    expect(worth.get('u-own')).toEqual({ known: false, why: expect.stringContaining('not measured yet') });
  });

  it('show a fingerprint of their key, and nothing of the key', async () => {
    const { account } = await world.view('account', { accountId: 'u-ann' });
    const key = world.lab.simulator.addKey({ accountId: 'u-ann' });

    expect(account.key.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(account.key.attested?.permissions).toContain('query-funds');
    expect(JSON.stringify(account)).not.toContain(key.apiSecret);
  });

  it('come page by page, each once', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { accounts, page } = await world.view('accounts', { limit: 4, ...(cursor ? { cursor } : {}) });
      seen.push(...accounts.map(({ accountId }) => accountId));
      cursor = page.next;
    } while (cursor !== undefined);

    expect(seen).toEqual(['m-boss', 'u-ann', 'u-damaged', 'u-owes', 'u-own', 'u-paused']);
  });

  it('that do not exist are named, not shown as empty', async () => {
    const { account } = await world.view('account', { accountId: 'u-nobody' });

    expect(account).toMatchObject({
      state: 'failing',
      reason: "there is no account of this id (given 'u-nobody')",
    });
  });

  it('have their unfinished work counted', async () => {
    const { unfinished } = await world.view('account', { accountId: 'u-owes' });

    expect(unfinished).toEqual({ ordersInDoubt: 0, openCopies: 0, owedSales: 1, exits: [] });
  });
});

describe('positions', () => {
  it('are shown with cost, the last known price and where it comes from, and their stops', async () => {
    const { accounts } = await world.view('positions', { role: 'user' });
    const ann = accounts.find(({ accountId }) => accountId === 'u-ann');
    if (ann?.readable !== true) throw new Error('u-ann cannot be read');

    expect(ann.positions).toMatchObject([
      {
        symbol: BTC,
        price: { known: true, price: '50000', from: 'snapshot' },
        levels: [
          { kind: 'stop', state: 'armed' },
          { kind: 'trailing-stop', state: 'waiting' },
          { kind: 'max-holding', state: 'armed' },
        ],
      },
    ]);
    const stored = await world.lab.ledger.positions.get('u-ann', BTC);
    expect(ann.positions[0]).toMatchObject({
      quantity: stored?.quantity.toFixed(),
      costBasis: stored?.costBasis.toFixed(),
      openedAt: stored?.openedAt,
    });
  });

  it('of one that was never measured have the price of its last fill', async () => {
    const { accounts } = await world.view('positions', { accountId: 'u-owes' });
    const [owes] = accounts;
    if (owes?.readable !== true) throw new Error('u-owes cannot be read');

    expect(owes.positions[0]?.price).toMatchObject({ known: true, from: 'fill' });
  });

  it("of a master have the stop and the targets of its strategy's plan", async () => {
    const plan = { plan: 'apex/1', decidedAt: 0, reached: 1, highest: '50600', reasons: [] };
    const prices = { entry: '50000', stop: '49500', first: '50500', second: '51000', third: '51500' };
    await world.lab.ledger.strategyStates.put('m-boss', BTC, { ...plan, ...prices });

    const { accounts } = await world.view('positions', { accountId: 'm-boss' });

    expect(accounts).toMatchObject([
      {
        positions: [
          {
            levels: [
              { kind: 'stop', state: 'armed', price: '49500' },
              { kind: 'take-profit', state: 'done', price: '50500' },
              { kind: 'take-profit', state: 'armed', price: '51000' },
              { kind: 'take-profit', state: 'armed', price: '51500' },
            ],
          },
        ],
      },
    ]);
  });

  it('are there where their profile is damaged, and say that their stops cannot be shown', async () => {
    const { lab } = world;
    await lab.user({}, { accountId: 'u-lost' });
    await lab.hold('u-lost', BTC, '0.01', '500');
    await world.damage('u-lost', 'PROFILE');

    const { accounts } = await world.view('positions', { accountId: 'u-lost' });

    expect(accounts).toMatchObject([
      {
        readable: true,
        positions: [{ quantity: '0.01', levels: [] }],
        levelsUnreadable: expect.stringContaining('u-lost / PROFILE'),
      },
    ]);
  });
});

describe('trades', () => {
  it('come newest first with who got what and why not', async () => {
    const { trades, failing } = await world.view('trades', { copies: true });

    expect(failing).toEqual([]);
    expect(trades.slice(1).map(({ tradeId }) => tradeId)).toEqual([...tradeIds].reverse());
    expect(trades[2]).toMatchObject({
      readable: true,
      side: 'BUY',
      copies: {
        counts: { filled: 2, skipped: 1, failed: 0, open: 0 },
        list: [
          { accountId: 'u-ann', outcome: 'FILLED', orderLatencyMs: 0, slippageBps: expect.any(String) },
          { accountId: 'u-owes', outcome: 'FILLED' },
          { accountId: 'u-paused', outcome: 'SKIPPED', reason: 'COPY_PAUSED' },
        ],
      },
    });
    expect(trades[1]).toMatchObject({ copies: { counts: { filled: 0 }, list: [] } });
  });

  it('come page by page, each once', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { trades, next } = await world.view('trades', { limit: 1, ...(cursor ? { cursor } : {}) });
      seen.push(...trades.map(({ tradeId }) => tradeId));
      cursor = next;
    } while (cursor !== undefined);

    expect(seen).toHaveLength(4);
    expect(new Set(seen).size).toBe(4);
  });

  it('of a cursor that no answer gave are refused in words', async () => {
    await expect(world.view('trades', { cursor: 'anything' })).rejects.toThrow("(given 'anything')");
  });
});

describe('copies', () => {
  it('of an account come newest first, with what a failed sale owes', async () => {
    const { copies } = await world.view('copies', { accountId: 'u-owes' });

    expect(copies).toMatchObject([
      { side: 'SELL', outcome: 'FAILED', reason: 'REJECTED', owed: { sold: '0', tries: 0 } },
      { side: 'BUY', outcome: 'FILLED', tradeId: tradeIds[1] },
      { side: 'BUY', outcome: 'FILLED', tradeId: tradeIds[0] },
    ]);
  });

  it('of an account go on where a page has ended', async () => {
    const first = await world.view('copies', { accountId: 'u-ann', limit: 1 });
    const second = await world.view('copies', { accountId: 'u-ann', limit: 5, cursor: first.next });

    expect([...first.copies, ...second.copies].map(({ tradeId }) => tradeId)).toEqual([
      tradeIds[1],
      tradeIds[0],
    ]);
    expect(second.next).toBeUndefined();
  });

  it('of a trade are those of all accounts, in pages of accounts', async () => {
    const [tradeId = ''] = tradeIds;
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const more = { masterId: 'm-boss', tradeId, limit: 2, ...(cursor ? { cursor } : {}) };
      const { copies, next } = await world.view('copies', more);
      seen.push(...copies.map(({ accountId }) => accountId));
      cursor = next;
    } while (cursor !== undefined);

    expect(seen).toEqual(['u-ann', 'u-owes', 'u-paused']);
  });

  it('that are damaged are shown as such in their place', async () => {
    const [tradeId = ''] = tradeIds;
    await world.damage('u-own', `COPY#${tradeId}`);

    const { copies } = await world.view('copies', { accountId: 'u-own' });

    expect(copies).toMatchObject([{ tradeId, outcome: 'UNREADABLE', symbol: BTC, side: 'BUY' }]);
  });

  it('are counted by how they ended, with how late and how much worse they were', async () => {
    const spread = await world.view('distribution');

    expect(spread).toMatchObject({
      complete: true,
      outcomes: { FILLED: 4, COPY_PAUSED: 2, REJECTED: 1 },
      orderLatencyMs: { count: 4 },
      slippageBps: { count: 4 },
    });
    expect(spread.slippageBps?.values).toHaveLength(4);
  });
});

describe('curves', () => {
  it('show a deposit as such, and no profit of it', async () => {
    const { accounts } = await world.view('equity', { accountId: 'u-ann' });
    const [ann] = accounts;
    if (ann?.readable !== true) throw new Error('the curve cannot be read');

    expect(ann.measured).toBe(2);
    expect(ann.flows).toMatchObject([{ kind: 'DEPOSIT', asset: 'USD', amount: '5000', value: '5000' }]);
    expect(ann.points.map(({ index }) => Number(index).toFixed(4))).toEqual(['1.0000', '1.0000']);
    expect(Number(ann.points[1]?.equity) - Number(ann.points[0]?.equity)).toBeCloseTo(5_000, 6);
  });
});

describe('events', () => {
  it('tell of stops with their figures, of exits, and of switches with who and why', async () => {
    const { lab } = world;
    await lab.user({ stopLoss: '0.1' }, { accountId: 'u-stopped' });
    await lab.hold('u-stopped', BTC, '0.01', '600');
    await lab.protect('u-stopped');

    const { events, failing } = await world.view('events', {});

    const told = events.map(({ kind, accountId }) => `${kind} ${accountId ?? 'all'}`);
    expect(told).toContain('protection u-stopped');
    expect(told).toContain('switch u-paused');
    expect(events.find(({ kind }) => kind === 'protection')).toMatchObject({
      state: 'SOLD',
      symbol: BTC,
      numbers: { threshold: '54000', sold: '0.01' },
    });
    expect(events.find(({ kind }) => kind === 'switch')).toMatchObject(ops);
    expect(failing).toEqual([]);
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted((a, b) => b - a));
  });

  it('tell of a halt and of its end, and halted accounts say so meanwhile', async () => {
    const { lab } = world;
    const { control } = lab.ledger;
    await control.setHalt({ engaged: true, at: lab.clock.now(), ...ops });
    const during = await world.view('overview');
    lab.clock.advance(MINUTE);
    await control.setHalt({ engaged: false, by: 'ann', why: 'over', at: lab.clock.now() });
    const { events } = await world.view('events');

    expect(during.halts.halt).toMatchObject({ state: 'on', ...ops });
    expect(during.accounts.find(({ accountId }) => accountId === 'u-ann')?.state).toBe('halted');
    expect(codes(during.findings)).toContain('HALTED');
    expect(events.slice(0, 2)).toMatchObject([
      { kind: 'resume', by: 'ann', why: 'over' },
      { kind: 'halt', ...ops },
    ]);
  });
});

describe('the proof that accounts are apart', () => {
  it('names secret, key, readers and whose the orders are', async () => {
    const { accounts, problems } = await world.view('separation', { accountId: 'u-ann' });

    expect(problems).toEqual([]);
    expect(accounts).toMatchObject([
      {
        secretName: 'nija/test/user/u-ann',
        keyOwner: 'u-ann',
        readBy: ['copy-worker', 'exit'],
        ordersByOwner: { 'u-ann': 2 },
        problems: [],
      },
    ]);
  });

  it('does not hold where one account cannot be read', async () => {
    const { holds, accounts } = await world.view('separation');

    expect(holds).toBe(false);
    expect(accounts.find(({ accountId }) => accountId === 'u-damaged')).toMatchObject({ readable: false });
  });
});

describe('the doctor', () => {
  it('finds what is wrong, the worst first, each with its remedy', async () => {
    world.lab.clock.advance(HOUR);
    const { findings } = await world.view('doctor');
    const of = (accountId: string) => codes(findings.filter((one) => one.accountId === accountId));

    expect(of('m-boss')).toEqual(expect.arrayContaining(['MASTER_UNHEALTHY', 'NOT_HANDED_OUT']));
    expect(of('u-ann')).toContain('CHECK_OVERDUE');
    expect(of('u-owes')).toEqual(expect.arrayContaining(['SALE_OWED', 'CHECK_OVERDUE']));
    expect(of('u-paused')).toEqual(expect.arrayContaining(['NOT_PROTECTED', 'COPYING_PAUSED']));
    expect(of('u-damaged')).toContain('UNREADABLE');
    const order = ['critical', 'warning', 'info'];
    const ranks = findings.map(({ severity }) => order.indexOf(severity));
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    for (const { what, remedy } of findings)
      expect([what, remedy].every((text) => text.length > 10)).toBe(true);
  });

  it('tells of each account once, whatever the pages, and of what concerns all with the first alone', async () => {
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const { findings, page } = await world.view('doctor', { limit: 3, ...(cursor ? { cursor } : {}) });
      pages.push(findings.map(({ code, accountId }) => `${code} ${accountId ?? 'all'}`));
      cursor = page.next;
    } while (cursor !== undefined);

    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flat().filter((one) => one === 'SALE_OWED u-owes')).toHaveLength(1);
    expect(pages.flat().filter((one) => one === 'MASTER_UNHEALTHY m-boss')).toHaveLength(1);
    expect(pages[0]).toContain('MASTER_UNHEALTHY m-boss');
  });

  it('tells of a copy that nobody has ended, and of an order in doubt', async () => {
    const { lab } = world;
    const { accountId } = await lab.openAccount('user', { accountId: 'u-late' });
    await giveCopy(lab, accountId, bossTrade(lab.clock.now()));
    lab.clock.advance(10 * MINUTE);

    const { findings } = await world.view('doctor', { accountId });

    expect(codes(findings)).toContain('COPY_OPEN');
  });
});

it('reads and never writes', async () => {
  const refused = ['PutCommand', 'UpdateCommand', 'DeleteCommand', 'TransactWriteCommand'];

  expect(world.commands.size).toBeGreaterThan(2);
  expect([...world.commands].filter((command) => refused.includes(command))).toEqual([]);
});

it('refuses a question that it does not know, naming what is wrong', async () => {
  await expect(world.ask({ query: 'everything' })).rejects.toThrow('the event is not valid');
  await expect(world.ask({ query: 'copies' })).rejects.toThrow('name the accountId');
});
