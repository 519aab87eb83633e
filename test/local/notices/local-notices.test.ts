import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../infra/local/clock/virtual-clock.ts';
import { openNotices, scheduleNotices, sendNotices } from '../../../infra/local/notices/local-notices.ts';
import { isSigned, startNoticeReceiver } from '../../../infra/local/notices/receiver.ts';
import { bootRuntime } from '../../../infra/local/runtime.ts';
import { openState } from '../../../infra/local/state/state-folder.ts';
import { startReceiver } from '../../notification/receiver.ts';
import { flatPrices } from '../kraken/exchange.ts';

const KEY = 'a key of thirty-two characters or more';
const message = (id: string) =>
  JSON.stringify({ id, createdAt: '2026-01-01T00:00:00Z', subject: `subject ${id}`, text: `text ${id}` });
const signed = (body: string, key = KEY, seconds = 1_700_000_000) =>
  `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`;

describe('a receiver of notices', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nija-notices-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const opened = async () => {
    const file = join(folder, 'notices.log');
    const receiver = await startNoticeReceiver(file, KEY);
    const send = async (body: string, signature: string) => {
      const answer = await fetch(receiver.url, {
        method: 'POST',
        body,
        headers: { 'nija-signature': signature },
      });
      return answer.status;
    };
    return { file, receiver, send };
  };

  it('appends what is signed, once, to a file that its owner alone can read', async () => {
    const { file, receiver, send } = await opened();

    const answers = [
      await send(message('1'), signed(message('1'))),
      await send(message('2'), signed(message('2'))),
      await send(message('1'), signed(message('1'))),
    ];
    await receiver.stop();

    expect(answers).toEqual([204, 204, 204]);
    expect((await readFile(file, 'utf8')).match(/text \d/g)).toEqual(['text 1', 'text 2']);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it.each([
    [
      'signed with another key',
      message('1'),
      signed(message('1'), 'another key of thirty-two characters'),
      401,
    ],
    ['changed on its way', message('2'), signed(message('1')), 401],
    ['not signed at all', message('1'), '', 401],
    ['signed and no message', '{}', signed('{}'), 400],
  ])('keeps nothing that is %s', async (_, body, signature, status) => {
    const { file, receiver, send } = await opened();

    const answer = await send(body, signature);
    await receiver.stop();

    expect(answer).toBe(status);
    expect(await readFile(file, 'utf8')).toBe('');
  });

  it('takes no signature of another time for its own', () => {
    const body = message('1');
    const later = signed(body).replace('t=1700000000', 't=1700000001');

    expect(isSigned(body, signed(body), KEY)).toBe(true);
    expect(isSigned(body, later, KEY)).toBe(false);
  });
});

describe('notices of the local runtime', () => {
  it('go to a file and to the address that is named, as they happen and with each minute', async () => {
    const clock = new VirtualClock();
    const state = await openState('throw-away', clock.now());
    const elsewhere = await startReceiver();
    const notices = await openNotices(state, `${elsewhere.url}/hook`);
    const runtime = await bootRuntime({
      state,
      clock,
      seed: 1,
      simulator: { prices: flatPrices },
      channels: notices.channels,
    });
    try {
      scheduleNotices(runtime, clock.now());
      await runtime.call('control', { action: 'halt', by: 'ops', why: 'a drill' });
      await runtime.settle();
      const atOnce = await readFile(state.file('notices'), 'utf8');
      await runtime.call('control', { action: 'resume', by: 'ops', why: 'it is over' });
      await runtime.settle();
      clock.advanceTo(clock.now() + 120_000);
      const runs = await runtime.scheduler.runDue(clock.now());
      await sendNotices(runtime, () => undefined);

      const told = await readFile(state.file('notices'), 'utf8');
      expect(notices.says).toContain(state.file('notices'));
      expect(atOnce).toContain('ops halted all buying: a drill');
      expect(told).toContain('ops resumed buying: it is over');
      expect(runs).toMatchObject([{ schedule: 'notices', state: 'SUCCEEDED' }]);
      expect(elsewhere.received.map(({ path }) => path)).toContain('/hook');
      expect(elsewhere.received.length).toBe(2);
    } finally {
      await runtime.stop();
      await notices.stop();
      await elsewhere.stop();
      await state.close();
    }
  });
});
