import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { announceServing, readServing } from '../../../infra/local/state/serving.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nija-serving-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const WHERE = {
  url: 'http://127.0.0.1:4600/<name>',
  secretsEndpoint: 'http://127.0.0.1:4601',
  operator: 'nija-operator',
};
const file = () => join(folder, 'serving.json');
const state = { file: () => file() };

test('who looks finds where a runtime answers, until that one withdraws it', async () => {
  const announced = await announceServing(state, WHERE);
  const found = await readServing(file());
  const { mode } = await stat(file());
  await announced.withdraw();
  const afterwards = await readServing(file());

  expect(found).toEqual({ pid: process.pid, ...WHERE });
  expect(mode & 0o777).toBe(0o600);
  expect(afterwards).toBeUndefined();
});

test('a runtime that ended without a word is not found', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeFile(file(), JSON.stringify({ pid, ...WHERE }));

  const found = await readServing(file());

  expect(found).toBeUndefined();
});

test('what is no such file is refused instead of being called', async () => {
  await writeFile(file(), JSON.stringify({ pid: process.pid, url: 'elsewhere', secretsEndpoint: '' }));

  await expect(readServing(file())).rejects.toThrow('url');
});
