import { existsSync, statfsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { type GuardedProcess, startGuarded } from './guarded-process.ts';

export interface LocalDynamoDb {
  readonly endpoint: string;
  /** Changes whenever something was written; undefined where that cannot be told. */
  writeStamp(): string | undefined;
  /** Also removes the file of a throw-away database. */
  stop(): Promise<void>;
}

export interface DynamoDbOptions {
  /** Where the data is kept; without it a throw-away file, gone after `stop` or the end of this process. */
  readonly file?: string;
  /** Without it a free one. */
  readonly port?: number;
  /** Consulted for AWS_ENDPOINT_URL_DYNAMODB where this platform has no engine. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The database could not be started: the message says why and what to do. */
export class LocalDynamoDbError extends Error {
  override readonly name = 'LocalDynamoDbError';
}

const START_TIMEOUT_MS = 10_000;
const PORT_ATTEMPTS = 5;

/**
 * An embedded DynamoDB with streams on 127.0.0.1, which ends with this process whatever ends it.
 *
 * @throws LocalDynamoDbError when the port is taken, the file is no database, or there is no engine
 */
export const startDynamoDb = async (options: DynamoDbOptions = {}): Promise<LocalDynamoDb> => {
  const engine = enginePath();
  if (engine === undefined) return externalDynamoDb(options.env ?? process.env);

  const throwAway =
    options.file === undefined ? await mkdtemp(join(scratchRoot(), 'nija-ledger-')) : undefined;
  const file = options.file ?? join(throwAway ?? '', 'ledger.db');
  await mkdir(dirname(file), { recursive: true });

  const cleanUp = async () => {
    if (throwAway) await rm(throwAway, { recursive: true, force: true });
  };
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const child = startGuarded({
      command: engine,
      args: ['--host', '127.0.0.1', '--port', String(port), '--db-path', file],
      ...(throwAway && { removeAfterwards: throwAway }),
    });
    try {
      const endpoint = `http://127.0.0.1:${port}`;
      await untilListening(child, file, port);
      indexStreamRecords(file);
      return {
        endpoint,
        writeStamp: () => writeStamp(file),
        stop: async () => {
          await child.stop();
          await cleanUp();
        },
      };
    } catch (error) {
      await child.stop();
      const retry = error instanceof PortTaken && options.port === undefined && attempt < PORT_ATTEMPTS;
      if (retry) continue;
      await cleanUp();
      throw error;
    }
  }
};

class PortTaken extends LocalDynamoDbError {}

const untilListening = async (child: GuardedProcess, file: string, port: number): Promise<void> => {
  const started = await child.printed(/listening on/i, START_TIMEOUT_MS);
  if (started.matched) return;
  if (/already in use|address in use/i.test(started.output)) {
    throw new PortTaken(
      `the local DynamoDB cannot start: port ${port} of 127.0.0.1 is taken. Stop what uses it, or choose another port (given ${port})`,
    );
  }
  if (/not a valid SQLite database|malformed|not a database/i.test(started.output)) {
    throw new LocalDynamoDbError(
      `the ledger file is not a database, or is damaged. Restore it from a copy, or move it away to start with an empty ledger (given '${file}')`,
    );
  }
  throw new LocalDynamoDbError(
    `the local DynamoDB did not start on port ${port} with the file '${file}'. It said: ${started.output.trim().slice(0, 500) || 'nothing'}`,
  );
};

/** Without this index each write scans all stream records of its table. */
const indexStreamRecords = (file: string): void => {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA busy_timeout = 5000');
    database.exec(
      'CREATE INDEX IF NOT EXISTS ix_sr_seq ON _stream_records(table_name, CAST(sequence_number AS INTEGER))',
    );
  } catch (error) {
    throw new LocalDynamoDbError(
      `the ledger file could not be prepared for streams. Move it away to start with an empty ledger (given '${file}')`,
      { cause: error },
    );
  } finally {
    database.close();
  }
};

const writeStamp = (file: string): string | undefined => {
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
  return log && `${log.mtimeMs} ${log.size}`;
};

const enginePath = (): string | undefined => {
  const name = `@dynoxide/${process.platform}-${process.arch}`;
  try {
    const manifest = fileURLToPath(import.meta.resolve(`${name}/package.json`));
    const binary = join(dirname(manifest), 'dynoxide');
    return existsSync(binary) ? binary : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
};

const externalDynamoDb = (env: Readonly<Record<string, string | undefined>>): LocalDynamoDb => {
  const endpoint = env['AWS_ENDPOINT_URL_DYNAMODB'];
  if (endpoint) return { endpoint, writeStamp: () => undefined, stop: async () => {} };
  throw new LocalDynamoDbError(
    `there is no embedded DynamoDB for this platform. Start one (for example DynamoDB Local) and name it in AWS_ENDPOINT_URL_DYNAMODB, e.g. http://127.0.0.1:8000 (given platform '${process.platform}-${process.arch}')`,
  );
};

const MEMORY_FOLDER = '/dev/shm';
const ROOMY_BYTES = 1024 ** 3;

/** Memory where there is plenty (containers often have little): a throw-away ledger need not outlive the machine. */
const scratchRoot = (): string => {
  if (!existsSync(MEMORY_FOLDER)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY_FOLDER);
  return bavail * bsize >= ROOMY_BYTES ? MEMORY_FOLDER : tmpdir();
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new LocalDynamoDbError('the system named no free port on 127.0.0.1'));
      });
    });
  });
