import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBalance } from '../../functions/balance/balance.ts';
import { noteKeyUnusable, noteKeyUsable } from '../../shared/account/key-usable.ts';
import { UNUSABLE_CODES } from '../../shared/account/unusable-codes.ts';
import { EXCHANGE_ERROR_CODES, ExchangeError } from '../../shared/exchange/exchange.ts';
import { HOUR } from '../../shared/time/clock.ts';
import { LeaseUnavailable } from '../../shared/vault/lease.ts';
import { VaultError } from '../../shared/vault/vault.ts';
import { type Lab, openLab } from '../functions/lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

let accounts = 0;
const somebody = (): string => {
  accounts += 1;
  return `u-key-${accounts}`;
};
const refusedBy = (code: (typeof EXCHANGE_ERROR_CODES)[number]) =>
  new ExchangeError('kraken', code, `kraken says ${code}`);

/** What was told, as `level code`; a metric's level is its name. */
const toldBy = async (act: () => Promise<unknown>) => {
  const before = lab.lines.length;
  await act();
  return lab.lines
    .slice(before)
    .map(({ level, message, fields }) => `${level === 'metric' ? message : level} ${fields?.['code']}`);
};

describe('a key that cannot be used', () => {
  it.each([
    'INVALID_KEY',
    'INVALID_SIGNATURE',
    'PERMISSION_DENIED',
  ] as const)('is told once while the exchange says %s', async (code) => {
    const accountId = somebody();
    const error = refusedBy(code);
    const note = async () => await noteKeyUnusable(accountId, error, lab.process());
    const since = lab.clock.now();

    const first = await toldBy(async () => expect(await note()).toEqual({ note: 'BEGAN', since }));
    lab.clock.advance(HOUR);
    const second = await toldBy(async () => expect(await note()).toEqual({ note: 'CONTINUES', since }));

    expect(first).toEqual([`error ${code}`, `KeyUnusable ${code}`]);
    expect(second).toEqual([]);
    expect(await lab.ledger.keyWatch.keyState(accountId)).toMatchObject({ usable: false, code, since });
  });

  it('is told once, too, where the vault refuses it', async () => {
    const accountId = somebody();
    const error = new VaultError('KEY_CHANGED', accountId, 'another key than the registered one');

    const told = await toldBy(async () => {
      await noteKeyUnusable(accountId, error, lab.process());
      await noteKeyUnusable(accountId, error, lab.process());
    });

    expect(told).toEqual(['error KEY_CHANGED', 'KeyUnusable KEY_CHANGED']);
  });

  it('is told again for another reason, and when it fails again after it worked', async () => {
    const accountId = somebody();
    const ports = lab.process();

    const told = await toldBy(async () => {
      await noteKeyUnusable(accountId, refusedBy('INVALID_KEY'), ports);
      await noteKeyUnusable(accountId, refusedBy('INVALID_SIGNATURE'), ports);
      await noteKeyUsable(accountId, ports);
      await noteKeyUsable(accountId, ports);
      await noteKeyUnusable(accountId, refusedBy('INVALID_SIGNATURE'), ports);
    });

    expect(told).toEqual([
      'error INVALID_KEY',
      'KeyUnusable INVALID_KEY',
      'error INVALID_SIGNATURE',
      'KeyUnusable INVALID_SIGNATURE',
      'info INVALID_SIGNATURE',
      'error INVALID_SIGNATURE',
      'KeyUnusable INVALID_SIGNATURE',
    ]);
  });

  it('is told once where two checks meet it at the same time', async () => {
    const accountId = somebody();
    const error = refusedBy('INVALID_KEY');
    const since = lab.clock.now();

    const told = await toldBy(async () => {
      const notes = await Promise.all(
        [1, 2, 3].map(async () => noteKeyUnusable(accountId, error, lab.process())),
      );
      const [began, ...continue_] = notes.toSorted((a, b) => (a.note < b.note ? -1 : 1));
      expect(began).toEqual({ note: 'BEGAN', since });
      expect(continue_).toEqual([
        { note: 'CONTINUES', since },
        { note: 'CONTINUES', since },
      ]);
    });

    expect(told).toEqual(['error INVALID_KEY', 'KeyUnusable INVALID_KEY']);
  });

  it('works again once, where two checks meet that at the same time', async () => {
    const accountId = somebody();
    await noteKeyUnusable(accountId, refusedBy('INVALID_KEY'), lab.process());

    const told = await toldBy(async () => {
      const again = await Promise.all([1, 2, 3].map(async () => noteKeyUsable(accountId, lab.process())));
      expect(again.toSorted()).toEqual([false, false, true]);
    });

    expect(told).toEqual(['info INVALID_KEY']);
  });

  it('answers each balance with its code all the same', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    lab.simulator.revokeKey(apiKey);
    await noteKeyUnusable(accountId, refusedBy('INVALID_KEY'), lab.process());

    const balances = [
      await readBalance(accountId, lab.process()),
      await readBalance(accountId, lab.process()),
    ];

    for (const balance of balances) expect(balance).toMatchObject({ connected: false, code: 'INVALID_KEY' });
  });
});

describe('of a key', () => {
  const unusable: ReadonlySet<string> = new Set(UNUSABLE_CODES);
  it.each([
    ...EXCHANGE_ERROR_CODES.filter((code) => !unusable.has(code)).map(refusedBy),
    new VaultError('VAULT_UNAVAILABLE', 'u-x', 'no answer'),
    new VaultError('ACCESS_DENIED', 'u-x', 'not allowed'),
    new LeaseUnavailable('busy'),
    new Error('odd'),
  ])('nothing is noted for %s', async (error) => {
    const accountId = somebody();

    const told = await toldBy(async () => {
      expect(await noteKeyUnusable(accountId, error, lab.process())).toEqual({ note: 'NOT_THE_KEY' });
    });

    expect(told).toEqual([]);
    expect(await lab.ledger.keyWatch.keyState(accountId)).toBeUndefined();
  });

  it('that always worked nothing is written', async () => {
    const accountId = somebody();

    expect(await noteKeyUsable(accountId, lab.process())).toBe(false);
    expect(await lab.ledger.keyWatch.keyState(accountId)).toBeUndefined();
  });
});
