import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const PROJECT = resolve(import.meta.dirname, '..');
const FOLDERS = ['functions', 'shared', 'infra', 'cli', 'page', 'simulation'].filter((folder) =>
  existsSync(join(PROJECT, folder)),
);

test('no import goes against the layers', async () => {
  const program = join(PROJECT, 'node_modules', '.bin', 'depcruise');
  const run = promisify(execFile)(program, ['--config', '.dependency-cruiser.cjs', ...FOLDERS], {
    cwd: PROJECT,
  });

  const { code, report } = await run.then(
    ({ stdout }) => ({ code: 0, report: stdout }),
    (error: { readonly code?: number; readonly stdout?: string }) => ({
      code: error.code ?? 1,
      report: error.stdout ?? String(error),
    }),
  );

  expect({ code, report }).toMatchObject({
    code: 0,
    report: expect.stringContaining('no dependency violations'),
  });
});
