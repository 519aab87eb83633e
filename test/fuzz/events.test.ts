import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { FUNCTION_NAMES, type FunctionName } from '../../infra/functions/specs.ts';
import { zCheckMessage } from '../../shared/check/check-message.ts';
import { zCopyMessage } from '../../shared/copying/copy-message.ts';
import { shownOf } from './canary.ts';
import type { Effects } from './edge-world.ts';
import { queueRecord, streamRecord, tradeImage, validEvent } from './events.ts';
import { isOwnError, LONGEST_MESSAGE } from './judgement.ts';
import { isTable, odd } from './odd-values.ts';
import { runs } from './runs.ts';
import { settled } from './settled-world.ts';

const RUNS = 100;

/** The accounts that an event names as those it is for, in whatever place. */
const namedIn = (event: unknown): readonly unknown[] => {
  if (Array.isArray(event)) return event.flatMap(namedIn);
  if (!isTable(event)) return [];
  return Object.entries(event).flatMap(([name, value]) => {
    if (name === 'accountId' || name === 'masterId') return [value];
    return name === 'body' && typeof value === 'string' ? namedIn(parsed(value)) : namedIn(value);
  });
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');
const isAccount = (partition: string): boolean => /^[um]-/.test(partition);

/** A published trade is for all who follow its master, operators look at all accounts, and a statement at the master, too. */
const OF_ALL: ReadonlySet<FunctionName> = new Set<FunctionName>([
  'trade-copier',
  'view',
  'dashboard',
  'statement',
]);

const BODIES: Partial<Record<FunctionName, z.ZodType>> = {
  'copy-worker': zCopyMessage,
  'account-check': zCheckMessage,
};

/** What was not a message of the function is named, for Lambda takes what is not named for done. */
const expectNothingLost = (name: FunctionName, records: unknown, failures: readonly unknown[]): void => {
  const schema = BODIES[name];
  const failed = failures.map((failure) => (isTable(failure) ? failure['itemIdentifier'] : undefined));
  const given = Array.isArray(records) ? records.filter(isTable) : [];
  if (schema === undefined) {
    const sequences = given.map(({ dynamodb }) =>
      isTable(dynamodb) ? dynamodb['SequenceNumber'] : undefined,
    );
    expect(sequences).toEqual(expect.arrayContaining(failed));
    return;
  }
  const ids = given.map(({ messageId }) => messageId);
  const unread = given.filter(({ body }) => !schema.safeParse(parsed(String(body))).success);
  expect(ids).toEqual(expect.arrayContaining(failed));
  expect(failed, `${name} lost a message`).toEqual(
    expect.arrayContaining(unread.map(({ messageId }) => messageId)),
  );
};

const judge = (
  name: FunctionName,
  event: unknown,
  { end, keysOf, partitions, crashes, leaks }: Effects,
): void => {
  const named = namedIn(event);
  if ('error' in end) {
    expect(isOwnError(end.error), `${name} threw ${shownOf(end.error)}`).toBe(true);
    expect(messageOf(end.error).length, `${name} told too much`).toBeLessThan(LONGEST_MESSAGE);
    if (end.error instanceof Error && end.error.name === 'InvalidInput')
      expect([keysOf, partitions], `${name} acted on an event that is not valid`).toEqual([[], []]);
  } else if (isTable(end.answer) && isTable(event) && Array.isArray(end.answer['batchItemFailures']))
    expectNothingLost(name, event['Records'], end.answer['batchItemFailures']);
  expect(crashes, `${name} logged a crash`).toEqual([]);
  if (!OF_ALL.has(name)) {
    const others = [...partitions.filter(isAccount), ...keysOf].filter((account) => !named.includes(account));
    expect(others, `${name} touched accounts that the event does not name`).toEqual([]);
  }
  expect(leaks, `${name} shows a secret`).toEqual([]);
};

describe('an event that is odd', () => {
  test.each(FUNCTION_NAMES)('is answered or refused in our own words by %s', async (name) => {
    const world = await settled();

    await fc.assert(
      fc.asyncProperty(odd(validEvent(name)), async (event) => {
        judge(name, event, await world.invoke(name, event));
      }),
      runs(RUNS),
    );
  });
});

describe('an event that is right', () => {
  test.each(FUNCTION_NAMES)('is never refused for its form by %s', async (name) => {
    const world = await settled();

    await fc.assert(
      fc.asyncProperty(validEvent(name), async (event) => {
        const { end } = await world.invoke(name, event);
        expect('error' in end ? messageOf(end.error) : 'answered').not.toContain('the event is not valid');
      }),
      { ...runs(10), numRuns: 10 },
    );
  });
});

describe('an event of a hundred thousand levels', () => {
  const deepText = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const shapes = (deep: unknown): readonly unknown[] => [
    deep,
    { accountId: deep },
    { accountId: 'u-ann', action: 'set-limits', limits: deep, by: 'ops', why: 'odd' },
    {
      accountId: 'm-boss',
      exchange: 'kraken',
      strategy: { name: 'manual', symbols: ['BTC/USD'], config: { deep } },
    },
    { Records: [queueRecord(deepText)] },
    { Records: [streamRecord({ ...tradeImage('t-9', 0), symbol: { L: deep } })] },
    { Records: [streamRecord({ ...tradeImage('t-9', 0), symbol: { M: { deep: { L: [{ L: deep }] } } } })] },
  ];

  test.each(FUNCTION_NAMES)('ends no process of %s', async (name) => {
    const world = await settled();

    for (const event of shapes(JSON.parse(deepText))) {
      const { end, crashes } = await world.invoke(name, event);
      if ('error' in end) expect(isOwnError(end.error), String(end.error)).toBe(true);
      expect(crashes).toEqual([]);
    }
  });
});
