import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ControlReport } from '../../functions/control/control.ts';
import { createHandler } from '../../functions/control/handler.ts';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import type { Account } from '../../shared/account/account.ts';
import { UnknownAccount } from '../../shared/account/errors.ts';
import { LedgerError } from '../../shared/ledger/ledger.ts';
import { quote } from '../../shared/money/money.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { ordersAtExchange } from './books.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());
beforeEach(() => bossIsHealthy(lab));
afterEach(() => call({ action: 'resume', ...ops }));

const ops = { by: 'ops', why: 'odd fills' };

const call = async (event: unknown, env = lab.env): Promise<ControlReport> => {
  const handler = createHandler({ ...lab.host, env });
  const reports: ControlReport[] = [];
  const remembering: typeof handler = async (...asked) => {
    const report = await handler(...asked);
    reports.push(report);
    return report;
  };
  await invoke({ name: 'control', handler: remembering, timeoutMs: 30_000 }, event);
  const [report] = reports;
  if (report === undefined) throw new Error('the function answered nothing');
  return report;
};

const copyInto = async (accountId: string, side: 'BUY' | 'SELL') => {
  const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now(), { side }));
  const outcome = await runCopy(message, lab.process());
  return outcome.state === 'FILLED' ? 'FILLED' : outcome.reason;
};

const settingsOf = (account: Account) => {
  const { accountId, enabled, copyPaused, exitOnly, limits, sizing, protection, deniedSymbols } = account;
  return { accountId, enabled, copyPaused, exitOnly, limits, sizing, protection, deniedSymbols };
};

const damageHalt = async () => {
  const Item = { pk: 'control', sk: 'HALT', kind: 'HALT', engaged: 'perhaps' };
  await lab.table.client.send(new PutCommand({ TableName: lab.table.table, Item }));
};

describe('a halt', () => {
  it('stops the next BUY of everybody and no SELL, until somebody resumes', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.01');

    const halted = await call({ action: 'halt', ...ops });
    const [buy, sell] = [await copyInto(accountId, 'BUY'), await copyInto(accountId, 'SELL')];
    const resumed = await call({ action: 'resume', by: 'ann', why: 'explained' });
    const again = await copyInto(accountId, 'BUY');

    expect(halted.halt).toEqual({ engaged: true, ...ops, since: lab.clock.now() });
    expect([buy, sell]).toEqual(['HALTED', 'FILLED']);
    expect(resumed).toMatchObject({ halt: { engaged: false }, summary: 'Buying is not halted.' });
    expect(again).toBe('FILLED');
  });

  it('that is engaged already keeps who engaged it, and who asked again is kept, too', async () => {
    await call({ action: 'halt', ...ops });
    lab.clock.advance(1_000);

    const again = await call({ action: 'halt', by: 'bob', why: 'to be sure' });
    const { lastChanges } = await call({ action: 'status' });

    expect(again.halt).toMatchObject({ engaged: true, ...ops, since: lab.clock.now() - 1_000 });
    expect(again.summary).toMatch(/^It was so already\. All buying is halted, by ops: odd fills\./);
    expect(again.entry).toMatchObject({ by: 'bob', why: 'to be sure', before: 'on', after: 'on' });
    expect(lastChanges?.[0]).toEqual(again.entry);
  });

  it.each([
    'halt',
    'resume',
  ] as const)('that cannot be read is replaced by %s, which says so', async (action) => {
    await damageHalt();
    await expect(call({ action: 'status' })).rejects.toThrow(LedgerError);

    const report = await call({ action, ...ops });

    expect(report.entry).toMatchObject({ before: 'unreadable', after: action === 'halt' ? 'on' : 'off' });
    expect(await lab.ledger.control.halt()).toEqual(report.halt);
  });

  it('is told to the alarms when it is set and when it is met', async () => {
    const figures = async (event: unknown) => {
      const before = lab.lines.length;
      await call(event);
      return lab.lines.slice(before).filter(({ level }) => level === 'metric');
    };

    expect(await figures({ action: 'halt', ...ops })).toMatchObject([
      { message: 'HaltEngaged', fields: ops },
    ]);
    expect(await figures({ action: 'status' })).toMatchObject([{ message: 'HaltEngaged' }]);
    expect(await figures({ action: 'resume', ...ops })).toEqual([]);
  });
});

describe('a switch of an account', () => {
  it.each([
    ['disable', 'enable', { enabled: false }, 'ACCOUNT_DISABLED'],
    ['pause-copying', 'resume-copying', { copyPaused: true }, 'COPY_PAUSED'],
    ['exit-only', 'leave-exit-only', { exitOnly: true }, 'EXIT_ONLY'],
  ] as const)('%s stops its next BUY and no SELL, and %s takes it back', async (on, off, state, reason) => {
    const { apiKey: _, ...account } = await lab.openAccount('user');
    const { accountId } = account;
    await lab.givePosition(accountId, BTC, '0.01');

    const set = await call({ action: on, accountId, ...ops });
    const stored = await lab.ledger.accounts.get(accountId);
    const outcomes = [await copyInto(accountId, 'BUY'), await copyInto(accountId, 'SELL')];
    const reset = await call({ action: off, accountId, ...ops });

    expect(set.account).toEqual({ ...settingsOf(account), ...state });
    expect(set.summary).toContain(`${accountId} buys nothing`);
    expect(stored).toEqual({ ...account, ...state });
    expect(outcomes).toEqual([reason, 'FILLED']);
    expect(reset.summary).toBe(`${accountId} may buy.`);
    expect(await lab.ledger.accounts.get(accountId)).toEqual(account);
  });

  it('is kept with who, when, why, before and after, apart from other accounts', async () => {
    const { accountId } = await lab.openAccount('user');
    const other = await lab.openAccount('user');
    await call({ action: 'disable', accountId, by: 'ann', why: 'lost phone' });
    lab.clock.advance(1_000);
    await call({ action: 'disable', accountId, by: 'bob', why: 'lost phone, again' });
    lab.clock.advance(1_000);
    await call({ action: 'enable', accountId, by: 'ann', why: 'found' });
    await call({ action: 'disable', accountId: other.accountId, ...ops });

    const { account, lastChanges, halt } = await call({ action: 'status', accountId });

    const now = lab.clock.now();
    const kept = { subject: accountId, switch: 'enabled', id: expect.any(String) };
    expect(account).toMatchObject({ enabled: true });
    expect(halt).toEqual({ engaged: false });
    expect(lastChanges).toEqual([
      { ...kept, before: 'off', after: 'on', by: 'ann', why: 'found', at: now },
      { ...kept, before: 'off', after: 'off', by: 'bob', why: 'lost phone, again', at: now - 1_000 },
      { ...kept, before: 'on', after: 'off', by: 'ann', why: 'lost phone', at: now - 2_000 },
    ]);
    expect((await lab.ledger.accounts.get(other.accountId))?.enabled).toBe(false);
  });

  it('that many set at once leaves a trail in which each finds what the one before left', async () => {
    const { accountId } = await lab.openAccount('user');
    const actions = ['disable', 'enable', 'disable'] as const;

    await Promise.all(
      actions.map((action, index) => call({ action, accountId, by: `operator ${index}`, why: 'at once' })),
    );

    const trail = await lab.ledger.control.trail(accountId);
    const changes = trail.filter(({ before, after }) => before !== after);
    expect(trail).toHaveLength(actions.length);
    // On and off by turns: what was switched off once more than on is off.
    const lasting = changes.filter(({ after }) => after === 'off').length * 2 - changes.length;
    expect([0, 1]).toContain(lasting);
    expect((await lab.ledger.accounts.get(accountId))?.enabled).toBe(lasting === 0);
  });

  it('of an account that is not registered is refused, and nothing is kept', async () => {
    await expect(call({ action: 'disable', accountId: 'u-nobody', ...ops })).rejects.toThrow(UnknownAccount);
    await expect(call({ action: 'status', accountId: 'u-nobody' })).rejects.toThrow(UnknownAccount);
    expect(await lab.ledger.control.trail('u-nobody')).toEqual([]);
  });
});

describe('the limits of an account', () => {
  it('that are set bound its next BUY, and what is not named stays', async () => {
    const { accountId, limits } = await lab.openAccount('user');

    const set = await call({ action: 'set-limits', accountId, limits: { minimumEquity: '20000' }, ...ops });
    const refused = await copyInto(accountId, 'BUY');
    await call({ action: 'set-limits', accountId, limits: { minimumEquity: '25' }, ...ops });
    const taken = await copyInto(accountId, 'BUY');

    expect(set.account?.limits).toEqual({ ...limits, minimumEquity: quote('20000') });
    expect([refused, taken]).toEqual(['EXIT_ONLY', 'FILLED']);
    expect((await lab.ledger.accounts.get(accountId))?.limits).toEqual(limits);
  });

  it('stop no SELL, however tight they are', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.01');
    const tight = {
      maxTradeFraction: '0',
      maxOpenPositions: 0,
      maxTradeAgeSeconds: 1,
      maxOrdersPerHour: 0,
      maxHourlyTurnover: '0',
      minimumEquity: '1000000',
    };
    await call({ action: 'set-limits', accountId, limits: tight, ...ops });
    await call({ action: 'set-symbols', accountId, denied: ['BTC/USD'], allowed: [], ...ops });

    expect(await copyInto(accountId, 'SELL')).toBe('FILLED');
  });

  it('of protection are set one by one and kept with what was before; null switches one off', async () => {
    const { accountId } = await lab.openAccount('user');
    const protect = async (protection: Record<string, unknown>) => {
      lab.clock.advance(1_000);
      return await call({ action: 'set-protection', accountId, protection, ...ops });
    };
    const trailing = { activateAt: '0.05', distance: '0.02' };

    await protect({ trailing, stopLoss: '0.2' });
    const off = await protect({ stopLoss: null });
    const again = await protect({ trailing });

    expect(JSON.parse(JSON.stringify(off.account?.protection))).toMatchObject({
      enabled: true,
      stopLoss: null,
      trailing,
    });
    expect(again.summary).toBe(`It was so already. ${accountId} may buy.`);
    const { lastChanges } = await call({ action: 'status', accountId });
    expect(JSON.parse(JSON.stringify(lastChanges)).toReversed()).toMatchObject([
      {
        setting: 'protection',
        before: { trailing: null, stopLoss: '0.1' },
        after: { trailing, stopLoss: '0.2' },
      },
      { setting: 'protection', before: { stopLoss: '0.2' }, after: { stopLoss: null } },
      { setting: 'protection', before: { trailing }, after: { trailing } },
    ]);
  });

  it('are kept with who, when, why, before and after, those alone that were named', async () => {
    const { accountId } = await lab.openAccount('user');
    const limits = { maxDailyLoss: '0.02', maxOpenPositions: 3 };
    await call({ action: 'set-limits', accountId, limits, by: 'ann', why: 'nervous' });
    lab.clock.advance(1_000);
    const again = await call({ action: 'set-limits', accountId, limits, ...ops });

    const { lastChanges, account } = await call({ action: 'status', accountId });

    const now = lab.clock.now();
    const kept = { subject: accountId, setting: 'limits', after: limits };
    expect(again.summary).toBe(`It was so already. ${accountId} may buy.`);
    expect(JSON.parse(JSON.stringify(lastChanges))).toMatchObject([
      { ...kept, before: limits, ...ops, at: now },
      {
        ...kept,
        before: { maxDailyLoss: '0.05', maxOpenPositions: 8 },
        by: 'ann',
        why: 'nervous',
        at: now - 1_000,
      },
    ]);
    expect(JSON.parse(JSON.stringify(account))).toMatchObject({ limits });
    expect(lab.lines.at(-1)).toMatchObject({
      level: 'warn',
      message: 'a setting was changed',
      fields: { by: 'ops', before: '{"maxOpenPositions":3,"maxDailyLoss":"0.02"}' },
    });
  });

  it.each([
    ['a share that leaves too little', { maxTradeFraction: '0' }, 'BELOW_MINIMUM'],
    ['a slippage that the price has passed', { maxSlippageBps: '0' }, 'PRICE_MOVED'],
    ['a number of positions', { maxOpenPositions: 0 }, 'MAX_POSITIONS'],
    ['a number of orders', { maxOrdersPerHour: 0 }, 'ORDER_RATE'],
    ['an equity', { minimumEquity: '20000' }, 'EXIT_ONLY'],
  ])('that are tightened stop the BUY that is decided already: %s', async (_what, limits, reason) => {
    const { accountId } = await lab.openAccount('user');
    const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now()));
    const ports = tightening(1, async () => {
      await call({ action: 'set-limits', accountId, limits, ...ops });
    });

    expect(await runCopy(message, ports)).toMatchObject({ state: 'SKIPPED', reason });
    expect(ordersAtExchange(lab, accountId)).toEqual([]);
  });

  it('that are tightened make the BUY smaller that is decided already', async () => {
    const { accountId } = await lab.openAccount('user');
    const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now()));
    const ports = tightening(1, async () => {
      await call({ action: 'set-limits', accountId, limits: { maxTradeFraction: '0.01' }, ...ops });
    });

    const outcome = await runCopy(message, ports);

    // One percent of 10,000 at the master's 50,000; without the change it were five percent.
    const bought = outcome.state === 'FILLED' ? outcome.quantity.toNumber() : outcome.reason;
    expect(bought).toBeGreaterThan(0.0019);
    expect(bought).toBeLessThanOrEqual(0.002);
  });

  it('that change without end keep a BUY open, and nothing is sent', async () => {
    const { accountId } = await lab.openAccount('user');
    const trade = bossTrade(lab.clock.now());
    const message = await giveCopy(lab, accountId, trade);
    let seconds = 100;
    const ports = tightening(Number.POSITIVE_INFINITY, async () => {
      seconds += 1;
      await call({ action: 'set-limits', accountId, limits: { maxTradeAgeSeconds: seconds }, ...ops });
    });

    await expect(runCopy(message, ports)).rejects.toThrow(/limits of .* kept changing/);

    expect((await lab.ledger.copies.get(accountId, trade.tradeId))?.outcome).toBeUndefined();
    expect(ordersAtExchange(lab, accountId)).toEqual([]);
    expect(await runCopy(message, lab.process())).toMatchObject({ state: 'FILLED' });
  });
});

/** A process in which something happens `times` times between the decision of a BUY and its sending. */
const tightening = (times: number, happens: () => Promise<void>) => {
  const ports = lab.process();
  let left = times;
  const risk: typeof ports.ledger.risk = {
    ...ports.ledger.risk,
    save: async (state) => {
      await ports.ledger.risk.save(state);
      if (left <= 0) return;
      left -= 1;
      await happens();
    },
  };
  return { ...ports, ledger: { ...ports.ledger, risk } };
};

describe('the symbols of an account', () => {
  it('that are denied or not allowed it does not buy, and null clears a list', async () => {
    const { accountId } = await lab.openAccount('user');
    const set = async (lists: object) => {
      const { account } = await call({ action: 'set-symbols', accountId, ...lists, ...ops });
      return [await copyInto(accountId, 'BUY'), account?.deniedSymbols, account?.allowedSymbols];
    };

    expect(await set({ denied: ['BTC/USD'] })).toEqual(['SYMBOL_DENIED', [BTC], undefined]);
    expect(await set({ denied: null, allowed: ['ETH/USD'] })).toEqual(['SYMBOL_DENIED', [], [ETH]]);
    expect(await set({ denied: [] })).toEqual(['SYMBOL_DENIED', [], [ETH]]);
    expect(await set({ allowed: null })).toEqual(['FILLED', [], undefined]);
  });

  it('are kept with both lists, before and after', async () => {
    const { accountId } = await lab.openAccount('user', { deniedSymbols: ['SOL/USD'] });

    const { entry } = await call({ action: 'set-symbols', accountId, allowed: ['BTC/USD'], ...ops });
    const { lastChanges, account } = await call({ action: 'status', accountId });

    expect(entry).toMatchObject({
      subject: accountId,
      setting: 'symbols',
      before: { denied: ['SOL/USD'], allowed: null },
      after: { denied: ['SOL/USD'], allowed: ['BTC/USD'] },
      ...ops,
      at: lab.clock.now(),
    });
    expect(lastChanges).toEqual([entry]);
    expect(account).toMatchObject({ deniedSymbols: ['SOL/USD'], allowedSymbols: ['BTC/USD'] });
  });

  it('that are denied meanwhile stop the BUY that is decided already', async () => {
    const { accountId } = await lab.openAccount('user');
    const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now()));
    const ports = tightening(1, async () => {
      await call({ action: 'set-symbols', accountId, denied: ['BTC/USD'], ...ops });
    });

    expect(await runCopy(message, ports)).toMatchObject({ state: 'SKIPPED', reason: 'SYMBOL_DENIED' });
  });
});

describe('the control function', () => {
  it.each([
    { action: 'enable', ...ops },
    { action: 'disable', ...ops },
    { action: 'pause-copying', ...ops },
    { action: 'resume-copying', ...ops },
    { action: 'exit-only', ...ops },
    { action: 'leave-exit-only', ...ops },
    { action: 'set-limits', limits: { maxOpenPositions: 1 }, ...ops },
    { action: 'set-protection', protection: { stopLoss: '0.2' }, ...ops },
    { action: 'set-symbols', denied: ['BTC/USD'], ...ops },
    { action: 'status' },
  ])('touches no master and says what to do instead: $action', async (event) => {
    const { apiKey: _, ...account } = await lab.openAccount('master');
    const { accountId } = account;

    const asked = call({ ...event, accountId });

    await expect(asked).rejects.toThrow(
      `accountId: control changes users alone (given '${accountId}', a master): to stop what it buys, call register-master with "enabled": false, or pause its schedule, or halt all buying`,
    );
    expect(await lab.ledger.accounts.get(accountId)).toEqual(account);
  });

  it.each([
    ['an action that there is none of', { action: 'stop', ...ops }, /action/],
    ['nobody who asks', { action: 'halt', why: 'odd' }, /by: say who asks/],
    ['no reason', { action: 'halt', by: 'ops', why: '  ' }, /why: say why/],
    ['no account', { action: 'disable', ...ops }, /accountId/],
    ['an account to a halt', { action: 'halt', accountId: 'u-1', ...ops }, /accountId/],
    ['no limit', { action: 'set-limits', accountId: 'u-1', limits: {}, ...ops }, /name at least one limit/],
    [
      'a limit that there is not',
      { action: 'set-limits', accountId: 'u-1', limits: { maxLoss: '0.1' }, ...ops },
      /limits: Unrecognized key: "maxLoss"/,
    ],
    [
      'a percentage',
      { action: 'set-limits', accountId: 'u-1', limits: { maxDailyLoss: '5' }, ...ops },
      /maxDailyLoss is a fraction between 0 and 1/,
    ],
    [
      'no setting of protection',
      { action: 'set-protection', accountId: 'u-1', protection: {}, ...ops },
      /name at least one setting/,
    ],
    [
      'a stop loss in percent',
      { action: 'set-protection', accountId: 'u-1', protection: { stopLoss: '5' }, ...ops },
      /stopLoss is a fraction above 0 and below 1: 0.05 is five percent \(given '5'\)/,
    ],
    ['no list', { action: 'set-symbols', accountId: 'u-1', ...ops }, /name denied, allowed or both/],
    [
      'what is no symbol',
      { action: 'set-symbols', accountId: 'u-1', denied: ['BTC'], ...ops },
      /looks like BTC\/USD/,
    ],
  ])('refuses %s', async (_what, event, said) => {
    await expect(call(event)).rejects.toThrow(said);
  });

  it('fails where it cannot write, and says what it could not do', async () => {
    const env = { ...lab.env, NIJA_TABLE: 'another-table' };

    const halt = call({ action: 'halt', ...ops }, env);

    await expect(halt).rejects.toThrow(LedgerError);
    await expect(halt).rejects.toThrow(/the halt switch \(table 'another-table'\)/);
    expect(await lab.ledger.control.halt()).toEqual({ engaged: false });
  });

  it('needs no vault and no exchange', async () => {
    const { AWS_ENDPOINT_URL_SECRETS_MANAGER: _, NIJA_EXCHANGE_URL_KRAKEN: __, ...env } = lab.env;

    expect(await call({ action: 'halt', ...ops }, env)).toMatchObject({ halt: { engaged: true } });
  });
});
