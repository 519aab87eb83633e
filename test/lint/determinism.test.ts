import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';

const PROJECT = resolve(import.meta.dirname, '../..');
const BIN = join(PROJECT, 'node_modules', '.bin');

const CLOCK = 'Take time from a Clock';
const CHANCE = "Take ids from the host's Chance";
const EITHER = 'Take time from a Clock and chance from a Chance';
const GLOBAL = 'Do not use the global variable';
const SDK = 'Only adapters talk to an SDK';

/** What domain code may not write, and what the rule says of it. */
const RAW = [
  ['export const at = Date.now();', EITHER],
  ['export const now = Date.now;', EITHER],
  ['export const at = new Date();', EITHER],
  ['export const at = new Date;', EITHER],
  ['export const at = Date();', EITHER],
  ['export const at = performance.now();', GLOBAL],
  ['export const at = process.hrtime.bigint();', EITHER],
  ["export { performance } from 'node:perf_hooks';", CLOCK],
  ['setTimeout(() => undefined, 1);', GLOBAL],
  ['setInterval(() => undefined, 1);', GLOBAL],
  ['setImmediate(() => undefined);', GLOBAL],
  ['export const later = globalThis.setTimeout;', EITHER],
  ['export const signal = AbortSignal.timeout(1);', EITHER],
  ["export { setTimeout as delay } from 'node:timers/promises';", CLOCK],
  ["import { setTimeout as delay } from 'node:timers/promises';\nexport const wait = delay(1);", CLOCK],
  ["import { setTimeout as after } from 'node:timers';\nafter(() => undefined, 1);", CLOCK],
  ["export const timers = await import('node:timers/promises');", CLOCK],
  ['export const chance = Math.random();', EITHER],
  ['export const id = crypto.randomUUID();', GLOBAL],
  ["import { randomUUID } from 'node:crypto';\nexport const id = randomUUID();", CHANCE],
  ["import { randomBytes } from 'node:crypto';\nexport const bytes = randomBytes(4);", CHANCE],
  ["import { randomInt as any } from 'node:crypto';\nexport const number = any(4);", CHANCE],
  ["import * as all from 'node:crypto';\nexport const id = all.randomUUID();", CHANCE],
  ["import all from 'node:crypto';\nexport const id = all.randomUUID();", CHANCE],
  ["import { createHash } from 'crypto';\nexport const hash = createHash('sha256');", 'Name it node:crypto.'],
] as const;

const SDKS = [
  ["import { SQSClient } from '@aws-sdk/client-sqs';\nexport const client = new SQSClient();", SDK],
  ["import type { SQSClient } from '@aws-sdk/client-sqs';\nexport type Client = SQSClient;", SDK],
  ["import ccxt from 'ccxt';\nexport const exchanges = ccxt.exchanges;", SDK],
  ["import kraken from 'ccxt/js/src/kraken.js';\nexport const exchange = kraken;", SDK],
] as const;

/** One of a use case, one of the domain, and the adapters, which may use their SDK and no more. */
const DOMAIN = ['functions/exit', 'shared/copying'];
const ADAPTERS = [
  'shared/ledger/dynamodb',
  'shared/vault/dynamodb',
  'shared/vault/secrets-manager',
  'shared/copying/sqs',
  'shared/exchange/kraken',
  'shared/telemetry/powertools',
  'shared/aws',
];
const BANNED = [
  ...DOMAIN.flatMap((folder) => [...RAW, ...SDKS].map(([code, said]) => ({ folder, code, said }))),
  ...ADAPTERS.flatMap((folder) => RAW.map(([code, said]) => ({ folder, code, said }))),
].map((one, index) => ({ ...one, file: `${one.folder}/planted-${index}.ts` }));

const ALLOWED = [
  ...[
    "import { createHash } from 'node:crypto';\nexport const hash = createHash('sha256');",
    'export const iso = (at: number): string => new Date(at).toISOString();',
    'export const start = Date.UTC(2026, 0, 1);',
    'export const larger = Math.max(1, 2);',
  ].map((code, index) => ({ file: `shared/copying/right-${index}.ts`, code })),
  ...ADAPTERS.flatMap((folder) =>
    SDKS.map(([code], index) => ({ file: `${folder}/right-${index}.ts`, code })),
  ),
  {
    file: 'shared/time/system-clock.ts',
    code: "import { setTimeout as delay } from 'node:timers/promises';\nexport const clock = { now: () => Date.now(), delay };",
  },
  {
    file: 'functions/lambda-host.ts',
    code: "import { randomUUID } from 'node:crypto';\nexport const id = () => randomUUID();",
  },
  {
    file: 'shared/exchange/kraken/transport.ts',
    code: 'export const timer = setTimeout(() => undefined, 1);',
  },
  { file: 'infra/local/anything.ts', code: 'export const at = Date.now() + Math.random();' },
];

/** A project with our rules and nothing in it but what is planted. */
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'nija-lint-'));
  for (const name of ['biome.json', 'lint', '.gitignore', '.dependency-cruiser.cjs', 'tsconfig.json'])
    await cp(join(PROJECT, name), join(scratch, name), { recursive: true });
  await symlink(join(PROJECT, 'node_modules'), join(scratch, 'node_modules'));
  for (const { file, code } of [...BANNED, ...ALLOWED]) {
    await mkdir(dirname(join(scratch, file)), { recursive: true });
    await writeFile(join(scratch, file), `${code}\n`);
  }
});
afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

/** What a program prints, also where it exits with an error, as it does when it finds something. */
const printed = async (program: string, ...options: readonly string[]): Promise<string> => {
  const settings = { cwd: scratch, maxBuffer: 64 * 1024 ** 2 };
  const run = promisify(execFile)(join(BIN, program), [...options], settings);
  return await run.then(
    ({ stdout }) => stdout,
    (error: { readonly stdout?: string }) => error.stdout ?? String(error),
  );
};

/** By file what the linter says of it. */
const lint = async (): Promise<ReadonlyMap<string, string>> => {
  const options = ['lint', '--max-diagnostics=none', '--reporter=github', 'shared', 'functions', 'infra'];
  const found = new Map<string, string>();
  for (const line of (await printed('biome', ...options)).split('\n')) {
    const [, file, said] = /^::error .*?file=([^,]+),.*?::(.*)$/.exec(line) ?? [];
    if (file !== undefined && said !== undefined) found.set(file, `${found.get(file) ?? ''}${said}\n`);
  }
  return found;
};

describe('raw time, waiting, chance and SDKs', () => {
  let found: ReadonlyMap<string, string>;
  beforeAll(async () => {
    found = await lint();
  });

  it.each(BANNED)('are not let into $file: $code', ({ file, said }) => {
    expect(found.get(file)).toContain(said);
  });

  it.each(ALLOWED)('are let into $file: $code', ({ file }) => {
    expect(found.get(file)).toBeUndefined();
  });
});

const zCruise = z.object({
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

describe('an SDK that is loaded', () => {
  it('is found outside of the adapters by the layers, too, however it is imported', async () => {
    const lazy = 'functions/exit/lazy.ts';
    await writeFile(join(scratch, lazy), "export const ccxt = await import('ccxt');\n");

    const report = await printed('depcruise', '--output-type', 'json', 'shared', 'functions');

    const violations = zCruise.parse(JSON.parse(report)).summary.violations;
    const caughtBy = (rule: string) =>
      violations.filter((one) => one.rule.name === rule).map(({ from }) => from);
    const loading = BANNED.filter(({ code, said }) => said === SDK && !code.startsWith('import type'));
    // The exports of ccxt name no file of one exchange, so that an import of one does not even resolve.
    const deep = loading.filter(({ code }) => code.includes('ccxt/js/')).map(({ file }) => file);
    const plain = loading.map(({ file }) => file).filter((file) => !deep.includes(file));
    expect(caughtBy('sdk-only-in-adapters')).toEqual(expect.arrayContaining([...plain, lazy]));
    expect(caughtBy('resolvable')).toEqual(expect.arrayContaining(deep));
    expect(caughtBy('sdk-only-in-adapters').filter((file) => file.startsWith('shared/ledger/'))).toEqual([]);
  });
});
