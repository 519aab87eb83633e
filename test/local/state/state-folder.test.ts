import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openState } from '../../../infra/local/state/state-folder.ts';

const NOW = Date.UTC(2026, 0, 1);

describe('the state folder', () => {
  let parent: string;
  let path: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'nija-test-'));
    path = join(parent, '.nija');
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  it('remembers facts from one run to the next', async () => {
    const first = await openState({ path }, NOW);
    await first.remember({ seed: 7 });
    await first.close();

    const second = await openState({ path }, NOW + 1);
    await second.close();

    expect(second.facts).toEqual({ seed: 7 });
    expect(JSON.parse(await readFile(join(path, 'state.json'), 'utf8'))).toEqual({
      format: 1,
      createdAt: '2026-01-01T00:00:00.000Z',
      facts: { seed: 7 },
    });
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  it('belongs to one runtime at a time', async () => {
    const first = await openState({ path }, NOW);

    const second = await openState({ path }, NOW).catch((error: unknown) => String(error));
    await first.close();
    const third = await openState({ path }, NOW);
    await third.close();

    expect(second).toContain(`in use by process ${process.pid}. Stop that one, or choose another folder`);
  });

  it('is taken over from a process that is gone', async () => {
    const module = new URL('../../../infra/local/state/state-folder.ts', import.meta.url).href;
    const script = `import { openState } from '${module}'; await openState({ path: ${JSON.stringify(path)} }, 0); console.log('open'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const whileAlive = await openState({ path }, NOW).catch((error: unknown) => String(error));
    child.kill('SIGKILL');
    await once(child, 'exit');

    const taken = await openState({ path }, NOW);
    await taken.close();

    expect(whileAlive).toContain(`in use by process ${child.pid}`);
    expect((await readdir(path)).sort()).toEqual(['lock', 'state.json']);
  });

  it('goes to one of many that want it at once', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => openState({ path }, NOW)));

    const open = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    for (const state of open) await state.close();
    expect(open).toHaveLength(1);
  });

  it.each([
    ['a folder that something else made', { 'thesis.txt': 'years of work' }, 'Nija did not make it'],
    ['a manifest that is not JSON', { 'state.json': '{"format": 1,' }, 'is not JSON'],
    [
      'a manifest of another shape',
      { 'state.json': '{"format": 1, "createdAt": 5, "facts": {}}' },
      'not valid at createdAt',
    ],
    ['a manifest of another version', { 'state.json': '{"format": 2}' }, 'its format is 2, this one reads 1'],
  ])('refuses %s, and touches nothing', async (_name, files, reason) => {
    await mkdir(path);
    for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);

    const refusal = await openState({ path }, NOW).catch((error: unknown) => String(error));

    expect(refusal).toContain(reason);
    expect(refusal).toContain(`(given '${path}')`);
    for (const [name, content] of Object.entries(files))
      expect(await readFile(join(path, name), 'utf8')).toBe(content);
    expect(await readdir(path)).toEqual(Object.keys(files));
  });

  it('refuses a path that is a file', async () => {
    await writeFile(path, 'a file');

    await expect(openState({ path }, NOW)).rejects.toThrow('the state folder is a file');
  });

  it('removes, when reset, what Nija keeps there and nothing else', async () => {
    const state = await openState({ path }, NOW);
    await state.remember({ seed: 7 });
    await writeFile(state.file('ledger'), 'rows');
    await writeFile(`${state.file('ledger')}-wal`, 'more rows');
    await writeFile(join(path, 'notes.txt'), 'mine');

    await state.reset();
    const names = (await readdir(path)).sort();
    await state.close();

    expect(names).toEqual(['lock', 'lock.pid', 'notes.txt', 'state.json']);
    expect(state.facts).toEqual({});
  });

  it('is gone after closing a throw-away one', async () => {
    const state = await openState('throw-away', NOW);
    await writeFile(state.file('ledger'), 'rows');

    await state.close();

    expect(existsSync(state.path)).toBe(false);
  });
});
