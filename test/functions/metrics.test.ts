import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBalance } from '../../functions/balance/balance.ts';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { runTick, zTickInput } from '../../functions/master-tick/master-tick.ts';
import { createHandler as registerUser } from '../../functions/register-user/handler.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { TRADING_PERMISSIONS } from '../../infra/local/kraken/accounts.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { orderByHand } from './by-hand.ts';
import { bossTrade, giveCopy, liveMaster } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

/** The figures that `act` emits, by name; a failure of it is one of the ways to end. */
const figuresOf = async (act: () => Promise<unknown>) => {
  const before = lab.lines.length;
  await act().catch((error: unknown) => {
    if (!(error instanceof Error)) throw error;
  });
  const figures = lab.lines.slice(before).filter(({ level }) => level === 'metric');
  return Object.fromEntries(figures.map(({ message, fields }) => [message, fields]));
};

const whileHalted = async <T>(act: () => Promise<T>): Promise<T> => {
  const by = { by: 'ops', why: 'odd fills' };
  await lab.ledger.control.setHalt({ engaged: true, ...by, at: lab.clock.now() });
  try {
    return await act();
  } finally {
    await lab.ledger.control.setHalt({ engaged: false, ...by, at: lab.clock.now() });
  }
};

const tick = (accountId: string) => () =>
  runTick(
    zTickInput.parse({ accountId, scheduledAt: new Date(lab.clock.now()).toISOString() }),
    lab.process(),
  );
const exit = (accountId: string, more: Record<string, unknown>) => () =>
  runExit(zExitInput.parse({ accountId, requestId: 'away', ...more }), lab.process());

describe('a tick', () => {
  it('tells by master whether it succeeded, and what the master is worth', async () => {
    const { accountId } = await lab.openAccount('master', { ...liveMaster, balances: { USD: '5000' } });

    const figures = await figuresOf(tick(accountId));

    expect(figures).toMatchObject({
      TickSucceeded: { master: accountId },
      Equity: { role: 'master', value: 5_000, account: accountId },
    });
    expect(figures).not.toHaveProperty('HaltEngaged');
  });

  it('tells by master that it failed', async () => {
    const { accountId } = await lab.openAccount('master', { ...liveMaster, enabled: false });

    expect(await figuresOf(tick(accountId))).toMatchObject({ TickFailed: { master: accountId } });
    expect(await figuresOf(tick('m-nobody'))).toMatchObject({ TickFailed: { master: 'm-nobody' } });
  });

  it('tells of an engaged halt, also where it fails or has nothing to buy', async () => {
    const { accountId } = await lab.openAccount('master', liveMaster);

    const idle = await whileHalted(() => figuresOf(tick(accountId)));
    const failed = await whileHalted(() => figuresOf(tick('m-nobody')));

    expect(idle).toMatchObject({ HaltEngaged: { by: 'ops' }, TickSucceeded: {} });
    expect(failed).toMatchObject({ HaltEngaged: { by: 'ops' }, TickFailed: {} });
  });
});

describe('a copy', () => {
  const copyOf = async (follower: string, side: 'BUY' | 'SELL') => {
    const message = await giveCopy(lab, follower, bossTrade(lab.clock.now(), { side }));
    return () => runCopy(message, lab.process());
  };

  it('that is skipped for the halt tells of it', async () => {
    const { accountId } = await lab.openAccount('user');
    const copy = await copyOf(accountId, 'BUY');

    expect(await whileHalted(() => figuresOf(copy))).toMatchObject({
      CopySkipped: { reason: 'HALTED' },
      HaltEngaged: { account: accountId },
    });
  });

  it('that is skipped for another reason, or cannot be made, is told by outcome and reason', async () => {
    const { accountId } = await lab.openAccount('user');
    const revoked = await lab.openAccount('user');
    lab.simulator.revokeKey(revoked.apiKey);
    await lab.givePosition(revoked.accountId, BTC, '0.01');

    const skipped = await figuresOf(await copyOf(accountId, 'SELL'));
    const failed = await figuresOf(await copyOf(revoked.accountId, 'SELL'));
    const stranger = await figuresOf(await copyOf('u-stranger', 'SELL'));

    expect(skipped).toMatchObject({ CopySkipped: { reason: 'NO_POSITION' } });
    expect(skipped).not.toHaveProperty('HaltEngaged');
    expect(failed).toMatchObject({ CopyFailed: { reason: 'ACCOUNT_UNUSABLE' } });
    expect(stranger).toMatchObject({ CopyFailed: { reason: 'ACCOUNT_UNKNOWN' } });
  });
});

describe('a balance', () => {
  it('that was read is told with the equity of its role', async () => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '700.25' } });

    const figures = await figuresOf(() => readBalance(accountId, lab.process()));

    expect(figures).toMatchObject({ BalanceRead: {}, Equity: { role: 'user', value: 700.25 } });
    expect(figures).not.toHaveProperty('BalanceFailed');
  });

  it('that could not be read counts as failed, whatever was in the way', async () => {
    const revoked = await lab.openAccount('user');
    lab.simulator.revokeKey(revoked.apiKey);
    const failing = lab.process();
    const ledger = {
      ...failing.ledger,
      accounts: { ...failing.ledger.accounts, get: () => Promise.reject(new Error('the table is gone')) },
    };

    const refused = await figuresOf(() => readBalance(revoked.accountId, lab.process()));
    const unknown = await figuresOf(() => readBalance('u-nobody', lab.process()));
    const unreadable = await figuresOf(() => readBalance(revoked.accountId, { ...failing, ledger }));

    expect(refused).toMatchObject({ BalanceFailed: { code: 'INVALID_KEY' } });
    expect(unknown).toMatchObject({ BalanceFailed: { code: 'UnknownAccount' } });
    expect(unreadable).toMatchObject({ BalanceFailed: { account: revoked.accountId } });
    for (const figures of [refused, unknown, unreadable]) {
      expect(figures).not.toHaveProperty('BalanceRead');
      expect(figures).not.toHaveProperty('Equity');
    }
  });

  it('without the price of something held is not passed for an equity', async () => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '10', BTC: '1' } });
    const process = lab.process();
    const exchange = (name: 'kraken') => {
      const real = process.exchange(name);
      return { ...real, marketData: { ...real.marketData, tickers: async () => new Map() } };
    };

    expect(await figuresOf(() => readBalance(accountId, { ...process, exchange }))).not.toHaveProperty(
      'Equity',
    );
  });
});

describe('an exit', () => {
  it('that ends flat, and a dry run, count as no failure', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.01');

    const planned = await figuresOf(exit(accountId, { dryRun: true }));
    const flat = await figuresOf(exit(accountId, {}));

    expect(planned).toEqual({});
    expect(flat).toMatchObject({ ExitFlat: { account: accountId } });
    expect(flat).not.toHaveProperty('ExitFailed');
  });

  it('that ends in any other way counts as failed', async () => {
    const unsold = await lab.openAccount('user');
    await lab.givePosition(unsold.accountId, BTC, '0.01');
    const text = 'EOrder:Orders limit exceeded';
    const endpoint = 'AddOrder';
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint, accountId: unsold.accountId });
    const revoked = await lab.openAccount('user');
    lab.simulator.revokeKey(revoked.apiKey);
    const named = await lab.openAccount('user');
    await exit(named.accountId, {})();

    const ways = {
      incomplete: await figuresOf(exit(unsold.accountId, {})),
      refused: await figuresOf(exit(revoked.accountId, { scope: 'everything' })),
      unknown: await figuresOf(exit('u-nobody', {})),
      mismatch: await figuresOf(exit(named.accountId, { scope: 'everything' })),
      dry: await figuresOf(exit(revoked.accountId, { dryRun: true })),
    };

    expect(ways.incomplete).toMatchObject({ ExitFailed: { account: unsold.accountId } });
    expect(ways.refused).toMatchObject({ ExitFailed: { account: revoked.accountId } });
    for (const [way, figures] of Object.entries(ways)) {
      expect(figures, way).toHaveProperty('ExitFailed');
      expect(figures, way).not.toHaveProperty('ExitFlat');
    }
  });
});

describe('a key that can withdraw', () => {
  it('is told where it is met', async () => {
    lab.simulator.createAccount({ accountId: 'u-mover', balances: {} });
    const permissions = [...TRADING_PERMISSIONS, 'withdraw-funds'] as const;
    await lab.storeSecret('u-mover', lab.simulator.addKey({ accountId: 'u-mover', permissions }));
    const fn = { name: 'register-user', handler: registerUser(lab.host), timeoutMs: 30_000 };

    const figures = await figuresOf(() => invoke(fn, { accountId: 'u-mover', exchange: 'kraken' }));

    expect(figures).toMatchObject({ KeyCanWithdraw: { account: 'u-mover' } });
  });
});

describe('a position of which the exchange holds less', () => {
  it('is a drift when it is copied or exited, with both figures', async () => {
    const copied = await lab.openAccount('user');
    const exited = await lab.openAccount('user');
    for (const { accountId } of [copied, exited]) {
      await lab.givePosition(accountId, BTC, '0.01');
      await orderByHand(lab, accountId, { type: 'sell', ordertype: 'market', volume: '0.004' });
    }
    const message = await giveCopy(lab, copied.accountId, bossTrade(lab.clock.now(), { side: 'SELL' }));

    const ofCopy = await figuresOf(() => runCopy(message, lab.process()));
    const ofExit = await figuresOf(exit(exited.accountId, {}));

    const drift = { symbol: BTC, position: '0.01', held: '0.006', missing: '0.004' };
    expect(ofCopy).toMatchObject({ DriftFound: { account: copied.accountId, ...drift } });
    expect(ofExit).toMatchObject({ DriftFound: { account: exited.accountId, ...drift } });
  });

  it('is none within a step of the market, nor where all is there', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.01');

    expect(await figuresOf(exit(accountId, {}))).not.toHaveProperty('DriftFound');
  });
});
