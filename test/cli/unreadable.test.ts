import { describe, expect, it } from 'vitest';
import { runNija } from '../../cli/run.ts';
import { answeringWorld } from './answering-world.ts';

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

describe('a report', () => {
  it('says of which events there were more, and of how many accounts they are', async () => {
    const many = { accounts: 300, covered: 200, next: 'u-200' };
    const events = { query: 'events', at: 0, from: 0, to: 0, events: [], failing: [], page: many };

    const { out } = await told(['report'], { ...events, cut: true, cutKinds: ['protection', 'exit'] });

    expect(out).toContain('There were more (protection, exit): these are the newest.');
    expect(out).toContain('the events of the first 200 of 300');
  });
});
