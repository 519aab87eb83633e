import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { runNija } from '../../cli/run.ts';
import type { Answer } from '../../cli/transport/functions.ts';
import { answeringWorld } from './answering-world.ts';

const COMMANDS = [
  ['balances'],
  ['balances', 'u-ann', 'u-ben'],
  ['positions'],
  ['trades'],
  ['copies'],
  ['copies', '--account', 'u-ann'],
  ['exit', 'u-ann'],
  ['halt'],
  ['check', 'u-ann'],
  ['doctor'],
  ['separation'],
  ['report'],
  ['statement', 'u-ann', '2026-11'],
  ['accounts'],
  ['accounts', 'show', 'u-ann'],
  ['accounts', 'set', 'u-ann', '--follows', 'm-apex', '--limit', 'maxOpenPositions=3'],
  ['accounts', 'disable', 'm-apex'],
] as const;

const zDocument = z.union([
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
  z.record(z.string(), z.unknown()),
]);

/** Nothing, a JSON value of any shape, the shape of an answer with odd figures, or a failure. */
const odd = fc.oneof(
  fc.jsonValue().map((value): Answer => ({ ok: true, value })),
  fc
    .record({
      connected: fc.boolean(),
      state: fc.constantFrom('FLAT', 'COMPLETED', 'FAILED', 'PLANNED'),
      accountId: fc.string(),
      cash: fc.string(),
      results: fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
      steps: fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
      accounts: fc.array(fc.jsonValue()),
      page: fc.jsonValue(),
      summary: fc.string({ unit: 'binary' }),
    })
    .map((value): Answer => ({ ok: true, value })),
  fc
    .string({ unit: 'binary' })
    .map((message): Answer => ({ ok: false, failure: { functionName: 'odd', code: 'Odd', message } })),
);

test('whatever functions answer, each command ends as documented, with one JSON document and no defect', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...COMMANDS), odd, async (command, answer) => {
      const { world, seen } = answeringWorld(() => answer);

      const code = await runNija([...command, '--yes', '--json'], world);

      const document = zDocument.parse(JSON.parse(seen.out));
      expect([0, 1]).toContain(code);
      expect(document).not.toMatchObject({ error: { code: 'DEFECT' } });
    }),
    { numRuns: 500 },
  );
});

test('what people see of odd answers has nothing in it that commands a terminal', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...COMMANDS), odd, async (command, answer) => {
      const { world, seen } = answeringWorld(() => answer);

      await runNija([...command, '--yes'], world);

      expect(seen.out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
    { numRuns: 200 },
  );
});

test('a list that names a page as its own next one is given up instead of read for ever', async () => {
  const page = { accounts: 2, covered: 1, next: 'again' };
  const { world, seen } = answeringWorld(() => ({
    ok: true,
    value: { query: 'positions', at: 0, accounts: [], page },
  }));

  const code = await runNija(['positions', '--json'], world);

  expect(code).toBe(1);
  expect(JSON.parse(seen.out)).toMatchObject({ error: { code: 'UNEXPECTED_ANSWER' } });
});

test('accounts that are named are asked although nobody can tell which there are', async () => {
  const { world, seen } = answeringWorld(() => ({
    ok: false,
    failure: { functionName: 'view', code: 'LedgerError', message: 'the ledger cannot be read' },
  }));

  await runNija(['balances', '--json'], world);

  expect(JSON.parse(seen.out)).toMatchObject({
    error: { message: expect.stringContaining('nija balances u-ann') },
  });
});
