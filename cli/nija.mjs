#!/usr/bin/env node
// The bin: plain JavaScript that any Node can read, because the command itself needs one that strips types.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = join(dirname(fileURLToPath(import.meta.url)), 'main.ts');
const LEAST = 24;

if (Number.parseInt(process.versions.node, 10) >= LEAST) {
  await import(main);
} else {
  const node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
  const { status, error } = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (error !== undefined)
    process.stderr.write(`nija: needs Node ${LEAST}: run npm ci first (${error.message})\n`);
  process.exitCode = status ?? 1;
}
