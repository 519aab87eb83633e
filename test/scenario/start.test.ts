import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Finished, start, startUntil } from './start.ts';

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);
/** The report's contract with programs that read it. */
const zReport = z.object({
  ok: z.literal(true),
  guarantees: z.record(z.string(), z.literal(true)),
  accounts: z.array(
    z.object({
      id: z.string(),
      role: z.enum(['master', 'user']),
      exchange: z.literal('kraken'),
      status: z.string(),
      cash: decimal,
      held: decimal,
      equity: decimal,
      currency: z.string(),
      keyFingerprint: z.string().regex(/^[0-9a-f]{16}$/),
    }),
  ),
  trades: z.array(
    z.object({
      id: z.string(),
      account: z.string(),
      symbol: z.string(),
      side: z.enum(['BUY', 'SELL']),
      quantity: decimal,
      price: decimal,
      at: z.iso.datetime(),
    }),
  ),
  copies: z.array(
    z.object({
      account: z.string(),
      trade: z.string(),
      state: z.enum(['FILLED', 'SKIPPED', 'FAILED']),
      reason: z.string().nullable(),
      quantity: decimal.nullable(),
      price: decimal.nullable(),
      latencyMs: z.number().nullable(),
      slippageBps: decimal.nullable(),
    }),
  ),
  exits: z.array(
    z.object({
      account: z.string(),
      symbol: z.string(),
      state: z.string(),
      quantity: decimal,
      proceeds: decimal,
    }),
  ),
  checks: z.object({
    rounds: z.number(),
    roundsInOutage: z.number(),
    checks: z.number(),
    medianMs: z.number(),
    maxMs: z.number(),
    hanging: z.object({ account: z.string(), ms: z.number(), endedMeanwhile: z.number() }),
    sales: z.array(
      z.object({
        account: z.string(),
        symbol: z.string(),
        cause: z.enum(['protection', 'owed']),
        quantity: decimal,
        price: decimal,
        at: z.iso.datetime(),
      }),
    ),
    drifts: z.array(
      z.object({
        account: z.string(),
        symbols: z.array(z.string()),
        managed: decimal,
        held: decimal,
        missing: decimal,
      }),
    ),
  }),
  outage: z.object({
    masterReachable: z.literal(false),
    balancesRead: z.number(),
    balancesFailed: z.literal(0),
  }),
  timings: z.looseObject({ candles: z.number(), totalMs: z.number() }),
});

describe('npm start', () => {
  let folder: string;
  let run: Finished;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nija-start-'));
    run = await start(['--json', '--state', join(folder, 'state')]);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('ends with exit code 0 and one JSON object in which every guarantee held', () => {
    expect(run.stderr).not.toContain('nija:');
    expect(run.stdout.trim().split('\n')).toHaveLength(1);
    const report = zReport.parse(JSON.parse(run.stdout));
    expect(run.code).toBe(0);
    expect(Object.keys(report.guarantees).length).toBeGreaterThanOrEqual(10);
  });

  it('trades through 600 candles and copies at least three trades of each side', () => {
    const report = zReport.parse(JSON.parse(run.stdout));
    const copied = (side: 'BUY' | 'SELL') =>
      report.trades.filter(
        (trade) =>
          trade.side === side &&
          report.copies.some(({ state, trade: id }) => state === 'FILLED' && id === trade.id),
      ).length;
    expect(report.timings.candles).toBeGreaterThanOrEqual(600);
    expect(copied('BUY')).toBeGreaterThanOrEqual(3);
    expect(copied('SELL')).toBeGreaterThanOrEqual(3);
  });

  it('shows every follower standalone or held back, each balance read, and the leaver flat', () => {
    const report = zReport.parse(JSON.parse(run.stdout));
    const users = report.accounts.filter(({ role }) => role === 'user');
    expect(users.map(({ status }) => status)).toEqual([
      'standalone',
      'standalone',
      'standalone',
      'exit-only',
      'exit-only',
      'standalone',
    ]);
    expect(report.outage.balancesRead).toBe(users.length);
    expect(report.exits.length).toBeGreaterThan(0);
    expect(report.exits.every(({ state }) => state === 'SOLD' || state === 'DUST')).toBe(true);
  });

  it('shows what checks sold, what they found missing, and that none waited for one that hung', () => {
    const { checks, accounts } = zReport.parse(JSON.parse(run.stdout));
    const users = accounts.filter(({ role }) => role === 'user');
    expect(checks.sales.map(({ account, cause }) => [account, cause])).toEqual(
      expect.arrayContaining([
        ['u-cho', 'protection'],
        ['u-fay', 'owed'],
      ]),
    );
    expect(checks.drifts.map(({ account }) => account)).toEqual(['u-fay']);
    expect(checks.hanging).toMatchObject({ account: 'u-ann', endedMeanwhile: users.length - 1 });
    expect(checks.checks).toBeGreaterThanOrEqual(checks.rounds * users.length);
    expect(checks.roundsInOutage).toBeGreaterThanOrEqual(3);
  });

  it('gives every trade × follower an outcome with its reason', () => {
    const report = zReport.parse(JSON.parse(run.stdout));
    const users = report.accounts.filter(({ role }) => role === 'user');
    expect(report.copies).toHaveLength(report.trades.length * users.length);
    expect(report.copies.filter(({ state, reason }) => state !== 'FILLED' && reason === null)).toEqual([]);
  });

  it('goes on from the kept state and answers calls of functions over HTTP until it is interrupted', async () => {
    const answers: unknown[] = [];
    const resumed = await startUntil(
      ['--resume', '--state', join(folder, 'state')],
      /functions\/balance/,
      async (stderr) => {
        const url = /curl -s (\S+)/.exec(stderr)?.[1] ?? '';
        for (const body of ['{"accountId":"u-ben"}', '{"accountId":"u-nobody"}', '{"accountId":7}']) {
          answers.push(await (await fetch(url, { method: 'POST', body })).json());
        }
        const exit = { accountId: 'u-ben', requestId: 'after-resume' };
        answers.push(
          await (
            await fetch(url.replace('balance', 'exit'), { method: 'POST', body: JSON.stringify(exit) })
          ).json(),
        );
      },
    );
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toContain('all buying is halted until you resume it');
    expect(resumed.stderr).toContain(`go on with: npm start -- --resume --state ${join(folder, 'state')}`);
    expect(answers).toMatchObject([
      { accountId: 'u-ben', connected: true, status: 'standalone' },
      { errorType: 'UnknownAccount' },
      { errorType: 'InvalidInput' },
      { accountId: 'u-ben', state: 'FLAT' },
    ]);
  });
});

describe('npm start, asked wrongly', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nija-wrong-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const said = ({ code, stderr, stdout }: Finished) => {
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/^\s+at /m);
    return { code, first: stderr.split('\n').find((line) => line.startsWith('nija:')) ?? stderr };
  };

  it.each([
    [['--seed', 'abc'], '--seed takes a whole number'],
    [['--users', '3'], '--users takes a whole number from 6'],
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['--resume', '--throw-away'], '--throw-away keeps nothing'],
    [['--port', '4600'], 'add --serve for a new run, which empties the state, or --resume'],
    [['--resume', '--seed', '2'], "leave --seed out (given '2')"],
    [['--resume', '--users', '8'], "leave --users out (given '8')"],
    [['--notify', 'http://example.com/'], "http on this machine (given 'http://example.com/')"],
    [['--seed', '-1'], "use '--seed=-XYZ'. All options"],
  ])('names what is wrong with the options %j', async (args, sentence) => {
    const { code, first } = said(await start(args));
    expect(first).toContain(sentence);
    expect(first).not.toContain('..');
    expect(code).toBe(2);
  });

  it('names the line of a broken candle file', async () => {
    const file = join(folder, 'BTCUSD-5m.csv');
    await writeFile(
      file,
      'timestamp,open,high,low,close,volume\n1546300800000,1,2,0.5,1,3\n1546301100000,1,2,oops,1,3\n',
    );
    const { code, first } = said(await start(['--throw-away', '--candles', file]));
    expect(first).toContain('line 3');
    expect(code).toBe(1);
  });

  it('names a candle file that is not there', async () => {
    const { code, first } = said(await start(['--throw-away', '--candles', join(folder, 'ETHUSD.csv')]));
    expect(first).toContain('ETHUSD.csv');
    expect(code).toBe(1);
  });

  it('says which port is taken before it runs anything', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const address = squatter.address();
    const port = typeof address === 'object' ? String(address?.port) : '';

    const { code, first } = said(await start(['--throw-away', '--serve', '--port', port]));

    squatter.close();
    expect(first).toContain(`port ${port} is taken`);
    expect(code).toBe(1);
  });

  it('says that a candle file is too short, and keeps the state of the last run', async () => {
    const file = join(folder, 'LTCUSD-5m.csv');
    await writeFile(
      file,
      'timestamp,open,high,low,close,volume\n1546300800000,1,2,0.5,1,3\n1546301100000,1,2,0.5,1,3\n',
    );
    const state = join(folder, 'kept');
    await mkdir(state);
    const facts = { format: 1, createdAt: '2026-01-01T00:00:00.000Z', facts: { seed: 7, at: 1 } };
    await writeFile(join(state, 'state.json'), JSON.stringify(facts));
    await writeFile(join(state, 'exchange.json'), '{"books":"of the last run"}');

    const { code, first } = said(await start(['--state', state, '--candles', file]));

    expect(first).toContain('too short');
    expect(code).toBe(1);
    expect(await readFile(join(state, 'exchange.json'), 'utf8')).toContain('of the last run');
  });

  it('says what is damaged in a state folder that is to be resumed', async () => {
    const state = join(folder, 'damaged');
    await mkdir(state);
    const facts = { format: 1, createdAt: '2026-01-01T00:00:00.000Z', facts: { seed: 7, at: 1767571200000 } };
    await writeFile(join(state, 'state.json'), JSON.stringify(facts));
    await writeFile(join(state, 'exchange.json'), '{"books":');

    const { code, first } = said(await start(['--resume', '--state', state]));

    expect(first).toContain('books are damaged');
    expect(code).toBe(1);
  });

  it('stops cleanly in the middle of a run', async () => {
    const stopped = await startUntil(['--throw-away'], /50 candles/, async () => undefined);
    expect(stopped.code).toBe(130);
    expect(stopped.stdout).toBe('');
    expect(stopped.stderr).not.toMatch(/^\s+at /m);
  });

  it('leaves a folder alone that it did not make', async () => {
    const foreign = join(folder, 'foreign');
    await rm(foreign, { recursive: true, force: true });
    await mkdir(foreign);
    await writeFile(join(foreign, 'letter.txt'), 'mine');
    const { code, first } = said(await start(['--state', foreign]));
    expect(first).toContain('Nija did not make it');
    expect(code).toBe(1);
    expect(await readdir(foreign)).toEqual(['letter.txt']);
  });

  it('says that there is nothing to resume', async () => {
    const { code, first } = said(await start(['--resume', '--state', join(folder, 'empty')]));
    expect(first).toContain('no finished run to go on from');
    expect(code).toBe(1);
  });
});
