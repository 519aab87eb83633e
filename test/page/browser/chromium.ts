import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import * as z from 'zod';

/** Why no browser can run here; undefined where one can. Tests that need it skip with this. */
export const noBrowser = (): string | undefined => {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `the packaged Chromium runs on Linux x64 (this is ${process.platform} ${process.arch})`;
  return installed() === undefined ? 'the optional package @sparticuz/chromium is not installed' : undefined;
};

const installed = (): string | undefined => {
  try {
    return fileURLToPath(import.meta.resolve('@sparticuz/chromium'));
  } catch {
    return undefined;
  }
};

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Shared memory is small in containers, and a screenshot needs much of it.
  '--disable-dev-shm-usage',
];

/** A Chromium with its own libraries and fonts: it uses none of the machine's, so a bare one will do. */
export const openBrowser = async (): Promise<Browser> => {
  const folder = await unpacked();
  return await chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: ARGUMENTS,
    env: {
      HOME: folder,
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_PATH: join(folder, 'fonts'),
    },
  });
};

/** Unpacked once for a version and user; whoever comes at the same time finds a whole one. */
const unpacked = async (): Promise<string> => {
  const entry = installed();
  if (entry === undefined) throw new Error('the package @sparticuz/chromium is not installed');
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(entry, '../../package.json'), 'utf8')));
  const folder = join(tmpdir(), `nija-chromium-${version}-${userInfo().uid}`);
  if (existsSync(folder)) return folder;
  const fresh = await mkdtemp(join(tmpdir(), 'nija-chromium-new-'));
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'extract-chromium.ts')], {
    env: { ...process.env, TMPDIR: fresh },
  });
  await writeFile(
    join(fresh, 'fonts', 'fonts.conf'),
    `<fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/fonts-cache</cachedir></fontconfig>`,
  );
  try {
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
};
