import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Small durable rows: what was written is there after a crash of this process. */
export interface Rows {
  /** All rows of a kind, in the order in which their keys were first written. */
  all(kind: string): readonly { readonly key: string; readonly value: string }[];
  get(kind: string, key: string): string | undefined;
  put(kind: string, key: string, value: string): void;
  remove(kind: string, key: string): void;
  /** All or nothing. */
  together<T>(write: () => T): T;
  /**
   * Writes with the next other write, at the latest before the next turn of the event loop ends: for what
   * may be lost when the process dies just now, and happens too often for a commit of its own.
   */
  soon(write: () => void): void;
  close(): void;
}

/** The file is not one of ours, or is damaged: the message says what to do. */
export class RowsError extends Error {
  override readonly name = 'RowsError';
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS row (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (kind, key)
  );
`;

/**
 * @param file readable by its owner alone; without it the rows live in memory
 * @throws RowsError when the file is not a database
 */
export const openRows = (file?: string): Rows => {
  const database = new DatabaseSync(file ?? ':memory:');
  try {
    database.exec(SCHEMA);
  } catch (error) {
    database.close();
    throw new RowsError(
      `the file is damaged, or Nija did not write it. Restore it from a copy, or move it away to start without it (given '${file}')`,
      { cause: error },
    );
  }
  if (file !== undefined) chmodSync(file, 0o600);

  const all = database.prepare('SELECT key, value FROM row WHERE kind = ? ORDER BY position');
  const get = database.prepare('SELECT value FROM row WHERE kind = ? AND key = ?');
  const put = database.prepare(
    'INSERT INTO row (kind, key, value) VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value',
  );
  const remove = database.prepare('DELETE FROM row WHERE kind = ? AND key = ?');
  const postponed: (() => void)[] = [];
  let open = false;

  const together = <T>(write: () => T): T => {
    if (open) return write();
    database.exec('BEGIN IMMEDIATE');
    open = true;
    try {
      for (const earlier of postponed.splice(0)) earlier();
      const result = write();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    } finally {
      open = false;
    }
  };
  const flush = () => {
    if (postponed.length > 0) together(() => {});
  };

  return {
    all: (kind) => {
      flush();
      return all.all(kind).map((row) => ({ key: String(row['key']), value: String(row['value']) }));
    },
    get: (kind, key) => {
      flush();
      const row = get.get(kind, key);
      return row === undefined ? undefined : String(row['value']);
    },
    put: (kind, key, value) => {
      flush();
      put.run(kind, key, value);
    },
    remove: (kind, key) => {
      flush();
      remove.run(kind, key);
    },
    together,
    soon: (write) => {
      if (postponed.length === 0) setImmediate(flush);
      postponed.push(write);
    },
    close: () => {
      flush();
      database.close();
    },
  };
};
