import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { bundleFunctions } from '../infra/bundle/bundle.ts';
import { type Figure, figure } from './figures.ts';

const COLD_STARTS = 9;
const MEGABYTE = 1e6;

const zLoaded = z.object({ ms: z.number(), rss: z.number() });

const LOAD = `const start = performance.now();
await import(process.argv[1]);
const ms = performance.now() - start;
process.stdout.write(JSON.stringify({ ms, rss: process.memoryUsage.rss() }));`;

const coldStart = async (file: string) => {
  const args = ['--input-type=module', '--eval', LOAD, pathToFileURL(file).href];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return zLoaded.parse(JSON.parse(stdout));
};

const coldStarts = async (file: string) => {
  const starts: z.infer<typeof zLoaded>[] = [];
  for (let count = 0; count < COLD_STARTS; count += 1) starts.push(await coldStart(file));
  return starts;
};

/** Size, import time and memory of each function's bundle, each start in a process of its own. */
export const bundleFigures = async (): Promise<readonly Figure[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'nija-bench-'));
  try {
    const empty = join(folder, 'empty.mjs');
    await writeFile(empty, 'export {};\n');
    const bare = await coldStarts(empty);
    const memory = (starts: typeof bare) => starts.map(({ rss }) => rss / MEGABYTE);
    const figures = [figure('Node alone', 'resident memory', 'MB', memory(bare))];
    for (const { name, file, bytes, gzipBytes } of await bundleFunctions(folder)) {
      const starts = await coldStarts(file);
      const group = `bundle of ${name}`;
      figures.push(
        figure(group, 'size', 'kB', [bytes / 1_000]),
        figure(group, 'size, gzipped', 'kB', [gzipBytes / 1_000]),
        figure(
          group,
          'import',
          'ms',
          starts.map(({ ms }) => ms),
        ),
        figure(group, 'resident memory, loaded', 'MB', memory(starts)),
      );
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
