import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import * as z from 'zod';

const zHolder = z.strictObject({ pid: z.int().min(1), startedAt: z.string(), token: z.string() });
type Holder = z.infer<typeof zHolder>;

export type Lock =
  | { readonly taken: true; readonly release: () => Promise<void> }
  | { readonly taken: false; readonly holder: number };

/**
 * A lock between processes of this machine; one left behind by a process that is gone is taken over.
 * A file that appears whole (by a hard link) names the holder.
 */
export const takeLock = async (file: string): Promise<Lock> => {
  const mine: Holder = { pid: process.pid, startedAt: startOf(process.pid) ?? '', token: randomUUID() };
  const draft = `${file}.${mine.token}`;
  await writeFile(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (;;) {
      if (await linked(draft, file)) return { taken: true, release: () => release(file, mine.token) };
      const holder = await holderOf(file);
      if (holder && lives(holder)) return { taken: false, holder: holder.pid };
      await putAside(file, holder?.token);
    }
  } finally {
    await rm(draft, { force: true });
  }
};

const linked = async (draft: string, file: string): Promise<boolean> => {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
};

/** Undefined when it is gone, or no lock of ours. */
const holderOf = async (file: string): Promise<Holder | undefined> => {
  try {
    return zHolder.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (gone || error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** Removes a dead holder's lock, and only that: another process may have been faster. */
const putAside = async (file: string, token: string | undefined): Promise<void> => {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  const moved = await holderOf(aside);
  if (moved?.token !== token) await linked(aside, file);
  await rm(aside, { force: true });
};

const release = async (file: string, token: string): Promise<void> => {
  if ((await holderOf(file))?.token === token) await rm(file, { force: true });
};

const lives = ({ pid, startedAt }: Holder): boolean => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (gone) return false;
  }
  const start = startOf(pid);
  return start === undefined || startedAt === '' || start === startedAt;
};

/** When a process began, in the kernel's ticks since boot: tells it from a later one with the same id. */
const startOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    // No such file system here: the process id alone has to do.
    return undefined;
  }
};
