import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { fraction, price, quantity, quote } from '../../shared/money/money.ts';
import { type Cause, ConcurrentChange, causeText, clientOrderIdOf } from '../../shared/order/order.ts';
import { causeOf, exitIdOf, type ProtectiveExit } from '../../shared/protection/protective-exit.ts';
import type { Watch } from '../../shared/protection/watch.ts';
import { type EmbeddedTable, embeddedTable } from './embedded-table.ts';
import { BTC, ETH, START } from './examples.ts';

let table: EmbeddedTable;
let ledger: Ledger;
beforeAll(async () => {
  table = await embeddedTable();
  ledger = dynamoLedger(table);
});
afterAll(() => table.stop());

const watch = (changes: Partial<Watch> = {}): Watch => ({
  accountId: 'u-ann',
  symbol: BTC,
  openedAt: START,
  since: START,
  bestPrice: price('50000.1'),
  bestGain: fraction('0.123456789012345678'),
  levels: [{ at: '0.05', position: quantity('0.00000001'), fired: true }],
  over: false,
  version: 1,
  ...changes,
});
const exit = (changes: Partial<ProtectiveExit> = {}): ProtectiveExit => ({
  accountId: 'u-ann',
  symbol: BTC,
  since: START,
  rule: 'take-profit',
  level: '0.05',
  most: quantity('0.5'),
  because: 'the bid reached it',
  numbers: { price: '50000.1' },
  decidedAt: START,
  state: 'RUNNING',
  version: 1,
  ...changes,
});

describe('what protection remembers', () => {
  it('is read as it was written, watch and exit together', async () => {
    const running = watch({ running: exitIdOf(exit()) });
    await ledger.protections.save(running, exit());

    expect(await ledger.protections.watches('u-ann')).toEqual([running]);
    expect(await ledger.protections.exit('u-ann', exitIdOf(exit()))).toEqual(exit());
    expect(await ledger.protections.exit('u-ann', 'another')).toBeUndefined();
    expect(await ledger.protections.exits('u-ann')).toEqual([exit()]);
    expect(await ledger.protections.watches('u-ben')).toEqual([]);

    const result = {
      symbol: BTC,
      state: 'SOLD',
      quantity: quantity('0.5'),
      price: price('50000'),
      proceeds: quote('24900'),
      fees: quote('100'),
      left: quantity('0'),
      detail: 'nothing left',
      rounds: 1,
    } as const;
    const ended = exit({ state: 'SOLD', result, endedAt: START + 1, version: 2 });
    await ledger.protections.save(watch({ version: 2 }), ended);

    expect(await ledger.protections.exits('u-ann')).toEqual([ended]);
    expect(await ledger.protections.watches('u-ann')).toEqual([watch({ version: 2 })]);
  });

  it('is written by one of two runs, and of the other not even half', async () => {
    const eth = { accountId: 'u-two', symbol: ETH };
    await ledger.protections.save(watch(eth));

    const late = ledger.protections.save(watch(eth), exit(eth));

    await expect(late).rejects.toThrow(ConcurrentChange);
    expect(await ledger.protections.exits('u-two')).toEqual([]);
  });

  it('never fires the same rule twice in the life of a position', async () => {
    await ledger.protections.save(watch({ accountId: 'u-once' }), exit({ accountId: 'u-once' }));

    const again = ledger.protections.save(
      watch({ accountId: 'u-once', version: 2 }),
      exit({ accountId: 'u-once' }),
    );

    await expect(again).rejects.toThrow(ConcurrentChange);
    expect(await ledger.protections.watches('u-once')).toMatchObject([{ version: 1 }]);
  });

  it('is refused where watch and exit are of different accounts or symbols', async () => {
    await expect(ledger.protections.save(watch({ version: 3 }), exit({ symbol: ETH }))).rejects.toThrow(
      /another/,
    );
    await expect(
      ledger.protections.save(watch({ version: 3 }), exit({ accountId: 'u-ben' })),
    ).rejects.toThrow(/another/);
  });
});

describe('the cause of a protective sale', () => {
  const { level: _level, most: _most, ...whole } = exit({ rule: 'stop-loss' });

  it('differs by account, symbol, position, rule, level and round', () => {
    const causes: readonly Cause[] = [
      causeOf(exit(), 1),
      causeOf(exit(), 2),
      causeOf(exit({ level: '0.1' }), 1),
      causeOf(whole, 1),
      causeOf({ ...whole, rule: 'max-drawdown' }, 1),
      causeOf(exit({ since: START + 1 }), 1),
      causeOf(exit({ symbol: ETH }), 1),
      causeOf(exit({ accountId: 'u-ben' }), 1),
    ];
    expect(new Set(causes.map(clientOrderIdOf)).size).toBe(causes.length);
  });

  it('leaves those of copies, ticks and exits as they were', () => {
    expect(causeText({ kind: 'exit', accountId: 'u-ann', requestId: 'away', symbol: BTC, round: 1 })).toBe(
      '["exit","u-ann","away","BTC/USD",1]',
    );
    expect(clientOrderIdOf({ kind: 'copy', accountId: 'u-ann', tradeId: 't-1' })).toHaveLength(32);
  });
});
