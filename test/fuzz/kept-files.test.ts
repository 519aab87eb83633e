import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigurationError, stageConfiguration } from '../../infra/aws/configuration.ts';
import { SecretFile, SecretFileError } from '../../infra/local/aws/secrets/secret-file.ts';
import { startSqs } from '../../infra/local/aws/sqs.ts';
import { VirtualClock } from '../../infra/local/clock/virtual-clock.ts';
import { createKrakenSimulator } from '../../infra/local/kraken/simulator.ts';
import { startSimulatedExchange } from '../../infra/local/simulated-exchange.ts';
import { startOptions, UsageError } from '../../infra/local/start-options.ts';
import { openRows, RowsError } from '../../infra/local/state/rows.ts';
import { openState, StateError } from '../../infra/local/state/state-folder.ts';
import { flatPrices, NOON } from '../local/kraken/exchange.ts';
import { canaryKey, leaksOf, shownOf } from './canary.ts';
import { odd } from './odd-values.ts';
import { runs } from './runs.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nija-fuzz-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A file's content: a good one damaged, or whatever bytes. */
const contentOf = (valid: unknown): fc.Arbitrary<Buffer> =>
  fc.oneof(
    { weight: 6, arbitrary: odd(fc.constant(valid)).map((value) => Buffer.from(JSON.stringify(value))) },
    {
      weight: 1,
      arbitrary: fc.nat(200).map((length) => Buffer.from(JSON.stringify(valid).slice(0, length))),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
  );

const failureOf = async (act: () => unknown): Promise<unknown> => {
  try {
    await act();
    return undefined;
  } catch (error) {
    return error;
  }
};

const expectRefusal = (
  error: unknown,
  kind: typeof StateError | typeof RowsError | typeof SecretFileError,
  names: string,
): void => {
  if (error === undefined) return;
  expect(error, shownOf(error)).toBeInstanceOf(kind);
  const message = error instanceof Error ? error.message : '';
  expect(message).toContain(names);
  expect(message.length).toBeLessThan(1_000);
};

describe('a file of the state folder that is odd', () => {
  test('is refused by name: the manifest', async () => {
    const valid = { format: 1, createdAt: '2026-01-01T00:00:00.000Z', facts: { seed: 1, at: NOON } };
    await fc.assert(
      fc.asyncProperty(contentOf(valid), async (content) => {
        const path = join(folder, 'state');
        await mkdir(path, { recursive: true });
        await writeFile(join(path, 'state.json'), content);

        const error = await failureOf(async () => await (await openState({ path }, NOON)).close());

        expectRefusal(error, StateError, path);
      }),
      runs(120),
    );
  });

  test('is refused by name: the lock', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (content) => {
        const path = join(folder, 'state');
        await rm(path, { recursive: true, force: true });
        await mkdir(path, { recursive: true });
        await writeFile(join(path, 'lock'), content);

        const error = await failureOf(async () => await (await openState({ path }, NOON)).close());

        expectRefusal(error, StateError, path);
      }),
      runs(40),
    );
  });

  test('is refused by name: the books of the simulated exchange', async () => {
    const clock = new VirtualClock(NOON);
    const simulator = createKrakenSimulator({ clock, seed: 1, prices: flatPrices });
    simulator.createAccount({ accountId: 'u-ann', balances: { USD: '10', BTC: '1' } });
    simulator.addKey({ accountId: 'u-ann', ...canaryKey('u-ann') });
    const valid: unknown = JSON.parse(JSON.stringify(simulator.snapshot()));
    const { apiKey, apiSecret } = canaryKey('u-ann');
    await fc.assert(
      fc.asyncProperty(contentOf(valid), async (content) => {
        const path = join(folder, 'exchange.json');
        await writeFile(path, content);

        const error = await failureOf(async () => {
          const exchange = await startSimulatedExchange({ clock, seed: 1, prices: flatPrices }, path);
          await exchange.stop();
        });

        expectRefusal(error, StateError, path);
        expect(leaksOf(error instanceof Error ? error.message : '', [apiKey, apiSecret])).toEqual([]);
      }),
      runs(80),
    );
  });

  test('is refused by name and without a word of it: the secrets', async () => {
    const key = canaryKey('u-ann');
    const version = { id: 'v1', value: JSON.stringify({ accountId: 'u-ann', ...key }), createdAt: NOON };
    const valid = {
      format: 1,
      secrets: [{ name: 'nija/local/user/u-ann', createdAt: NOON, changedAt: NOON, current: version }],
    };
    await fc.assert(
      fc.asyncProperty(contentOf(valid), async (content) => {
        const path = join(folder, 'secrets.json');
        await writeFile(path, content);

        const error = await failureOf(async () => await SecretFile.open(path));

        expectRefusal(error, SecretFileError, path);
        expect(leaksOf(shownOf(error), [key.apiKey, key.apiSecret], 1)).toEqual([]);
      }),
      runs(120),
    );
  });

  test('is refused by name: rows, of whatever bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (content) => {
        const path = join(folder, 'queues.db');
        await writeFile(path, content);

        const error = await failureOf(() => openRows(path).close());

        expectRefusal(error, RowsError, path);
      }),
      runs(40),
    );
  });

  test('is refused by name: queues whose rows are not what was written', async () => {
    const message = { messageId: 'm-1', body: '{}', groupId: 'u-ann', sequence: 1 };
    const kinds = ['queue', 'message:copies.fifo', 'sent:copies.fifo'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...kinds), contentOf(message), async (kind, content) => {
        const path = join(folder, 'queues.db');
        for (const suffix of ['', '-wal', '-shm']) await rm(`${path}${suffix}`, { force: true });
        const rows = openRows(path);
        rows.put('queue', 'copies.fifo', JSON.stringify({ FifoQueue: 'true' }));
        rows.put(kind, kind === 'queue' ? 'copies.fifo' : 'a', content.toString('utf8'));
        rows.close();

        const error = await failureOf(async () => await (await startSqs({ file: path })).stop());

        expectRefusal(error, RowsError, path);
      }),
      runs(40),
    );
  });
});

describe('a command line that is odd', () => {
  const word = fc.oneof(
    fc.constantFrom(
      '--candles',
      '--seed',
      '--users',
      '--json',
      '--serve',
      '--resume',
      '--port',
      '--state',
      '--throw-away',
      '--help',
      '--',
      '-',
      '--seed=1',
      '--users=6',
      '--port=0',
      '--json=1',
      '--__proto__',
      '--constructor=1',
      '6',
      '-1',
      '1e3',
      '٣',
      '',
      '0x10',
      '2147483648',
      'x.csv',
    ),
    fc.string({ maxLength: 8 }),
  );

  test('is understood or refused as what it is', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        try {
          const options = startOptions(argv);
          if (options === 'help') return;
          expect(Number.isInteger(options.seed) && options.seed >= 0).toBe(true);
          expect(Number.isInteger(options.users) && options.users >= 6).toBe(true);
          if (options.port !== undefined) expect(options.port >= 1 && options.port <= 65_535).toBe(true);
        } catch (error) {
          expect(error, shownOf(error)).toBeInstanceOf(UsageError);
        }
      }),
      runs(1_000),
    );
  });
});

describe('the configuration of stages that is odd', () => {
  const valid = {
    dev: {
      masters: [{ accountId: 'm-apex', schedule: 'rate(5 minutes)', paused: true }],
      alarmEmail: 'ops@example.com',
      reservedConcurrency: { exit: 2, balance: 1 },
      copyWorkers: 5,
      checkSchedule: 'rate(15 minutes)',
      logRetentionDays: 90,
      consoleAccounts: ['u-ann'],
      rollout: 'canary',
    },
  };

  test('is understood or refused with what was given', () => {
    const stages = odd(fc.constant(valid));
    const stage = fc.oneof(
      { weight: 5, arbitrary: fc.constant<unknown>('dev') },
      fc.constantFrom<unknown>('__proto__', 'constructor', '', undefined, 7, 'Dev'),
    );
    fc.assert(
      fc.property(stages, stage, (given, name) => {
        try {
          const configuration = stageConfiguration(given, { stage: name });
          expect(configuration.stage).toBe(name);
          for (const { schedule } of configuration.masters) expect(schedule.minutes).toBeGreaterThan(0);
        } catch (error) {
          expect(error, shownOf(error)).toBeInstanceOf(ConfigurationError);
          expect(error instanceof Error ? error.message.length : 0).toBeLessThan(2_000);
        }
      }),
      runs(600),
    );
  });
});
