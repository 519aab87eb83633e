import { describe, expect, it } from 'vitest';
import type { CheckFacts } from '../../shared/check/check-facts.ts';
import type { Market } from '../../shared/exchange/market.ts';
import type { ExitSymbolResult } from '../../shared/exit/exit-request.ts';
import { quantity, quote, text } from '../../shared/money/money.ts';
import { clientOrderIdOf } from '../../shared/order/order.ts';
import { carryOut, giveUpPart, nameOf } from '../../shared/protection/carry-out.ts';
import {
  causeOf,
  exitIdOf,
  type ProtectionStore,
  type ProtectiveExit,
} from '../../shared/protection/protective-exit.ts';
import type { Watch } from '../../shared/protection/watch.ts';
import { DAY } from '../../shared/time/clock.ts';
import { BTC, NOON, ticker } from '../copying/made.ts';
import { COIN, type Holdings, oneCoin } from '../exit/one-coin.ts';
import { unasked } from '../order/at-the-exchange.ts';

const exit = (changes: Partial<ProtectiveExit> = {}): ProtectiveExit => ({
  accountId: 'u-ann',
  symbol: BTC,
  since: NOON,
  rule: 'stop-loss',
  because: 'the bid is below',
  numbers: {},
  decidedAt: NOON,
  state: 'RUNNING',
  version: 3,
  ...changes,
});
const part = exit({ rule: 'take-profit', level: '0.05', most: quantity('0.8') });

const watch = (changes: Partial<Watch> = {}): Watch => ({
  accountId: 'u-ann',
  symbol: BTC,
  openedAt: NOON,
  since: NOON,
  levels: [
    { at: '0.05', position: quantity('2'), fired: true },
    { at: '0.1', position: quantity('2'), fired: true },
  ],
  running: 'the exit',
  over: false,
  version: 6,
  ...changes,
});

const LITTLE = { outcome: 'REJECTED', code: 'BELOW_MINIMUM', message: 'too little' } as const;
const NO = { outcome: 'REJECTED', code: 'INSUFFICIENT_FUNDS', message: 'no' } as const;

interface Stored {
  readonly watch: Watch;
  readonly exit: ProtectiveExit | undefined;
}

/** What is stored of watches and exits, and nothing that is read. */
const storedIn = (saved: Stored[]): ProtectionStore => ({
  unjudged: { get: unasked, save: unasked },
  watches: unasked,
  exit: unasked,
  exits: unasked,
  save: async (watched, of) => {
    saved.push({ watch: watched, exit: of });
  },
});

const connected = ({
  ports: { session, everListed, keep },
}: ReturnType<typeof oneCoin>): CheckFacts['connection'] => ({
  session,
  everListed,
  keep,
  markets: [COIN],
  lease: { next: () => 1, renew: unasked, release: unasked },
  fingerprint: 'f',
});

const carried = async (
  holdings: Partial<Holdings>,
  {
    of = exit(),
    over = watch(),
    lostReason,
    bid = '100',
    everListed = [COIN],
  }: {
    of?: ProtectiveExit;
    over?: Watch;
    lostReason?: string;
    bid?: string | null;
    everListed?: readonly Market[];
  } = {},
) => {
  const here = oneCoin({ managed: '2', total: '2', ...holdings });
  const saved: Stored[] = [];
  const after = await carryOut(
    { watch: over, exit: of },
    lostReason,
    {
      connection: { ...connected(here), everListed },
      tickers: new Map(bid === null ? [] : [[BTC, ticker(BTC, bid)]]),
    },
    { ...here.ports, ledger: { ...here.ports.ledger, protections: storedIn(saved) } },
  );
  return { ...here, saved, after };
};

describe('a protective exit that is carried out', () => {
  it('sells the managed position by an order of its own cause, and is over', async () => {
    const { after, sent, saved } = await carried({ total: '5' });

    expect(sent).toMatchObject([
      { quantity: quantity('2'), clientOrderId: clientOrderIdOf(causeOf(exit(), 1)) },
    ]);
    expect(after.exit).toMatchObject({
      state: 'SOLD',
      endedAt: NOON,
      version: 4,
      result: { state: 'SOLD', detail: 'nothing left' },
    });
    expect(after.watch).toMatchObject({ over: true, version: 7, since: NOON });
    expect(after.watch).not.toHaveProperty('running');
    expect(saved).toEqual([after]);
  });

  it('of a part sells that part, and the rest is watched on', async () => {
    const { after, sent } = await carried({}, { of: part });

    expect(sent.map(({ quantity: size }) => text(size))).toEqual(['0.8']);
    expect(after.exit).toMatchObject({ state: 'SOLD' });
    expect(after.watch).toMatchObject({ over: false, since: NOON, levels: watch().levels });
  });

  it('of a part of a position that is over leaves it over', async () => {
    const { after } = await carried({}, { of: part, over: watch({ over: true }) });

    expect(after.watch.over).toBe(true);
  });

  it('that fails goes on with the next check, and counts as failed', async () => {
    const { after, told, saved } = await carried({ meets: [NO] });

    expect(after.exit).toMatchObject({
      state: 'RUNNING',
      version: 4,
      result: { state: 'FAILED', backOff: { refusals: 1 } },
    });
    expect(after.exit).not.toHaveProperty('endedAt');
    expect(after.watch).toEqual({ ...watch(), version: 7 });
    expect(told).toEqual(['ProtectionFailed']);
    expect(saved).toEqual([after]);
  });

  it('that sold counts no failure', async () => {
    expect((await carried({})).told).toEqual([]);
  });

  it('of staked coins goes on, and counts as failed', async () => {
    const { after, told } = await carried({ free: '0', bonded: '2' });

    expect(after.exit).toMatchObject({ state: 'RUNNING', result: { state: 'STAKED' } });
    expect(told).toEqual(['ProtectionFailed']);
  });

  it('goes on from what it had sold before, and rests where it was refused', async () => {
    const first = await carried({ meets: [NO] });
    const backOff = { refusals: 3, nextTryAt: NOON + 1, why: 'no' };
    const result = first.after.exit.result && { ...first.after.exit.result, backOff };
    if (result === undefined) throw new Error('the first try left no result');

    const { after, sent } = await carried({}, { of: exit({ result }) });

    expect(sent).toEqual([]);
    expect(after.exit.result).toMatchObject({
      rounds: 1,
      detail: expect.stringContaining('refused 3 times'),
    });
  });

  it('of what the exchange calls too little is dust, which is judged again a day later', async () => {
    const { after } = await carried({ meets: [LITTLE] });

    expect(after.exit).toMatchObject({ state: 'DUST' });
    expect(after.watch).toMatchObject({
      over: true,
      tooLittle: { quantity: quantity('2'), until: NOON + DAY },
    });
  });

  it('of dust that the rules tell remembers nothing of the exchange', async () => {
    const { after } = await carried({ managed: '0.01', total: '0.01' });

    expect(after.exit).toMatchObject({ state: 'DUST' });
    expect(after.watch).not.toHaveProperty('tooLittle');
  });

  it('judges the minimum cost by the bid, and leaves it to the exchange where there is none', async () => {
    const small = { managed: '0.06', total: '0.06' };

    expect((await carried(small)).after.exit.state).toBe('DUST');
    expect((await carried(small, { bid: null })).after.exit.state).toBe('SOLD');
  });

  it('in a market that is gone is abandoned, so that its rules judge anew where it is listed again', async () => {
    const { after, saved } = await carried({}, { everListed: [{ ...COIN, status: 'delisted' }] });

    expect(after.exit).toMatchObject({ state: 'ABANDONED', result: { state: 'DELISTED' } });
    expect(after.watch).toMatchObject({ over: false, since: NOON + 1 });
    expect(saved).toEqual([after]);
  });
});

describe('a protective exit that lost its reason', () => {
  const lostReason = 'protection was switched off';

  it('sends nothing more, is abandoned, and tells what it had sold until then', async () => {
    const { after, sent, told } = await carried({}, { lostReason });

    expect(sent).toEqual([]);
    expect(after.exit).toMatchObject({
      state: 'ABANDONED',
      endedAt: NOON,
      result: { detail: 'protection was switched off; until then: nothing was sold' },
    });
    expect(after.watch).toMatchObject({ over: false, since: NOON + 1 });
    expect(after.watch).not.toHaveProperty('running');
    expect(told).toEqual([]);
  });

  it('lets its level fire again for what was not sold of it, and no other level', async () => {
    const { after } = await carried({}, { of: part, lostReason });

    expect(after.watch.levels).toEqual([
      { at: '0.05', position: quantity('2'), fired: false },
      { at: '0.1', position: quantity('2'), fired: true },
    ]);
  });
});

describe('a part that gives way to the sale of the whole', () => {
  const given = async (sold: string | undefined, of = part) => {
    const here = oneCoin({ managed: '2', total: '2' });
    const saved: Stored[] = [];
    const result: ExitSymbolResult = {
      symbol: BTC,
      state: 'FAILED',
      quantity: quantity(sold ?? '0'),
      proceeds: quote('0'),
      fees: quote('0'),
      left: quantity('0'),
      detail: 'refused',
      rounds: 1,
    };
    const after = await giveUpPart(
      { watch: watch(), exit: sold === undefined ? of : { ...of, result } },
      { clock: here.ports.clock, ledger: { ...here.ports.ledger, protections: storedIn(saved) } },
    );
    return { after, saved };
  };

  it('that sold nothing leaves its level to fire', async () => {
    const { after, saved } = await given(undefined);

    expect(after.levels[0]).toEqual({ at: '0.05', position: quantity('2'), fired: false });
    expect(after).toMatchObject({ over: false, since: NOON + 1, version: 7 });
    expect(saved).toMatchObject([{ exit: { state: 'ABANDONED', endedAt: NOON, version: 4 } }]);
    expect(saved[0]?.exit).not.toHaveProperty('result');
  });

  it.each([
    ['0.79', false],
    ['0.8', true],
  ])('that sold %s of 0.8 leaves its level fired: %s', async (sold, fired) => {
    const { after } = await given(sold);

    expect(after.levels[0]).toEqual({ at: '0.05', position: quantity('2'), fired, sold: quantity(sold) });
  });

  it('that was all of a level lets it fire again, whatever was sold of it', async () => {
    const { most: _all, ...whole } = part;
    const { after } = await given('1.5', whole);

    expect(after.levels[0]).toMatchObject({ fired: false, sold: quantity('1.5') });
  });
});

describe('the name of a protective exit', () => {
  it('is made of symbol, life and rule, and of the level where there is one', () => {
    expect(exitIdOf(exit())).toBe(`BTC/USD#${NOON}#stop-loss`);
    expect(exitIdOf(part)).toBe(`BTC/USD#${NOON}#take-profit#0.05`);
  });

  it('makes the cause of its orders, one for each round', () => {
    expect(causeOf(part, 4)).toEqual({
      kind: 'protection',
      accountId: 'u-ann',
      exitId: exitIdOf(part),
      round: 4,
    });
  });

  it('is told in metrics with its level, where there is one', () => {
    expect(nameOf(exit())).toEqual({ account: 'u-ann', symbol: BTC, rule: 'stop-loss' });
    expect(nameOf(part)).toEqual({ account: 'u-ann', symbol: BTC, rule: 'take-profit', level: '0.05' });
  });
});
