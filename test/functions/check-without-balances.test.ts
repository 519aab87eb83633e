import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createHandler } from '../../functions/account-check/handler.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { VirtualClock } from '../../infra/local/clock/virtual-clock.ts';
import { TRADING_PERMISSIONS } from '../../infra/local/kraken/accounts.ts';
import { CHECKED_BY } from '../../shared/account/key-watch.ts';
import { DAY } from '../../shared/time/clock.ts';
import { NOON } from '../local/kraken/exchange.ts';
import { bossIsHealthy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

const clock = new VirtualClock(NOON);
let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ clock });
});
afterAll(() => lab.stop());

const zReport = z.looseObject({
  steps: z.array(z.looseObject({ step: z.string(), state: z.string() })),
});
type Report = z.infer<typeof zReport>;
const check = async (accountId: string): Promise<Report> => {
  const fn = { name: 'account-check', handler: createHandler(lab.host), timeoutMs: 60_000 };
  return zReport.parse(await invoke<unknown>(fn, { accountId }));
};
const stepOf = ({ steps }: Report, name: string) => steps.find(({ step }) => step === name);
/** What `act` counts and logs as errors, in its order. */
const toldBy = async (act: () => Promise<unknown>): Promise<readonly string[]> => {
  const from = lab.lines.length;
  await act();
  return lab.lines
    .slice(from)
    .flatMap(({ level, message }) => (level === 'metric' || level === 'error' ? [message] : []));
};

const CANNOT_QUERY = TRADING_PERMISSIONS.filter((permission) => !permission.startsWith('query'));
const MOVES_MONEY_ALONE = [...CANNOT_QUERY, 'withdraw-funds'] as const;

describe('an account whose balances cannot be read', () => {
  it('is set exit-only, with an alarm, where its key can withdraw all the same', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    lab.simulator.setPermissions(apiKey, MOVES_MONEY_ALONE);

    const told = await toldBy(async () => {
      expect(stepOf(await check(accountId), 'connect')).toMatchObject({ code: 'PERMISSION_DENIED' });
    });

    expect(told).toContain('KeyCanWithdraw');
    expect(await lab.ledger.accounts.get(accountId)).toMatchObject({ exitOnly: true });
    expect(await lab.ledger.control.trail(accountId)).toMatchObject([
      { by: CHECKED_BY, switch: 'exitOnly', before: 'off', after: 'on' },
    ]);
  });

  it('has its key asked about once a day, as any other', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    lab.simulator.setPermissions(apiKey, MOVES_MONEY_ALONE);
    const asked = () =>
      lab.simulator.books
        .requests()
        .filter((request) => request.apiKey === apiKey && request.endpoint === 'GetApiKeyInfo')
        .reduce((sum, { count }) => sum + count, 0);

    await check(accountId);
    await check(accountId);
    const within = asked();
    clock.advanceTo(clock.now() + DAY);
    const told = await toldBy(() => check(accountId));

    expect(within).toBe(1);
    expect(asked()).toBe(2);
    expect(told).toContain('KeyCanWithdraw');
  });

  it.each([
    ['revoked', async (_: string, apiKey: string) => lab.simulator.revokeKey(apiKey)],
    ['without its secret', async (accountId: string) => await lab.deleteSecret(accountId)],
  ])('because its key is %s is told once, and quietly after that', async (_, breakKey) => {
    const { accountId, apiKey } = await lab.openAccount('user');
    await breakKey(accountId, apiKey);

    const first = await toldBy(() => check(accountId));
    const second = await toldBy(() => check(accountId));

    expect(first.filter((line) => line === 'KeyUnusable')).toHaveLength(1);
    expect(second).toEqual(['CheckDuration']);
  });

  it('learns all the same that its master is not healthy, and that it is again', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    lab.simulator.revokeKey(apiKey);

    const gone = await toldBy(async () => {
      const report = await check(accountId);
      expect(stepOf(report, 'following')).toMatchObject({ state: 'DONE', result: { status: 'standalone' } });
    });
    const standalone = await lab.ledger.following.get(accountId);
    await bossIsHealthy(lab);
    const back = await check(accountId);

    expect(gone.filter((line) => line === 'Standalone')).toHaveLength(1);
    expect(standalone).toMatchObject({ state: 'standalone', masterId: 'm-boss' });
    expect(stepOf(back, 'following')).toMatchObject({ state: 'DONE', result: { status: 'following' } });
    expect(await lab.ledger.following.get(accountId)).toMatchObject({ state: 'following' });
  });
});
