import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { progressOn } from '../../../cli/screen/progress.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const label = () => 'asking exchanges: 2 of 6 accounts';
const slowWork = () => Promise.withResolvers<string>();

test('what takes a second says nothing, what takes longer says how far it is', async () => {
  const written: string[] = [];
  const progress = progressOn({ isTerminal: false, write: (text) => written.push(text) });
  const { promise, resolve } = slowWork();

  const waiting = progress.during(label, promise);
  await vi.advanceTimersByTimeAsync(900);
  const early = [...written];
  await vi.advanceTimersByTimeAsync(10_200);
  resolve('done');

  expect(await waiting).toBe('done');
  expect(early).toEqual([]);
  expect(written).toEqual([
    'asking exchanges: 2 of 6 accounts (1 s)\n',
    'asking exchanges: 2 of 6 accounts (11 s)\n',
  ]);
});

test('on a terminal it is one line, gone in the end, also of what fails', async () => {
  const written: string[] = [];
  const progress = progressOn({ isTerminal: true, write: (text) => written.push(text) });
  const { promise, reject } = slowWork();

  const waiting = progress.during(label, promise);
  const failed = expect(waiting).rejects.toThrow('no');
  await vi.advanceTimersByTimeAsync(2_500);
  reject(new Error('no'));
  await failed;
  await vi.advanceTimersByTimeAsync(60_000);

  expect(written.at(-1)).toBe('\r\u001b[2K');
  expect(written.slice(0, -1)).toEqual([
    '\r\u001b[2Kasking exchanges: 2 of 6 accounts (1 s)',
    '\r\u001b[2Kasking exchanges: 2 of 6 accounts (2 s)',
  ]);
});
