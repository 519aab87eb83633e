import { readFile, rm, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';

export type Lock =
  | { readonly taken: true; readonly release: () => Promise<void> }
  /** Which process has it, as far as that one has said so. */
  | { readonly taken: false; readonly holder: string };

const LOCKED = 5;

/**
 * A lock between processes of this machine. The operating system holds it, by way of SQLite, and frees it
 * when the process ends in whatever way: there is no stale lock. The file stays; who has the lock stands in
 * a second one, for the message only.
 */
export const takeLock = async (file: string): Promise<Lock> => {
  const holderFile = `${file}.pid`;
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isLocked(error)) throw error;
    const holder = await readFile(holderFile, 'utf8').catch(() => 'unknown');
    return { taken: false, holder: holder.trim() };
  }
  await writeFile(holderFile, `${process.pid}\n`, { mode: 0o600 });
  return {
    taken: true,
    release: async () => {
      await rm(holderFile, { force: true });
      database.close();
    },
  };
};

const isLocked = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === LOCKED;
