import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { runNija } from '../../cli/run.ts';
import { answeringWorld } from './answering-world.ts';

const zAsked = z.object({ query: z.string() });

/** What the command prints for an answer of `view`, and how it ends. */
const told = async (command: readonly string[], value: unknown) => {
  const { world, seen } = answeringWorld(() => ({ ok: true, value }));
  const code = await runNija([...command], world);
  return { code, out: seen.out.replaceAll(/\s+/g, ' ') };
};

const page = { accounts: 1, covered: 1 };
const positions = (accounts: readonly object[]) => ({ query: 'positions', at: 0, accounts, page });
const held = {
  symbol: 'BTC/USD',
  quantity: '1',
  costBasis: '10',
  openedAt: 0,
  price: { known: false, why: 'none yet' },
  levels: [],
};
const ann = { accountId: 'u-ann', readable: true, quoteCurrency: 'USD' };

describe('positions', () => {
  it('that cannot be read in any account are not said to be none', async () => {
    const { code, out } = await told(
      ['positions'],
      positions([{ accountId: 'u-ann', readable: false, why: 'it is damaged' }]),
    );

    expect(code).toBe(1);
    expect(out).toContain('No positions could be read.');
    expect(out).not.toContain('There are no positions');
  });

  it.each([
    [
      'of the account',
      { ...ann, levelsUnreadable: 'damaged', positions: [{ ...held, levelsUnreadable: 'damaged' }] },
    ],
    ['of the position', { ...ann, positions: [{ ...held, levelsUnreadable: 'damaged' }] }],
  ])('whose stops cannot be read, all %s, are not said to have none', async (_, account) => {
    const { code, out } = await told(['positions'], positions([account]));

    expect(code).toBe(1);
    expect(out).not.toContain('no rule');
    expect(out).toContain('could not be read: damaged');
  });

  it('of which nobody knows whether they are judged say so beside their stops', async () => {
    const stop = { kind: 'stop', state: 'armed', price: '9', detail: 'ten percent' };
    const account = { ...ann, unjudgedUnreadable: 'damaged', positions: [{ ...held, levels: [stop] }] };

    const { code, out } = await told(['positions'], positions([account]));

    expect(code).toBe(1);
    expect(out).toContain('whether anything judges them could not be read');
    expect(out).toContain('Whether the stops of u-ann are judged could not be read: damaged');
  });
});

describe('an account', () => {
  it('whose key state cannot be read is not said to have an unusable key', async () => {
    const account = {
      accountId: 'm-apex',
      role: 'master',
      state: 'trading',
      reason: 'its strategy trades',
      worth: { known: false, why: 'not measured yet' },
      key: { fingerprint: '0011223344556677' },
      findings: [],
      failing: [{ part: 'key state', why: 'damaged' }],
    };

    const { code, out } = await told(['accounts', 'show', 'm-apex'], { query: 'account', at: 0, account });

    expect(code).toBe(1);
    expect(out).toContain('0011223344556677, whether it is usable could not be read');
    expect(out).not.toContain('not usable');
  });
});

describe('balances', () => {
  it.each([
    ['of a master that was not measured', { state: 'trading', worth: { known: false, why: 'damaged' } }],
    [
      'of a master whose profile cannot be read',
      {
        state: 'failing',
        worth: { known: true, cash: '1', held: '0', equity: '1', profit: '0', paidIn: '1', at: 0, ageMs: 0 },
      },
    ],
  ])('%s end with 1', async (_, master) => {
    const account = {
      accountId: 'm-apex',
      role: 'master',
      reason: 'damaged',
      key: {},
      findings: [],
      failing: [],
    };

    const { code, out } = await told(['balances'], {
      query: 'accounts',
      at: 0,
      accounts: [{ ...account, ...master }],
      page,
    });

    expect(code).toBe(1);
    expect(out).toContain('Of 1 of 1 masters not all is known.');
  });

  it.each([
    ['lacks prices', { unpriced: ['SOL'], owed: [] }, 'without some prices: equity is too low; follows'],
    [
      'owes something',
      { unpriced: [], owed: ['USD'] },
      'owes USD to the exchange: equity is too high; follows',
    ],
  ])('of an account that %s say what its equity is not', async (_, lacking, note) => {
    const head = { accountId: 'u-ann', exchange: 'kraken', currency: 'USD', keyFingerprint: 'f', asOf: 0 };
    const status = { status: 'following', statusReason: 'follows m-apex' };
    const worth = { connected: true, cash: '1', held: '0', equity: '1', assets: [], complete: false };

    const { out } = await told(['balances', 'u-ann'], { ...head, ...status, ...worth, ...lacking });

    expect(out).toContain(note);
  });
});

describe('a report', () => {
  const off = { state: 'off' };
  const whole = { accounts: [], findings: [], halts: { halt: off, breaker: off } };
  const damaged = {
    accountId: 'u-ann',
    role: 'user',
    state: 'following',
    reason: '',
    worth: { known: false, why: 'damaged' },
    key: {},
    findings: [],
    failing: [{ part: 'last snapshot', why: 'damaged' }],
  };
  const failing = [{ accountId: 'u-ann', part: 'exits', why: 'damaged' }];

  it.each<[string, number, object, readonly object[]]>([
    ['where all could be read', 0, whole, []],
    ['where events of an account could not be read', 1, whole, failing],
    ['where something of an account could not be read', 1, { ...whole, accounts: [damaged] }, []],
    [
      'where the halt could not be read',
      1,
      { ...whole, halts: { halt: { state: 'unreadable', why: 'damaged' }, breaker: off } },
      [],
    ],
  ])('%s ends with %d', async (_, expected, overview, failures) => {
    const answers = [
      { query: 'overview', at: 0, stage: 'test', masters: [], page, ...overview },
      {
        query: 'distribution',
        at: 0,
        since: 0,
        copies: 0,
        complete: true,
        outcomes: {},
        orderLatencyMs: null,
        fillLatencyMs: null,
        slippageBps: null,
      },
      {
        query: 'events',
        at: 0,
        from: 0,
        to: 0,
        events: [],
        failing: failures,
        page,
        cut: false,
        cutKinds: [],
      },
    ];
    const { world } = answeringWorld((__, event) => ({
      ok: true,
      value: answers.find(({ query }) => query === zAsked.parse(event).query),
    }));

    const code = await runNija(['report'], world);

    expect(code).toBe(expected);
  });

  it('says of which events there were more, and of how many accounts they are', async () => {
    const many = { accounts: 300, covered: 200, next: 'u-200' };
    const events = { query: 'events', at: 0, from: 0, to: 0, events: [], failing: [], page: many };

    const { out } = await told(['report'], { ...events, cut: true, cutKinds: ['protection', 'exit'] });

    expect(out).toContain('There were more (protection, exit): these are the newest.');
    expect(out).toContain('the events of the first 200 of 300');
  });
});
