import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { type Instant, iso } from '../../../shared/time/clock.ts';
import { readJson, writeJson } from './json-file.ts';
import { takeLock } from './lock.ts';

/** The folder cannot be used: the message says why and what to do. Nothing in it was touched. */
export class StateError extends Error {
  override readonly name = 'StateError';
}

const MANIFEST = 'state.json';
const LOCK = 'lock';
const FORMAT = 1;

/** Where a runtime that answers calls says so. */
export const SERVING_FILE = 'serving.json';

/** What Nija may keep in the folder, and `reset` may remove. */
const FILES = {
  ledger: 'ledger.db',
  queues: 'queues.db',
  positions: 'positions.db',
  secrets: 'secrets.json',
  exchange: 'exchange.json',
  log: 'functions.log',
  notices: 'notices.log',
  serving: SERVING_FILE,
  spareKey: 'spare-key.json',
} as const;
export type StateFile = keyof typeof FILES;

const zManifest = z.strictObject({
  format: z.literal(FORMAT),
  createdAt: z.iso.datetime(),
  /** What the runtime wants to find again. */
  facts: z.record(z.string(), z.unknown()),
});
export type Facts = Readonly<Record<string, unknown>>;

export interface StateFolder {
  readonly path: string;
  /** The path of a file of this folder. */
  file(name: StateFile): string;
  /** What was remembered; empty for a new folder. */
  readonly facts: Facts;
  /** Replaces what is remembered, durably. */
  remember(facts: Facts): Promise<void>;
  /** Removes every file that Nija keeps here and forgets the facts; to be called before anything is opened. */
  reset(): Promise<void>;
  /** Gives the folder free; a throw-away one is removed. */
  close(): Promise<void>;
}

/**
 * Opens, or makes, a folder for durable state; only one process at a time.
 *
 * @param where a path, or `throw-away` for a folder that `close` removes
 * @throws StateError
 */
export const openState = async (
  where: { readonly path: string } | 'throw-away',
  now: Instant,
): Promise<StateFolder> => {
  const throwAway = where === 'throw-away';
  const path = throwAway ? await mkdtemp(join(tmpdir(), 'nija-state-')) : resolve(where.path);
  const manifest = await readManifest(path);
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw new StateError(`the state folder cannot be made. Choose another path (given '${path}')`, {
      cause: error,
    });
  });
  const lock = await takeLock(join(path, LOCK)).catch((error: unknown) => {
    throw new StateError(
      `the state folder cannot be locked: its file '${LOCK}' is damaged or cannot be written. Remove that file, or choose another folder (given '${path}')`,
      { cause: error },
    );
  });
  if (!lock.taken) {
    throw new StateError(
      `the state folder is in use by process ${lock.holder}. Stop that one, or choose another folder (given '${path}')`,
    );
  }
  return makeFolder({
    path,
    throwAway,
    release: lock.release,
    createdAt: manifest?.createdAt ?? iso(now),
    facts: manifest?.facts ?? {},
  });
};

const makeFolder = async (parts: {
  readonly path: string;
  readonly throwAway: boolean;
  readonly release: () => Promise<void>;
  readonly createdAt: string;
  readonly facts: Facts;
}): Promise<StateFolder> => {
  const { path, createdAt } = parts;
  let facts = parts.facts;
  const remember = async (next: Facts) => {
    await writeJson(join(path, MANIFEST), { format: FORMAT, createdAt, facts: next });
    facts = next;
  };
  try {
    await remember(facts);
  } catch (error) {
    await parts.release();
    throw new StateError(`the state folder cannot be written to. Choose another path (given '${path}')`, {
      cause: error,
    });
  }
  return {
    path,
    file: (name) => join(path, FILES[name]),
    get facts() {
      return facts;
    },
    remember,
    reset: async () => {
      for (const file of Object.values(FILES)) {
        for (const suffix of ['', '-wal', '-shm']) await rm(join(path, `${file}${suffix}`), { force: true });
      }
      await remember({});
    },
    close: async () => {
      await parts.release();
      if (parts.throwAway) await rm(path, { recursive: true, force: true });
    },
  };
};

/** Undefined for a folder that is not there, or is empty. @throws StateError when it is not ours */
const readManifest = async (path: string): Promise<z.infer<typeof zManifest> | undefined> => {
  const advice = `Choose another folder, or move this one away (given '${path}')`;
  const names = await readdir(path).catch((error: unknown): string[] => {
    if (codeOf(error) === 'ENOENT') return [];
    if (codeOf(error) === 'ENOTDIR')
      throw new StateError(`the state folder is a file. ${advice}`, { cause: error });
    throw new StateError(`the state folder cannot be read (${codeOf(error)}). ${advice}`, { cause: error });
  });
  if (names.length === 0) return undefined;
  if (!names.includes(MANIFEST)) {
    // A first start may have ended between taking the lock and writing the manifest.
    if (names.every((name) => name.startsWith(LOCK) || name.startsWith(`${MANIFEST}.`))) return undefined;
    throw new StateError(
      `the folder is not empty and Nija did not make it: it has no ${MANIFEST}. ${advice}`,
    );
  }
  const content = await readJson(join(path, MANIFEST)).catch((error: unknown) => {
    throw new StateError(
      `the state folder is damaged: ${MANIFEST} is not JSON. Restore it from a copy. ${advice}`,
      {
        cause: error,
      },
    );
  });
  const format = z.looseObject({ format: z.number() }).safeParse(content);
  if (format.success && format.data.format !== FORMAT) {
    throw new StateError(
      `the state folder was written by another version of Nija: its format is ${format.data.format}, this one reads ${FORMAT}. ${advice}`,
    );
  }
  const parsed = zManifest.safeParse(content);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') || 'the whole';
  throw new StateError(
    `the state folder is damaged: ${MANIFEST} is not valid at ${where}. Restore it from a copy. ${advice}`,
  );
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
