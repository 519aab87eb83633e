import { describe, expect, it } from 'vitest';
import type { AccountRecord } from '../../shared/account/account.ts';
import { standingOf } from '../../shared/copying/account-status.ts';
import type { MasterStatus } from '../../shared/copying/master-status.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { account, NOON } from './made.ts';

const HEALTHY: MasterStatus = {
  masterId: 'm-apex',
  healthy: true,
  reason: 'ok',
  at: NOON - MINUTE,
  periodMs: MINUTE,
};
const ILL: MasterStatus = { ...HEALTHY, healthy: false, reason: 'its key was revoked' };

const standing = async (settings: Partial<AccountRecord>, status: MasterStatus | Error | undefined) => {
  const read = async (): Promise<MasterStatus | undefined> => {
    if (status instanceof Error) throw status;
    return status;
  };
  const clock = { now: () => NOON, sleep: async () => {} };
  return await standingOf(account(settings), { ledger: { masterStatus: { read } }, clock });
};

describe('what an account does, as its owner sees it', () => {
  const all = { enabled: false, exitOnly: true, copyPaused: true };
  it.each<
    readonly [string, string, Partial<AccountRecord> & { follows?: string }, MasterStatus | Error | undefined]
  >([
    ['disabled', 'disabled by the operator', all, ILL],
    ['exit-only', 'set to exit-only', { ...all, enabled: true }, ILL],
    ['standalone', 'its key was revoked', { copyPaused: true }, ILL],
    ['standalone', 'the master has never published a status', {}, undefined],
    ['paused', 'copying is paused', { copyPaused: true }, HEALTHY],
    ['following', 'follows m-apex', {}, HEALTHY],
  ])('is %s: %s', async (status, statusReason, settings, master) => {
    expect(await standing(settings, master)).toMatchObject({ status, statusReason });
  });

  it('is independent where it follows no master, of whom nothing is told then', async () => {
    const read = async (): Promise<never> => Promise.reject(new Error('nobody asks'));
    const { follows: _, ...alone } = account();
    const clock = { now: () => NOON, sleep: async () => {} };

    expect(await standingOf(alone, { ledger: { masterStatus: { read } }, clock })).toEqual({
      status: 'independent',
      statusReason: 'follows no master',
    });
  });

  it('is told with the master and the age of its heartbeat, whatever the account’s own switches say', async () => {
    expect(await standing({ enabled: false }, HEALTHY)).toEqual({
      status: 'disabled',
      statusReason: 'disabled by the operator',
      master: { masterId: 'm-apex', healthy: true, reason: 'ok', heartbeatAgeSeconds: 60 },
    });
  });

  it('is standalone where the status of its master cannot be read', async () => {
    expect(await standing({}, new Error('throttled'))).toMatchObject({
      status: 'standalone',
      statusReason: expect.stringContaining('could not be read: throttled'),
    });
  });
});
