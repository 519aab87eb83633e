import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const BIN = join(import.meta.dirname, '..', '..', 'cli', 'nija.mjs');

test('the bin is the command, and hands over what that ends with', async () => {
  const run = promisify(execFile);
  const help = await run(process.execPath, [BIN, 'help', 'exit']);
  const wrong = await run(process.execPath, [BIN, 'exti']).catch((error: unknown) => error);

  expect(help.stdout).toContain('nija exit u-ann --dry-run');
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean exit?') });
});
