import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  get,
  outcomeOf,
  put,
  putIn,
  query,
  remove,
  type StreamedWrite,
  TABLE,
  TABLES,
  type TableUnderTest,
  transact,
  update,
  words,
} from './two-tables.ts';

/** One call: `run` names its partition, which no other run has. */
type Step = (run: string) => Sendable;
type Sendable =
  | ReturnType<typeof get>
  | ReturnType<typeof put>
  | ReturnType<typeof update>
  | ReturnType<typeof remove>
  | ReturnType<typeof query>
  | ReturnType<typeof transact>;

const sk = fc.constantFrom('A', 'B', 'C#1', 'C#2');
const version = fc.integer({ min: 0, max: 2 });
const condition = fc.constantFrom(
  undefined,
  { text: 'attribute_not_exists(#pk)', values: undefined },
  { text: 'attribute_exists(#pk)', values: undefined },
  { text: '#version = :v', values: { ':v': 1 } },
  { text: 'attribute_not_exists(#version) OR #version < :v', values: { ':v': 2 } },
  { text: 'NOT (#map.#deep > :v AND #map.#deep <= :w)', values: { ':v': 0, ':w': 1 } },
);
const item = fc.record(
  {
    version,
    map: fc.record({ deep: version, text: fc.constantFrom('', 'x') }),
    list: fc.array(fc.constantFrom<null | boolean | string | number>(null, true, 'x', 1.5), { maxLength: 2 }),
    gsi1sk: fc.constantFrom('k', 'l'),
    lsi1sk: fc.constantFrom('x', 'y', 'z'),
  },
  { requiredKeys: [] },
);
const change = fc.constantFrom(
  { text: 'SET #version = :n', values: { ':n': 1 } },
  { text: 'SET #map.#deep = :n', values: { ':n': 2 } },
  { text: 'SET #lsi1sk = :n REMOVE #map', values: { ':n': 'w' } },
  { text: 'REMOVE #gsi1sk, #lsi1sk, #list', values: undefined },
  { text: 'ADD #version :n', values: { ':n': 1 } },
  { text: 'SET #version = :n, #copy = #version ADD #count :n', values: { ':n': -1 } },
);

const conditional = (
  chosen: { readonly text: string; readonly values: object | undefined } | undefined,
  other: { readonly text: string; readonly values: object | undefined } = { text: '', values: undefined },
) => {
  const values = { ...other.values, ...chosen?.values };
  const text = `${other.text} ${chosen?.text ?? ''}`;
  return {
    ...(chosen === undefined ? {} : { ConditionExpression: chosen.text }),
    ...words(text, Object.keys(values).length === 0 ? undefined : values),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
};

const putting = fc
  .record({ sk, item, condition })
  .map(
    (given) => (run: string) =>
      put(
        { pk: run, sk: given.sk, gsi1pk: run, ...given.item },
        { ...conditional(given.condition), ReturnValues: 'ALL_OLD' },
      ),
  );
const updating = fc.record({ sk, change, condition }).map(
  (given) => (run: string) =>
    update(run, given.sk, given.change.text, {
      ...conditional(given.condition, given.change),
      ReturnValues: 'ALL_NEW',
    }),
);
const removing = fc
  .record({ sk, condition })
  .map(
    (given) => (run: string) =>
      remove(run, given.sk, { ...conditional(given.condition), ReturnValues: 'ALL_OLD' }),
  );
const reading = sk.map((name) => (run: string) => get(run, name));
const transacting = fc
  .uniqueArray(
    fc.record({ sk, item, change, condition, kind: fc.constantFrom('put', 'update', 'delete', 'check') }),
    {
      minLength: 1,
      maxLength: 4,
      selector: (one) => one.sk,
    },
  )
  .map(
    (writes) => (run: string) =>
      transact(
        writes.map(({ kind, ...given }) => {
          const Key = { pk: run, sk: given.sk };
          const common = { TableName: TABLE, Key, ...conditional(given.condition) };
          if (kind === 'put')
            return putIn({ ...Key, gsi1pk: run, ...given.item }, conditional(given.condition));
          if (kind === 'delete') return { Delete: common };
          if (kind === 'update') {
            const { change: chosen } = given;
            return {
              Update: { ...common, ...conditional(given.condition, chosen), UpdateExpression: chosen.text },
            };
          }
          const checked = given.condition ?? { text: 'attribute_exists(#pk)', values: undefined };
          return {
            ConditionCheck: { ...common, ...conditional(checked), ConditionExpression: checked.text },
          };
        }),
      ),
  );
const asking = fc
  .record({
    index: fc.constantFrom(undefined, 'gsi1', 'lsi1'),
    range: fc.constantFrom('', ' AND #sort > :s', ' AND #sort <= :s', ' AND begins_with(#sort, :s)'),
    sort: fc.constantFrom('B', 'C', 'k', 'x'),
    forward: fc.boolean(),
    limit: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  })
  .map(({ index, range, sort, forward, limit }) => (run: string) => {
    const sortKey = { gsi1: 'gsi1sk', lsi1: 'lsi1sk', table: 'sk' }[index ?? 'table'];
    const text = `#${index === 'gsi1' ? 'gsi1pk' : 'pk'} = :pk${range.replace('#sort', `#${sortKey}`)}`;
    return query({
      KeyConditionExpression: text,
      ...words(text, { ':pk': run, ...(range === '' ? {} : { ':s': sort }) }),
      ScanIndexForward: forward,
      ...(index === undefined ? {} : { IndexName: index }),
      ...(limit === undefined ? {} : { Limit: limit }),
    });
  });

const history: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: putting },
    { weight: 3, arbitrary: updating },
    { weight: 1, arbitrary: removing },
    { weight: 1, arbitrary: reading },
    { weight: 3, arbitrary: transacting },
    { weight: 2, arbitrary: asking },
  ),
  { minLength: 1, maxLength: 12 },
);

/** AWS leaves no record of a write that changes nothing; the embedded table does. */
const changing = ({ NewImage, OldImage }: StreamedWrite): boolean => !isDeepStrictEqual(NewImage, OldImage);

describe('the memory table and the embedded one', () => {
  let tables: readonly TableUnderTest[] = [];
  beforeAll(async () => {
    tables = await Promise.all(TABLES.map(({ open }) => open()));
  });
  afterAll(() => Promise.all(tables.map((table) => table.stop())));

  it('give the same answers to the same calls, and end with the same items and the same stream', async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        runs += 1;
        const run = `run-${String(runs).padStart(5, '0')}`;
        const everything = query({
          KeyConditionExpression: 'pk = :v',
          ExpressionAttributeValues: { ':v': run },
        });
        const told = await Promise.all(
          tables.map(async ({ client }) => {
            const outcomes: Record<string, unknown>[] = [];
            for (const step of [...steps, () => everything])
              outcomes.push(withoutMessages(await outcomeOf(client.send(step(run) as typeof everything))));
            return outcomes;
          }),
        );

        expect(told[0]).toEqual(told[1]);
      }),
      { numRuns: 300 },
    );

    const [ours = [], theirs = []] = await Promise.all(tables.map((table) => table.streamed()));
    expect(ours.length).toBeGreaterThan(runs);
    expect(ours).toEqual(theirs.filter(changing));
  });
});

/** How an engine words a reason is its own affair. */
const withoutMessages = (outcome: Record<string, unknown>): Record<string, unknown> => {
  const { CancellationReasons: reasons } = outcome;
  if (!Array.isArray(reasons)) return outcome;
  return { ...outcome, CancellationReasons: reasons.map(({ Message: _, ...reason }) => reason) };
};
